// A search in a CUDA file: hposearch.hpp, LocalGpus and Eigen in it, and kernels in its objective.
#pragma once

#include <Eigen/Dense>

#include <hposearch/cuda/error.hpp>
#include <hposearch/executor/gpu/simulated.hpp>
#include <hposearch/executor/local_gpus.hpp>
#include <hposearch/hposearch.hpp>

#include "check.cuh"

// nvcc 13 cannot compile fmt 9: the progress display, which needs it, must stay out of CUDA files.
#if defined(FMT_VERSION)
#error "hposearch.hpp brings fmt into a CUDA file"
#endif

namespace {

__global__ void square(double* x) { *x *= *x; }

double squared(double x) {
  double* on_device = nullptr;
  cuda::check(cudaMallocManaged(&on_device, sizeof(double)), "cudaMallocManaged");
  *on_device = x;
  square<<<1, 1>>>(on_device);
  cuda::check(cudaDeviceSynchronize(), "square");
  const double result = *on_device;
  cuda::check(cudaFree(on_device), "cudaFree");
  return result;
}

double with_eigen(double x, TrialContext& context) {
  const Eigen::Matrix2d a = Eigen::Matrix2d::Identity() * x;
  return (a * a).trace() + static_cast<double>(context.devices().size());
}

void a_search_calls_kernels() {
  Space space{Real{"x", -1.0, 1.0}};
  Optimizer other{space};
  LocalGpus gpus{SimulatedDevices{2}, {.slots_per_gpu = 2, .memory = 100 * mebibyte}};
  check(minimize(with_eigen, other, gpus, {.trials = 20}).best().value > 0, "a search on simulated devices");

  Optimizer optimizer{space};
  ThreadPool workers{2};
  check(minimize(squared, optimizer, workers, {.trials = 20}).best().value < 0.1, "a search that calls kernels");
}

}  // namespace
