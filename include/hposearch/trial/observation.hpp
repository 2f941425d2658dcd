/// \file
/// A point whose value is known.
#pragma once

#include <hposearch/trial/state.hpp>

namespace hposearch::inline v0 {

/// What a completed trial found.
/// \tparam P the space's point type
template <class P>
struct Observation {
  TrialId id = 0;  ///< of the trial
  P point;
  double value = 0;  ///< finite, in the user's direction
};

}  // namespace hposearch::inline v0
