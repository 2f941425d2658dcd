/// \file
/// What the trees of a forest learn from.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include <hposearch/space/encoded_space.hpp>

namespace hposearch::inline v0 {

/// Observations, sorted along each dimension once for all trees. Refers to its arguments.
struct ForestTraining {
  /// \param points  n x d, canonical, n at least 1
  /// \param targets n values
  ForestTraining(const EncodedSpace& space_, const EncodedPoints& points_, std::span<const double> targets_)
      : space(&space_), points(&points_), targets(targets_) {
    for (Eigen::Index j = 0; j < points->cols(); ++j) {
      std::vector<std::uint32_t> rows(targets.size());
      std::iota(rows.begin(), rows.end(), 0u);
      std::stable_sort(rows.begin(), rows.end(),
                       [&](std::uint32_t a, std::uint32_t b) { return (*points)(a, j) < (*points)(b, j); });
      order.push_back(std::move(rows));
    }
  }

  [[nodiscard]] std::size_t size() const noexcept { return targets.size(); }
  [[nodiscard]] double coordinate(std::uint32_t row, std::size_t j) const {
    return (*points)(row, static_cast<Eigen::Index>(j));
  }

  const EncodedSpace* space;
  const EncodedPoints* points;
  std::span<const double> targets;
  std::vector<std::vector<std::uint32_t>> order;  ///< of each dimension, the rows by ascending coordinate
};

}  // namespace hposearch::inline v0
