/// \file
/// Draws from a density that is known up to a factor.
#pragma once

#include <cmath>
#include <cstddef>

#include <Eigen/Core>

#include <hposearch/numeric/elementary.hpp>
#include <hposearch/numeric/random.hpp>

namespace hposearch::inline v0 {

/// One step of slice sampling along a random direction, in place: stepping out from an interval of length `width`, then
/// shrinking. Source: Neal, Slice sampling, Annals of Statistics 31 (2003), section 4.
/// \param log_density  called with a vector; minus infinity where the density is 0
/// \param at           where the chain is
/// \param value        log density there
template <class LogDensity>
void slice_step(LogDensity&& log_density, Eigen::VectorXd& at, double& value, const Eigen::VectorXd& direction,
                numeric::Random& random) {
  constexpr int most_steps = 6, most_shrinks = 20;
  const double level = value + numeric::log(1 - random.uniform());
  const auto along = [&](double t) { return log_density(at + t * direction); };
  double low = -random.uniform(), high = low + 1;
  for (int i = 0; i < most_steps && along(low) > level; ++i) low -= 1;
  for (int i = 0; i < most_steps && along(high) > level; ++i) high += 1;
  for (int i = 0; i < most_shrinks; ++i) {
    const double t = low + (high - low) * random.uniform();
    const double proposed = along(t);
    if (proposed > level) {
      at += t * direction;
      value = proposed;
      return;
    }
    (t < 0 ? low : high) = t;
  }
}

}  // namespace hposearch::inline v0
