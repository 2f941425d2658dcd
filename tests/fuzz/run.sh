#!/usr/bin/env bash
# Fuzzes for a while what reads from the network. Inputs that led somewhere new are kept and serve the next run.
#
#   tests/fuzz/run.sh [SECONDS] [NAME...]      by default 3600 s each of frames, head and worker, all at once
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
. "$root/cmake/bootstrap.sh"
install_missing cmake g++ clang ninja-build catch2 libeigen3-dev libfmt-dev libboost1.81-dev libcbor-dev libssl-dev

seconds=${1:-3600}
shift || true
names=("$@")
if [ ${#names[@]} -eq 0 ]; then names=(frames head worker); fi

(cd "$root" && cmake --preset dev >/dev/null && cmake --build --preset dev --target fuzzers)
programs=$root/build/dev/tests/fuzz
kept=$root/build/fuzz
"$programs/make_corpus" "$programs/corpus"

declare -A running
for name in "${names[@]}"; do
  mkdir -p "$kept/$name"
  (cd "$kept" && exec "$programs/$name" -max_total_time="$seconds" -max_len=4096 -timeout=10 -print_final_stats=1 \
    -artifact_prefix="$kept/$name-" "$kept/$name" "$programs/corpus/$name") >"$kept/$name.log" 2>&1 &
  running[$name]=$!
done

failed=0
for name in "${names[@]}"; do
  if wait "${running[$name]}"; then
    echo "$name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$kept/$name.log") runs, nothing found"
  else
    echo "$name: FAILED, see $kept/$name.log; the input is $kept/$name-*"
    failed=1
  fi
done
exit $failed
