/// \file
/// From losses of any size to the targets of a Gaussian process.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <Eigen/Core>

#include <hposearch/numeric/elementary.hpp>
#include <hposearch/numeric/normal.hpp>
#include <hposearch/numeric/ranks.hpp>

namespace hposearch::inline v0 {

/// Monotone transformations of the losses before a model is fitted, each applied where its flag is set, in this order.
struct TargetWarp {
  /// Losses worse than the median are replaced by what a normal distribution with the good half's spread would have at
  /// their ranks, so that outliers and plateaus of failure cannot bend the model. Source: Song et al., The Vizier
  /// Gaussian Process Bandit Algorithm (2024), section on output warping.
  bool half_rank = true;
  /// Above 1: a logarithm with this offset stretches the good end (Vizier uses 1.5). 1: off.
  double log_offset = 1;
  /// Yeo-Johnson with its exponent by maximum likelihood. Source: Cowen-Rivers et al., HEBO (JAIR 2022).
  bool yeo_johnson = false;
};

namespace detail {

/// Moves and scales `y` to mean 0 and standard deviation 1. Constant values become 0.
inline void standardise(std::vector<double>& y) {
  const auto n = static_cast<double>(y.size());
  double mean = 0;
  for (const double value : y) mean += value;
  mean /= n;
  double square = 0;
  for (double& value : y) {
    value -= mean;
    square += value * value;
  }
  const double deviation = std::sqrt(square / n);
  const bool constant = !(deviation > 1e-14 * std::max(std::fabs(mean), 1e-300));
  for (double& value : y) value = constant ? 0 : value / deviation;
}

/// Scales `y` to at most 1 in magnitude by a power of two (exact), so that no later step overflows or underflows.
inline void rescale(std::vector<double>& y) {
  double largest = 0;
  for (const double value : y) largest = std::max(largest, std::fabs(value));
  if (largest == 0) return;
  const int exponent = std::ilogb(largest) + 1;
  for (double& value : y) value = std::ldexp(value, -exponent);
}

inline void warp_half_rank(std::vector<double>& y) {
  const double median = numeric::median(y);
  double square = 0;
  std::size_t good = 0;
  for (const double value : y) {
    if (value > median) continue;
    square += (value - median) * (value - median);
    ++good;
  }
  const double spread = std::sqrt(square / static_cast<double>(good));
  if (!(spread > 0)) return;
  const std::vector<double> ranks = numeric::average_ranks(y);
  for (std::size_t i = 0; i < y.size(); ++i) {
    if (y[i] <= median) continue;
    y[i] = median + spread * numeric::quantile((ranks[i] - 0.5) / static_cast<double>(y.size()));
  }
}

inline void warp_log(std::vector<double>& y, double offset) {
  const auto [low, high] = std::minmax_element(y.begin(), y.end());
  const double least = *low;
  const double range = *high - least;
  if (!(range > 0)) return;
  for (double& value : y) value = numeric::log1p((value - least) / range * (offset - 1));
}

[[nodiscard]] inline double yeo_johnson(double y, double lambda) {
  const double power = y >= 0 ? lambda : 2 - lambda;
  const double grown = numeric::log1p(std::fabs(y));
  const double magnitude = std::fabs(power) < 1e-12 ? grown : numeric::expm1(power * grown) / power;
  return y >= 0 ? magnitude : -magnitude;
}

/// Log likelihood of `lambda` for standardised `y`, up to a constant.
[[nodiscard]] inline double yeo_johnson_likelihood(std::span<const double> y, double lambda) {
  const auto n = static_cast<double>(y.size());
  double mean = 0, jacobian = 0;
  std::vector<double> warped;
  for (const double value : y) {
    warped.push_back(yeo_johnson(value, lambda));
    mean += warped.back() / n;
    jacobian += (value >= 0 ? 1 : -1) * numeric::log1p(std::fabs(value));
  }
  double variance = 0;
  for (const double value : warped) variance += (value - mean) * (value - mean) / n;
  return (lambda - 1) * jacobian - 0.5 * n * numeric::log(std::max(variance, 1e-300));
}

inline void warp_yeo_johnson(std::vector<double>& y) {
  standardise(y);
  constexpr double golden = 0.6180339887498949;
  double low = -2, high = 4;
  for (int step = 0; step < 24; ++step) {
    const double left = high - golden * (high - low);
    const double right = low + golden * (high - low);
    const bool lower_half = yeo_johnson_likelihood(y, left) >= yeo_johnson_likelihood(y, right);
    (lower_half ? high : low) = lower_half ? right : left;
  }
  for (double& value : y) value = yeo_johnson(value, (low + high) / 2);
}

}  // namespace detail

/// Targets with mean 0 and standard deviation 1 in the order of `losses`; equal losses get equal targets, a smaller
/// loss never a larger target. Any finite losses are allowed; constant ones give zeros.
[[nodiscard]] inline Eigen::VectorXd targets(std::span<const double> losses, const TargetWarp& warp = {}) {
  std::vector<double> y(losses.begin(), losses.end());
  if (!y.empty()) {
    detail::rescale(y);
    if (warp.half_rank) detail::warp_half_rank(y);
    if (warp.log_offset > 1) detail::warp_log(y, warp.log_offset);
    if (warp.yeo_johnson) detail::warp_yeo_johnson(y);
    detail::standardise(y);
  }
  return Eigen::Map<const Eigen::VectorXd>(y.data(), static_cast<Eigen::Index>(y.size()));
}

}  // namespace hposearch::inline v0
