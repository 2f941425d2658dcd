/// \file
/// What models learn from the trials of a history.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include <Eigen/Core>

#include <hposearch/numeric/running_median.hpp>
#include <hposearch/surrogate/observations.hpp>
#include <hposearch/trial/history.hpp>

namespace hposearch::inline v0 {

/// What is known of the losses, in the order in which trials ended: what is known already keeps its place when a trial
/// that began earlier ends later, and so do the fits along a parameter path.
///
/// A pruned trial has its last intermediate loss, but at least the median of the losses completed by then; without
/// either it is left out. \param failures whether failed trials count, with the worst loss completed so far
[[nodiscard]] inline Observations objective_observations(const History& history, bool failures) {
  Observations result;
  result.points.resize(static_cast<Eigen::Index>(history.ended().size()),
                       static_cast<Eigen::Index>(history.dimensions()));
  double worst = -std::numeric_limits<double>::infinity();
  for (const TrialId id : history.ended()) {
    if (history.state(id) == TrialState::completed) worst = std::max(worst, history.losses()[id]);
  }
  const bool pruned = history.count(TrialState::pruned) > 0;
  numeric::RunningMedian median;
  const auto add = [&](TrialId id, double loss) {
    result.points.row(static_cast<Eigen::Index>(result.size())) = history.point(id);
    result.losses.push_back(loss);
  };
  for (const TrialId id : history.ended()) {
    const double loss = history.losses()[id];
    switch (history.state(id)) {
      case TrialState::completed:
        if (pruned) median.push(loss);
        add(id, loss);
        break;
      case TrialState::failed:
        if (failures) add(id, worst);
        break;
      case TrialState::pruned:
        if (!median.empty()) add(id, std::isfinite(loss) ? std::max(loss, median.value()) : median.value());
        break;
      default:
        break;
    }
  }
  result.points.conservativeResize(static_cast<Eigen::Index>(result.size()), Eigen::NoChange);
  return result;
}

/// Which trials failed (1) and which had a value (0), in the order in which they ended.
[[nodiscard]] inline Observations outcome_observations(const History& history) {
  Observations result;
  result.points.resize(static_cast<Eigen::Index>(history.ended().size()),
                       static_cast<Eigen::Index>(history.dimensions()));
  for (const TrialId id : history.ended()) {
    const TrialState state = history.state(id);
    if (state != TrialState::completed && state != TrialState::failed) continue;
    result.points.row(static_cast<Eigen::Index>(result.size())) = history.point(id);
    result.losses.push_back(state == TrialState::failed ? 1 : 0);
  }
  result.points.conservativeResize(static_cast<Eigen::Index>(result.size()), Eigen::NoChange);
  return result;
}

}  // namespace hposearch::inline v0
