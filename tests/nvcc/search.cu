#include <Eigen/Dense>

#include <hposearch/executor/gpu/simulated.hpp>
#include <hposearch/executor/local_gpus.hpp>
#include <hposearch/hposearch.hpp>

// nvcc 13 cannot compile fmt 9: the progress display, which needs it, must stay out of CUDA files.
#if defined(FMT_VERSION)
#error "hposearch.hpp brings fmt into a CUDA file"
#endif

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

double with_eigen(double x, hpo::TrialContext& context) {
  const Eigen::Matrix2d a = Eigen::Matrix2d::Identity() * x;
  return (a * a).trace() + static_cast<double>(context.devices().size());
}

int main() {
  hpo::Space space{hpo::Real{"x", -1.0, 1.0}};
  hpo::Optimizer optimizer{space};
  hpo::ThreadPool workers{2};
  const auto result = hpo::minimize(squared, optimizer, workers, {.trials = 20});

  hpo::LocalGpus gpus{hpo::SimulatedDevices{2}, {.slots_per_gpu = 2, .memory = 100 * hpo::mebibyte}};
  hpo::Optimizer other{space};
  const auto on_gpus = hpo::minimize(with_eigen, other, gpus, {.trials = 20});
  return result.best().value < 0.1 && on_gpus.best().value > 0 ? 0 : 1;
}
