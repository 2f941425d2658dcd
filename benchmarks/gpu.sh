#!/usr/bin/env bash
# Is the surrogate's posterior faster on a GPU, and is it the same as on the processor? Says "skipped" without a GPU.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/cmake/bootstrap.sh"

PATH=$PATH:/usr/local/cuda/bin
if ! command -v nvcc >/dev/null; then
  echo "skipped: there is no nvcc"
  exit
fi
install_missing g++ libeigen3-dev
mkdir -p "$root/build/gpu"
# Without a GPU, nvcc warns that -arch=native means nothing and goes on.
nvcc -std=c++20 -O3 -arch=native -Xcompiler -march=native -DEIGEN_NO_CUDA -I "$root/include" -isystem /usr/include/eigen3 \
  "$root/benchmarks/gpu/posterior.cu" -lcublas -lcusolver -o "$root/build/gpu/posterior"
exec "$root/build/gpu/posterior"
