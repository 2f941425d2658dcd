/// \file
/// The lower confidence bound.
#pragma once

#include <hposearch/acquisition/utility.hpp>

namespace hposearch::inline v0 {

/// kappa deviations less the mean: large where the lower confidence bound of the loss is low. Source: Srinivas et al.
/// (ICML 2010); scikit-optimize's `LCB` with its kappa of 1.96.
struct LowerConfidenceBound {
  static constexpr Measure measure = Measure::real;
  double kappa = 1.96;

  [[nodiscard]] UtilityValue operator()(double mean, double deviation, double /*incumbent*/) const noexcept {
    return {kappa * deviation - mean, -1, kappa};
  }
};

}  // namespace hposearch::inline v0
