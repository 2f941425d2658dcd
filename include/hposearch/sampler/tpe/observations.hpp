/// \file
/// What a Parzen estimator is built from: points with weights.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include <Eigen/Core>

#include <hposearch/sampler/tpe/split.hpp>
#include <hposearch/space/encoded_space.hpp>
#include <hposearch/trial/history.hpp>

namespace hposearch::inline v0::tpe {

/// Canonical points, a row each, and their weights.
struct Observations {
  EncodedPoints points;
  std::vector<double> weights;

  [[nodiscard]] std::size_t size() const noexcept { return weights.size(); }
};

/// The points of the trials `ids`, which are ascending, and after them the rows of `newer`, weighted by age.
///
/// Where there are more than `most`, evenly spaced ones stand for all, and the total weight stays what it was.
[[nodiscard]] inline Observations observations(const History& history, std::span<const TrialId> ids,
                                               const Eigen::Ref<const EncodedPoints>& newer, std::size_t most) {
  const std::size_t n = ids.size() + static_cast<std::size_t>(newer.rows());
  const std::size_t kept = std::min(n, most);
  Observations result;
  result.points.resize(static_cast<Eigen::Index>(kept), static_cast<Eigen::Index>(history.dimensions()));
  result.weights.reserve(kept);
  for (std::size_t k = 0; k < kept; ++k) {
    const std::size_t i = (k + 1) * n / kept - 1;  // the newest of each stretch
    auto row = result.points.row(static_cast<Eigen::Index>(k));
    if (i < ids.size()) {
      row = history.point(ids[i]);
    } else {
      row = newer.row(static_cast<Eigen::Index>(i - ids.size()));
    }
    result.weights.push_back(age_weight(i, n) * (static_cast<double>(n) / static_cast<double>(kept)));
  }
  return result;
}

}  // namespace hposearch::inline v0::tpe
