/// \file
/// Which trials of a history are good and which are not, as TPE sees them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include <hposearch/trial/history.hpp>

namespace hposearch::inline v0::tpe {

/// Number of trials that count as good among `n`: a tenth, rounded up, at most 25. Source: Optuna's default_gamma.
[[nodiscard]] constexpr std::size_t gamma(std::size_t n) noexcept { return std::min<std::size_t>((n + 9) / 10, 25); }

/// Weight of the i-th oldest of `n` trials: 1 for the newest 25, from there falling linearly to 1 / n for the oldest.
/// Source: Optuna's default_weights.
[[nodiscard]] constexpr double age_weight(std::size_t i, std::size_t n) noexcept {
  constexpr std::size_t flat = 25;
  if (n < flat || i >= n - flat) return 1;
  const double oldest = 1 / static_cast<double>(n);
  const std::size_t ramp = n - flat;
  if (ramp == 1) return oldest;
  return oldest + (1 - oldest) * static_cast<double>(i) / static_cast<double>(ramp - 1);
}

/// Ids in ascending order.
struct Split {
  std::vector<TrialId> below;  ///< the gamma(n) best, n the number of completed and pruned trials; the first of equals
  std::vector<TrialId> above;  ///< the other completed ones, every pruned and failed one, and pending ones on request
};

/// \param pending whether pending trials count as bad ones, so that workers keep away from each other: the constant
/// liar
[[nodiscard]] inline Split split(const History& history, bool pending) {
  std::vector<TrialId> completed;
  Split result;
  for (TrialId id = 0; id < history.size(); ++id) {
    const TrialState state = history.state(id);
    if (state == TrialState::completed) {
      completed.push_back(id);
    } else if (state != TrialState::cancelled && (state != TrialState::pending || pending)) {
      result.above.push_back(id);
    }
  }
  const std::size_t n = completed.size() + history.count(TrialState::pruned);
  const std::size_t good = std::min(gamma(n), completed.size());
  const auto middle = completed.begin() + static_cast<std::ptrdiff_t>(good);
  const auto losses = history.losses();
  std::nth_element(completed.begin(), middle, completed.end(),
                   [&](TrialId a, TrialId b) { return losses[a] < losses[b] || (losses[a] == losses[b] && a < b); });
  result.below.assign(completed.begin(), middle);
  result.above.insert(result.above.end(), middle, completed.end());
  std::sort(result.below.begin(), result.below.end());
  std::sort(result.above.begin(), result.above.end());
  return result;
}

}  // namespace hposearch::inline v0::tpe
