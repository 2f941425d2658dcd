/// \file
/// Sums and differences of numbers that are known by their logarithms.
#pragma once

#include <algorithm>
#include <cmath>
#include <span>

#include <hposearch/numeric/elementary.hpp>

namespace hposearch::inline v0::numeric {

/// log(1 - e^x) for x <= 0, accurate at both ends: -inf at 0, nan above 0.
///
/// The switch at -log(2) is that of M. Maechler, "Accurately computing log(1 - exp(-|a|))", 2012.
[[nodiscard]] inline double log1mexp(double x) noexcept {
  constexpr double minus_ln2 = -0x1.62e42fefa39efp-1;
  return x > minus_ln2 ? log(-expm1(x)) : log1p(-exp(x));
}

/// log(1 + e^x), also named softplus: accurate for every x, with neither overflow nor loss.
[[nodiscard]] inline double log1p_exp(double x) noexcept { return x > 0.0 ? x + log1p(exp(-x)) : log1p(exp(x)); }

/// log(e^a + e^b); -inf stands for the logarithm of 0.
[[nodiscard]] inline double log_add_exp(double a, double b) noexcept {
  if (a == b) return a + log(2.0);  // also equal infinities, whose difference is not a number
  return a > b ? a + log1p(exp(b - a)) : b + log1p(exp(a - b));
}

/// log of the sum of e^x over `values`, added in order; -inf where there are none.
[[nodiscard]] inline double log_sum_exp(std::span<const double> values) noexcept {
  double largest = -detail::infinity;
  for (const double x : values) largest = std::isnan(x) ? x : std::max(largest, x);
  if (!std::isfinite(largest)) return largest;
  double sum = 0;
  for (const double x : values) sum += exp(x - largest);
  return largest + log(sum);
}

}  // namespace hposearch::inline v0::numeric
