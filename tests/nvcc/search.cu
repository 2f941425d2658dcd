#include <hposearch/hposearch.hpp>

namespace hpo = hposearch;

__global__ void square(double* x) { *x *= *x; }

double squared(double x) {
  double* on_device = nullptr;
  cudaMallocManaged(&on_device, sizeof(double));
  *on_device = x;
  square<<<1, 1>>>(on_device);
  cudaDeviceSynchronize();
  const double result = *on_device;
  cudaFree(on_device);
  return result;
}

int main() {
  hpo::Space space{hpo::Real{"x", -1.0, 1.0}};
  hpo::Optimizer optimizer{space};
  hpo::ThreadPool workers{2};
  const auto result = hpo::minimize(squared, optimizer, workers, {.trials = 20});
  return result.best().value < 0.1 ? 0 : 1;
}
