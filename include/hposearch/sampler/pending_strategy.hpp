/// \file
/// What a model makes of trials in flight.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

namespace hposearch::inline v0 {

/// How trials in flight enter the model that chooses the next point.
enum class PendingStrategy : std::uint8_t {
  believer,   ///< they have the loss that the model expects: Ginsbourger, Le Riche and Carraro (2010)
  fantasies,  ///< the improvement is averaged over draws of their losses, see FantasisedImprovement
  cl_min,     ///< constant liar: they have the least loss seen
  cl_mean,    ///< the mean of the losses seen
  cl_max,     ///< the largest loss seen
};

/// Strategies by name; those of constant liars as in scikit-optimize.
inline constexpr std::array<std::pair<std::string_view, PendingStrategy>, 5> named_pending_strategies{{
    {"believer", PendingStrategy::believer},
    {"fantasies", PendingStrategy::fantasies},
    {"cl-min", PendingStrategy::cl_min},
    {"cl-mean", PendingStrategy::cl_mean},
    {"cl-max", PendingStrategy::cl_max},
}};

/// The strategy with this name, if there is one.
[[nodiscard]] constexpr std::optional<PendingStrategy> find_pending_strategy(std::string_view name) {
  for (const auto& [known, strategy] : named_pending_strategies) {
    if (known == name) return strategy;
  }
  return {};
}

/// Whether trials in flight are told to the model as if they had ended.
[[nodiscard]] constexpr bool is_constant_liar(PendingStrategy strategy) {
  return strategy != PendingStrategy::believer && strategy != PendingStrategy::fantasies;
}

}  // namespace hposearch::inline v0
