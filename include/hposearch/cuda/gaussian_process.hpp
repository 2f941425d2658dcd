/// \file
/// The Gaussian process on a GPU: fits, posteriors, batches and the sampler "gp-cuda". Only for files that nvcc
/// compiles, and empty for others; what links it needs CUDA::cublas and CUDA::cusolver.
///
/// It has not run on a device yet.
#pragma once

#if defined(__CUDACC__)

#include <hposearch/cuda/batched_fit.hpp>
#include <hposearch/cuda/device_algebra.hpp>
#include <hposearch/cuda/evidence.hpp>
#include <hposearch/cuda/posterior.hpp>
#include <hposearch/cuda/sampler.hpp>
#include <hposearch/sampler/by_name.hpp>

namespace hposearch::inline v0::cuda {

using Evidence = EvidenceOn<DeviceAlgebra>;
using Posterior = PosteriorOn<DeviceAlgebra>;
using BatchedFit = BatchedFitOn<DeviceAlgebra>;
using GaussianProcessSampler = GaussianProcessSamplerOn<DeviceAlgebra>;

namespace detail {

// A program with a file that includes this header knows the name.
inline const bool registered =
    register_sampler({"gp-cuda", "gaussian-process-cuda", [] { return AnySampler{GaussianProcessSampler{}}; }});

}  // namespace detail
}  // namespace hposearch::inline v0::cuda

#endif
