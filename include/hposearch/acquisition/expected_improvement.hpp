/// \file
/// The expected improvement itself, not its logarithm.
#pragma once

#include <hposearch/acquisition/utility.hpp>
#include <hposearch/numeric/normal.hpp>

namespace hposearch::inline v0 {

/// E[max(incumbent - least - f(x), 0)]. Its maximum is that of its logarithm, which is easier to find: far from the
/// data both this and its gradient vanish. Source: Jones, Schonlau and Welch, Efficient Global Optimization (1998).
struct ExpectedImprovement {
  static constexpr Measure measure = Measure::positive;
  double least = 0;  ///< improvement that does not count, in the targets' standard deviations

  [[nodiscard]] UtilityValue operator()(double mean, double deviation, double incumbent) const noexcept {
    const double z = (incumbent - least - mean) / deviation;
    const double density = numeric::pdf(z), probability = numeric::cdf(z);
    return {deviation * (density + z * probability), -probability, density};
  }
};

}  // namespace hposearch::inline v0
