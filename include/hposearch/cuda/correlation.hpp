/// \file
/// The surrogate's correlation of two points, for the processor and for a thread of a kernel.
#pragma once

#include <cmath>
#include <cstddef>

#if defined(__CUDACC__)
#define HPOSEARCH_HOST_DEVICE __host__ __device__
#else
#define HPOSEARCH_HOST_DEVICE
#endif

namespace hposearch::inline v0::cuda {

/// As Kernel::correlate() computes it, up to rounding.
/// \param a, b   scaled coordinates: coordinate j at a[j * a_stride]
/// \param rates  Kernel::rates(): above 0 for categories, 0 elsewhere
[[nodiscard]] HPOSEARCH_HOST_DEVICE inline double correlation(const double* a, std::size_t a_stride, const double* b,
                                                              std::size_t b_stride, const double* rates,
                                                              std::size_t dimensions) {
  double square = 0, categories = 0;
  for (std::size_t j = 0; j < dimensions; ++j) {
    const double difference = a[j * a_stride] - b[j * b_stride];
    if (rates[j] > 0)
      categories += difference == 0 ? 0 : rates[j];
    else
      square += difference * difference;
  }
  const double t = std::sqrt(square);
  return (t * t / 3 + t + 1) * std::exp(-t - categories);
}

}  // namespace hposearch::inline v0::cuda
