/// \file
/// Order statistics of a list of numbers. nan sorts behind everything else and ties with itself.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <span>
#include <vector>

#include <hposearch/error.hpp>
#include <hposearch/text.hpp>

namespace hposearch::inline v0::numeric {

namespace detail {

/// a < b, with nan above all numbers: unlike < alone, an order that sorting may rely on.
[[nodiscard]] inline bool less_nan_last(double a, double b) noexcept {
  return a < b || (std::isnan(b) && !std::isnan(a));
}

}  // namespace detail

/// Indices of `values` from the smallest to the largest; equal values stay in order.
[[nodiscard]] inline std::vector<std::size_t> argsort(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t i, std::size_t j) { return detail::less_nan_last(values[i], values[j]); });
  return order;
}

/// Rank of each value, counted from 1; equal values share the average of their ranks.
[[nodiscard]] inline std::vector<double> average_ranks(std::span<const double> values) {
  const auto order = argsort(values);
  std::vector<double> ranks(values.size());
  for (std::size_t first = 0, last = 0; first < order.size(); first = last) {
    while (last < order.size() && !detail::less_nan_last(values[order[first]], values[order[last]])) ++last;
    const double rank = static_cast<double>(first + 1 + last) / 2;  // of first + 1, ..., last
    for (std::size_t i = first; i < last; ++i) ranks[order[i]] = rank;
  }
  return ranks;
}

/// The value below which a share of `level` of the values lies, interpolated linearly between neighbours: the default
/// of numpy.quantile, method 7 of R. J. Hyndman and Y. Fan, "Sample quantiles in statistical packages", The American
/// Statistician 50 (1996).
///
/// Throws InvalidArgument where there are no values or `level` is outside [0, 1].
[[nodiscard]] inline double quantile(std::span<const double> values, double level) {
  if (values.empty()) throw InvalidArgument("values", "empty", "must have at least one element");
  if (!(level >= 0 && level <= 1)) throw InvalidArgument("level", to_text(level), "must be in [0, 1]");
  std::vector<double> sorted(values.begin(), values.end());
  const double position = level * static_cast<double>(sorted.size() - 1);
  const double index = std::floor(position);
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(index);
  std::nth_element(sorted.begin(), middle, sorted.end(), detail::less_nan_last);
  const double fraction = position - index;
  if (fraction == 0) return *middle;
  const double next = *std::min_element(middle + 1, sorted.end(), detail::less_nan_last);
  // Equal neighbours give their own value exactly, infinite ones too.
  return next == *middle ? next : (1 - fraction) * *middle + fraction * next;
}

/// The middle value, or the mean of the two in the middle. Throws InvalidArgument where there are no values.
[[nodiscard]] inline double median(std::span<const double> values) { return quantile(values, 0.5); }

}  // namespace hposearch::inline v0::numeric
