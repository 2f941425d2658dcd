/// \file
/// A trial as the user sees it.
#pragma once

#include <optional>
#include <string>

#include <hposearch/trial/state.hpp>

namespace hposearch::inline v0 {

/// One evaluation of the objective: a typed point and what became of it.
/// \tparam P the space's point type
template <class P>
struct Trial {
  TrialId id = 0;
  P point;
  TrialState state = TrialState::pending;
  std::optional<double> value{};  ///< the result, in the user's direction; last intermediate value when pruned
  std::string reason{};           ///< why it failed or was cancelled
};

}  // namespace hposearch::inline v0
