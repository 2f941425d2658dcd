#!/usr/bin/env bash
# How good are the library's suggestions, beside its peers'? Makes what is missing under build/quality and runs.
#
#   benchmarks/quality/run.sh quick                 core problems, some minutes, beside the recorded peers
#   benchmarks/quality/run.sh full                  every problem, hours
#   benchmarks/quality/run.sh held-out              other problems than those tuned on, against live peers
#   benchmarks/quality/run.sh peers optuna-gp ax    peers live; then: run.sh record optuna-gp ax
#   benchmarks/quality/run.sh report                tables and plot of docs/quality.md
#   benchmarks/quality/run.sh test                  this benchmark's own tests
#   benchmarks/quality/run.sh --help                more options
#
# HPOSEARCH_BRIDGE measures another command that speaks the protocol of docs/bridge.md instead of the library.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
made=${HPOSEARCH_QUALITY:-$root/build/quality}
# shellcheck source=cmake/bootstrap.sh
. "$root/cmake/bootstrap.sh"
# shellcheck source=benchmarks/quality/environment.sh
. "$here/environment.sh"

build_bridge() {
  install_missing cmake g++ ninja-build libeigen3-dev libfmt-dev nlohmann-json3-dev libcli11-dev
  (cd "$root" && cmake --preset examples >/dev/null && cmake --build --preset examples --target hposearch >&2)
  export HPOSEARCH_BRIDGE="$root/build/examples/examples/hposearch/hposearch bridge"
}

command=${1:-quick}
peers=()
for argument in "${@:2}"; do
  case $argument in -*) break ;; *) peers+=("$argument") ;; esac
done
case $command in
  held-out) if [ ${#peers[@]} -eq 0 ]; then peers=(optuna-tpe); fi ;;
  peers | record) ;;
  *) peers=() ;;
esac
make_environment "${peers[@]}"

case $command in
  test) exec "$made/venv/bin/python" -m unittest discover -s "$here" "${@:2}" ;;
  peers | record | -h | --help) ;;
  *) if [ -z "${HPOSEARCH_BRIDGE:-}" ]; then build_bridge; fi ;;
esac
exec nice "$made/venv/bin/python" "$here/quality.py" "$command" "${@:2}"
