/// \file
/// Sums in an order that is the same on every device: 256 lanes, each adding every 256th term, and then a tree.
#pragma once

#include <cstddef>

#include <hposearch/cuda/host_device.hpp>

namespace hposearch::inline v0::cuda {

/// Partial sums of one group of terms: the threads of a block.
inline constexpr unsigned lanes = 256;

/// What lane `lane` adds up of group `group`: `Width` sums at once.
/// \param body begin(group) and end(group) bound its indices; body(group, index, sums) adds a term to each sum
template <int Width, class Body>
HPOSEARCH_HOST_DEVICE void sum_lane(const Body& body, std::size_t group, unsigned lane, double* sums) {
  for (int w = 0; w < Width; ++w) sums[w] = 0;
  for (std::size_t i = body.begin(group) + lane; i < body.end(group); i += lanes) body(group, i, sums);
}

/// A lane's part in a step of the tree: adds the sums of lane + half to its own, if lane is below half.
/// \param sums sum w of a lane is at sums[w * lanes + lane]
template <int Width>
HPOSEARCH_HOST_DEVICE void join_lanes(double* sums, unsigned lane, unsigned half) {
  if (lane >= half) return;
  for (int w = 0; w < Width; ++w) {
    double* own = sums + static_cast<std::size_t>(w) * lanes + lane;
    *own += own[half];
  }
}

}  // namespace hposearch::inline v0::cuda
