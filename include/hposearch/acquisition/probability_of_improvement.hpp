/// \file
/// The probability of an improvement.
#pragma once

#include <hposearch/acquisition/utility.hpp>
#include <hposearch/numeric/normal.hpp>

namespace hposearch::inline v0 {

/// log P(f(x) < incumbent - least): a logarithm, so that it has a slope far from the data too. Without a least
/// improvement it hardly leaves the incumbent. Source: Kushner (1964); scikit-optimize's `PI` with its xi of 0.01.
struct LogProbabilityOfImprovement {
  static constexpr Measure measure = Measure::logarithm;
  double least = 0.01;  ///< in the targets' standard deviations

  [[nodiscard]] UtilityValue operator()(double mean, double deviation, double incumbent) const noexcept {
    const double z = (incumbent - least - mean) / deviation;
    const double value = numeric::log_cdf(z);
    // pdf / cdf: below -1 by the Mills ratio, which neither underflows nor cancels.
    const double slope =
        z > -1 ? numeric::pdf(z) / numeric::cdf(z) : root_two_over_pi / numeric::erfcx(-z * inverse_root_two);
    return {value, -slope / deviation, -slope * z / deviation};
  }

 private:
  static constexpr double root_two_over_pi = 0.79788456080286536, inverse_root_two = 0.70710678118654752;
};

}  // namespace hposearch::inline v0
