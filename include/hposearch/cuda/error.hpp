/// \file
/// CUDA's errors as exceptions.
#pragma once

#include <string>

#include <cuda_runtime_api.h>

#include <hposearch/error.hpp>
#include <hposearch/executor/gpu/fault.hpp>

namespace hposearch::inline v0::cuda {

/// Turns what a CUDA call returned into an exception, if it was no success: `cuda::check(cudaMalloc(...), "weights")`.
/// \param what was tried
/// \throws OutOfDeviceMemory, DeviceLost, or Error, with CUDA's name for it, by which LocalGpus knows it
inline void check(cudaError_t status, const char* what = "CUDA error") {
  if (status == cudaSuccess) return;
  static_cast<void>(cudaGetLastError());  // one that does not stay must not be met again by another call
  const std::string text =
      std::string{what} + ": " + cudaGetErrorString(status) + " (" + cudaGetErrorName(status) + ")";
  if (status == cudaErrorMemoryAllocation) throw OutOfDeviceMemory(text);
  if (status == cudaErrorNoDevice) throw DeviceLost(text);
  throw Error(text);
}

}  // namespace hposearch::inline v0::cuda
