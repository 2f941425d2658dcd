/// \file
/// What surrogates learn from.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

#include <Eigen/Core>

#include <hposearch/space/encoded_space.hpp>
#include <hposearch/trial/history.hpp>
#include <hposearch/trial/state.hpp>

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

/// The ended trials for which `loss` has one, in the order in which they ended.
/// \param loss called with the id of each ended trial in that order; returns std::optional<double>
template <class Loss>
[[nodiscard]] Observations observations_of(const History& history, Loss loss) {
  Observations result;
  result.points.resize(static_cast<Eigen::Index>(history.ended().size()),
                       static_cast<Eigen::Index>(history.dimensions()));
  for (const TrialId id : history.ended()) {
    const std::optional<double> found = loss(id);
    if (!found) continue;
    result.points.row(static_cast<Eigen::Index>(result.size())) = history.point(id);
    result.losses.push_back(*found);
  }
  result.points.conservativeResize(static_cast<Eigen::Index>(result.size()), Eigen::NoChange);
  return result;
}

}  // namespace hposearch::inline v0
