#!/usr/bin/env bash
# Is the surrogate faster on a GPU, is it the same as on the processor, and what does BoTorch take on the same GPU? Writes
# build/gpu/report.md; says "skipped" without a GPU. PYTHON names a Python that may have torch and botorch.
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
  "$root/benchmarks/gpu/gaussian_process.cu" -lcublas -lcusolver -o "$root/build/gpu/gaussian_process"
report=$root/build/gpu/report.md
"$root/build/gpu/gaussian_process" | tee "$report"
if grep -q '^skipped' "$report"; then
  exit
fi
"${PYTHON:-python3}" "$root/benchmarks/gpu/botorch.py" | tee -a "$report"
