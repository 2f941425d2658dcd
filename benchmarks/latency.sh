#!/usr/bin/env bash
# What does it cost to decide, by sampler and by trials told before, and beside the Python peers?
#
#   benchmarks/latency.sh [PEER...]     peers (benchmarks/quality) are installed first; by default those already there
#
# Then the same for three points asked for at once, as the notebook does.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
here=$root/benchmarks/quality
made=${HPOSEARCH_QUALITY:-$root/build/quality}
# shellcheck source=cmake/bootstrap.sh
. "$root/cmake/bootstrap.sh"
# shellcheck source=benchmarks/quality/environment.sh
. "$here/environment.sh"

if [ $# -gt 0 ]; then make_environment "$@"; fi
python=$made/venv/bin/python
results=$(mktemp)
trap 'rm -f "$results"' EXIT

"$root/benchmarks/run.sh" latency --csv "$results"
if [ ! -x "$python" ]; then
  echo "No peers are installed: benchmarks/latency.sh optuna-tpe optuna-gp skopt"
  exit
fi
echo
"$python" "$here/latency.py" --ours "$results" ${1:+--peers "$@"}
echo
"$root/benchmarks/run.sh" latency --ask 3 --sizes 10,50,100,200 --samplers default,tpe --csv "$results" >/dev/null
"$python" "$here/latency.py" --ours "$results" --ask 3 --sizes 10 50 100 200 ${1:+--peers "$@"}
