/// \file
/// What models learn from the trials of a history.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include <hposearch/numeric/running_median.hpp>
#include <hposearch/surrogate/observations.hpp>
#include <hposearch/trial/history.hpp>
#include <hposearch/trial/state.hpp>

namespace hposearch::inline v0 {

/// What is known of the losses, in the order in which trials ended: what is known already keeps its place when a trial
/// that began earlier ends later, and so do the fits along a parameter path.
///
/// A pruned trial has its last intermediate loss, but at least the median of the losses completed by then; without
/// either it is left out. \param failures whether failed trials count, with the worst loss completed so far
[[nodiscard]] inline Observations objective_observations(const History& history, bool failures) {
  double worst = -std::numeric_limits<double>::infinity();
  for (const TrialId id : history.ended()) {
    if (history.state(id) == TrialState::completed) worst = std::max(worst, history.losses()[id]);
  }
  const bool pruned = history.count(TrialState::pruned) > 0;
  numeric::RunningMedian median;
  return observations_of(history, [&](TrialId id) -> std::optional<double> {
    const double loss = history.losses()[id];
    switch (history.state(id)) {
      case TrialState::completed:
        if (pruned) median.push(loss);
        return loss;
      case TrialState::failed:
        if (failures) return worst;
        return {};
      case TrialState::pruned:
        if (median.empty()) return {};
        return std::isfinite(loss) ? std::max(loss, median.value()) : median.value();
      default:
        return {};
    }
  });
}

/// Which trials failed (1) and which had a value (0), in the order in which they ended.
[[nodiscard]] inline Observations outcome_observations(const History& history) {
  return observations_of(history, [&](TrialId id) -> std::optional<double> {
    const TrialState state = history.state(id);
    if (state != TrialState::completed && state != TrialState::failed) return {};
    return state == TrialState::failed ? 1 : 0;
  });
}

}  // namespace hposearch::inline v0
