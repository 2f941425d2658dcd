#!/usr/bin/env bash
# Installs what is missing, builds, and runs the tests; then those that sanitizers can say more about, with them.
#
#   tests/run.sh [--quick] [--long] [ctest options]
#
#   --quick  without the sanitizers
#   --long   with the tests that take minutes
#   others   go to ctest, for example: -R cholesky, or -L consumer
#
# Any later run builds and checks only what changed. The last line is the sum: N passed, N failed.
set -euo pipefail
cd "$(dirname "$0")/.."
. cmake/bootstrap.sh

sanitizers=true
long=false
ctest_options=()
for option in "$@"; do
  case $option in
    --quick) sanitizers=false ;;
    --long) long=true ;;
    -h | --help) sed -n '2,/^set/s/^# \{0,1\}//p' "$0" && exit ;;
    *) ctest_options+=("$option") ;;
  esac
done
if [ ${#ctest_options[@]} -gt 0 ]; then ctest_options+=(--no-tests=ignore); fi

install_missing cmake g++ ninja-build catch2 libeigen3-dev libfmt-dev nlohmann-json3-dev libcli11-dev
install_missing libboost1.81-dev libssl-dev libcbor-dev python3-cbor2 || echo "Without these, the cluster is not tested." >&2
install_missing iproute2 libfaketime || echo "Without these, two kinds of the cluster's faults are not tested." >&2

passed=0 failed=0 skipped=0

# build PRESET [option]...: a failed build counts as a failed test; what could be built is tested all the same.
build() {
  local preset=$1
  shift
  echo "== $preset: build"
  if ! { cmake --preset "$preset" >build/"$preset".configure.log 2>&1 || { cat build/"$preset".configure.log && false; }; } ||
    ! cmake --build --preset "$preset" "$@" -- -k 0; then
    failed=$((failed + 1))
  fi
}

# run_tests PRESET [option]...: runs ctest and adds up what it counted.
run_tests() {
  local preset=$1 results=$PWD/build/$1.results.xml
  shift
  echo "== $preset: test"
  rm -f "$results"
  ctest --preset "$preset" --parallel "$(nproc)" --progress --output-junit "$results" "$@" ${ctest_options[@]+"${ctest_options[@]}"} ||
    true
  if [ ! -e "$results" ]; then
    failed=$((failed + 1))
    return
  fi
  local all bad left_out
  all=$(count tests "$results") bad=$(count failures "$results") left_out=$(count skipped "$results")
  passed=$((passed + all - bad - left_out)) failed=$((failed + bad)) skipped=$((skipped + left_out))
}

# count ATTRIBUTE FILE: a number of the test suite.
count() { sed -n "s/.*\\b$1=\"\\([0-9]*\\)\".*/\\1/p" "$2" | head -n 1; }

mkdir -p build
build dev
run_tests dev
if $long; then run_tests long; fi
if $sanitizers; then
  build asan
  run_tests asan
  build tsan --target concurrent_tests
  run_tests tsan
fi

summary="$passed passed, $failed failed"
if [ "$skipped" -gt 0 ]; then summary+=", $skipped skipped"; fi
echo "$summary"
[ "$failed" -eq 0 ]
