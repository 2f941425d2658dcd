#!/usr/bin/env bash
# How much longer does a program that runs a search compile than one that uses Eigen and fmt alone?
#
#   benchmarks/compile_time.sh [runs]
#
# CPU time of the compiler (CXX, by default g++), median of the runs, which alternate between the two programs.
set -euo pipefail
cd "$(dirname "$0")/.."

runs=${1:-5}
compiler=${CXX:-g++}
eigen=${EIGEN_INCLUDE:-/usr/include/eigen3}
object=$(mktemp)
trap 'rm -f "$object"' EXIT

# seconds OPTIMISATION FILE: what one compilation takes.
seconds() {
  local TIMEFORMAT='%U %S'
  { time "$compiler" -std=c++20 "$1" -I include -isystem "$eigen" -c "$2" -o "$object"; } 2>&1 |
    awk '{ printf "%.3f\n", $1 + $2 }'
}

median() { sort -n | awk '{ value[NR] = $1 } END { print (value[int((NR + 1) / 2)] + value[int((NR + 2) / 2)]) / 2 }'; }

printf '%s, median of %s runs\n\n' "$("$compiler" --version | head -n 1)" "$runs"
printf '%-6s %16s %18s %8s\n' '' 'search, seconds' 'baseline, seconds' 'ratio'
for level in -O0 -O2; do
  search=() baseline=()
  for ((run = 0; run < runs; ++run)); do
    search+=("$(seconds "$level" tests/consumer/project/main.cpp)")
    baseline+=("$(seconds "$level" benchmarks/compile_time/baseline.cpp)")
  done
  a=$(printf '%s\n' "${search[@]}" | median)
  b=$(printf '%s\n' "${baseline[@]}" | median)
  awk -v level="$level" -v a="$a" -v b="$b" 'BEGIN { printf "%-6s %16.2f %18.2f %8.2f\n", level, a, b, a / b }'
done
