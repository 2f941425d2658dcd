#!/usr/bin/env bash
# Trains small networks on real digits and searches their hyperparameters: installs what is missing, builds, runs.
# Options are the example's own, see --help.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/cmake/bootstrap.sh"

install_missing cmake g++ ninja-build libeigen3-dev libfmt-dev
(cd "$root" && cmake --preset examples >/dev/null && cmake --build --preset examples --target digits_cnn)
exec "$root/build/examples/examples/digits_cnn/digits_cnn" "$@"
