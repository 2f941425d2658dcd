#!/usr/bin/env bash
# Builds one of the benchmarks beside this script with full optimisation and runs it.
#
#   benchmarks/run.sh NAME [its options]       for example: benchmarks/run.sh idle
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/cmake/bootstrap.sh"

name=${1:?which benchmark? One of: $(cd "$root/benchmarks" && printf '%s ' *.cpp | sed 's/\.cpp//g')}
shift
install_missing cmake g++ ninja-build libeigen3-dev libfmt-dev
(cd "$root" && cmake --preset benchmarks >/dev/null && cmake --build --preset benchmarks --target "benchmark_$name" >&2)
exec "$root/build/benchmarks/benchmarks/$name" "$@"
