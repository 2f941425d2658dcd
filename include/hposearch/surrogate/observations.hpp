/// \file
/// What surrogates learn from.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include <Eigen/Core>

#include <hposearch/space/encoded_space.hpp>

namespace hposearch::inline v0 {

/// Points with a finite loss each, in the order of their trials.
struct Observations {
  EncodedPoints points;        ///< n x d, canonical
  std::vector<double> losses;  ///< n, smaller is better

  [[nodiscard]] std::size_t size() const noexcept { return losses.size(); }

  /// The first `count`.
  [[nodiscard]] Observations head(std::size_t count) const {
    Observations result{
        .points = EncodedPoints(static_cast<Eigen::Index>(count), points.cols()),
        .losses = std::vector<double>(losses.begin(), losses.begin() + static_cast<std::ptrdiff_t>(count))};
    std::copy_n(points.data(), result.points.size(), result.points.data());
    return result;
  }

  /// Adds `others` at the end.
  void append(const Observations& others) {
    const Eigen::Index before = points.rows();
    points.conservativeResize(before + others.points.rows(), Eigen::NoChange);
    points.bottomRows(others.points.rows()) = others.points;
    losses.insert(losses.end(), others.losses.begin(), others.losses.end());
  }

  /// How many observations from the first on are the same in `other`.
  [[nodiscard]] std::size_t shared_prefix(const Observations& other) const {
    if (points.cols() != other.points.cols()) return 0;
    const std::size_t most = std::min(size(), other.size());
    std::size_t count = 0;
    const double *mine = points.data(), *theirs = other.points.data();
    for (; count < most && losses[count] == other.losses[count]; ++count) {
      if (!std::equal(mine, mine + points.cols(), theirs)) break;
      mine += points.cols();
      theirs += points.cols();
    }
    return count;
  }
};

}  // namespace hposearch::inline v0
