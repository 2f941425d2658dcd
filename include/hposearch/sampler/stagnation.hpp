/// \file
/// How long a search has gone without getting anywhere.
#pragma once

#include <cstddef>
#include <span>

#include <hposearch/numeric/ranks.hpp>

namespace hposearch::inline v0 {

/// How many losses came after the last improvement of the best that was worth `least` of the distance between the new
/// best and the median of all losses; 0 for no losses.
[[nodiscard]] inline std::size_t stalled_trials(std::span<const double> losses, double least) {
  if (losses.empty()) return 0;
  const double median = numeric::median(losses);
  double best = losses[0];
  std::size_t last = 0;
  for (std::size_t i = 1; i < losses.size(); ++i) {
    if (!(losses[i] < best)) continue;
    // Halved first: the difference of two huge losses must not overflow.
    if (best / 2 - losses[i] / 2 > least * (median / 2 - losses[i] / 2)) last = i;
    best = losses[i];
  }
  return losses.size() - 1 - last;
}

}  // namespace hposearch::inline v0
