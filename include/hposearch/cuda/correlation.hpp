/// \file
/// The surrogate's correlation of two points, for the processor and for a thread of a kernel.
#pragma once

#include <cmath>
#include <cstddef>

#include <hposearch/cuda/host_device.hpp>

namespace hposearch::inline v0::cuda {

/// Points in scaled coordinates and what makes correlations of them: coordinate j of point i is at
/// first[i + j * stride].
struct PointsView {
  const double* first;
  std::size_t stride;
  const double* rates;  ///< Kernel::rates(): above 0 for categories, 0 elsewhere
  std::size_t dimensions;
};

/// A correlation and its slope, as Kernel::correlate() has them.
struct Correlation {
  double value, slope;
};

/// As Kernel::correlate() computes it, up to rounding.
/// \param i        a point of `a`
/// \param b, k     coordinate j of the other point is at b[k + j * b_stride]
[[nodiscard]] HPOSEARCH_HOST_DEVICE inline Correlation correlate(const PointsView& a, std::size_t i, const double* b,
                                                                 std::size_t b_stride, std::size_t k) {
  double square = 0, categories = 0;
  for (std::size_t j = 0; j < a.dimensions; ++j) {
    const double difference = a.first[i + j * a.stride] - b[k + j * b_stride];
    if (a.rates[j] > 0)
      categories += difference == 0 ? 0 : a.rates[j];
    else
      square += difference * difference;
  }
  const double t = std::sqrt(square), decay = std::exp(-(t + categories));
  return {(t * t / 3 + t + 1) * decay, (t + 1) / 3 * decay};
}

}  // namespace hposearch::inline v0::cuda
