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

/// Targets for a model, with how they hang together with the losses.
struct Targets {
  Eigen::VectorXd values;     ///< mean 0, standard deviation 1
  Eigen::VectorXd log_slope;  ///< log d value / d loss at each loss, up to a constant that all warps share; of the bad
                              ///< half of a half-rank warp: as in the good half
};

namespace detail {

/// Losses on their way to targets: values and the logarithms of their slopes so far.
class TargetBuilder {
 public:
  /// Scales the losses to at most 1 in magnitude by a power of two (exact), so that no later step overflows.
  explicit TargetBuilder(std::span<const double> losses) : y_(losses.begin(), losses.end()), log_slope_(losses.size()) {
    double largest = 0;
    for (const double value : y_) largest = std::max(largest, std::fabs(value));
    if (largest == 0) return;
    const int exponent = std::ilogb(largest) + 1;
    for (double& value : y_) value = std::ldexp(value, -exponent);
  }

  /// To mean 0 and standard deviation 1. Constant values become 0.
  void standardise() {
    const auto n = static_cast<double>(y_.size());
    double mean = 0;
    for (const double value : y_) mean += value;
    mean /= n;
    double square = 0;
    for (double& value : y_) {
      value -= mean;
      square += value * value;
    }
    const double deviation = std::sqrt(square / n);
    const bool constant = !(deviation > 1e-14 * std::max(std::fabs(mean), 1e-300));
    const double shift = constant ? 0 : numeric::log(deviation);
    for (double& value : y_) value = constant ? 0 : value / deviation;
    for (double& value : log_slope_) value -= shift;
  }

  // Median and ranks are of the distinct values: on a plateau of equal best values, the scale stays that of its
  // surroundings, however often the plateau has been visited.
  void half_rank() {
    std::vector<double> distinct = y_;
    std::sort(distinct.begin(), distinct.end());
    distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
    const double median = numeric::median(distinct);
    double square = 0;
    std::size_t good = 0;
    for (const double value : distinct) {
      if (value > median) break;
      square += (value - median) * (value - median);
      ++good;
    }
    const double spread = std::sqrt(square / static_cast<double>(good));
    if (!(spread > 0)) return;
    for (double& value : y_) {
      if (value <= median) continue;
      const auto place = std::lower_bound(distinct.begin(), distinct.end(), value) - distinct.begin();
      const double level = (static_cast<double>(place) + 0.5) / static_cast<double>(distinct.size());
      value = median + spread * numeric::quantile(level);
    }
  }

  void logarithm(double offset) {
    const auto [low, high] = std::minmax_element(y_.begin(), y_.end());
    const double least = *low;
    const double range = *high - least;
    if (!(range > 0)) return;
    const double factor = (offset - 1) / range;
    for (std::size_t i = 0; i < y_.size(); ++i) {
      const double grown = numeric::log1p((y_[i] - least) * factor);
      log_slope_[i] += numeric::log(factor) - grown;
      y_[i] = grown;
    }
  }

  void yeo_johnson() {
    standardise();
    constexpr double golden = 0.6180339887498949;
    double low = -2, high = 4;
    for (int step = 0; step < 24; ++step) {
      const double left = high - golden * (high - low);
      const double right = low + golden * (high - low);
      const bool lower_half = likelihood(left) >= likelihood(right);
      (lower_half ? high : low) = lower_half ? right : left;
    }
    const double lambda = (low + high) / 2;
    for (std::size_t i = 0; i < y_.size(); ++i) {
      log_slope_[i] += (y_[i] >= 0 ? lambda - 1 : 1 - lambda) * numeric::log1p(std::fabs(y_[i]));
      y_[i] = transformed(y_[i], lambda);
    }
  }

  [[nodiscard]] Targets build() const {
    const auto n = static_cast<Eigen::Index>(y_.size());
    Targets result{.values = Eigen::VectorXd(n), .log_slope = Eigen::VectorXd(n)};
    std::copy(y_.begin(), y_.end(), result.values.data());
    std::copy(log_slope_.begin(), log_slope_.end(), result.log_slope.data());
    return result;
  }

 private:
  [[nodiscard]] static double transformed(double y, double lambda) {
    const double power = y >= 0 ? lambda : 2 - lambda;
    const double grown = numeric::log1p(std::fabs(y));
    const double magnitude = std::fabs(power) < 1e-12 ? grown : numeric::expm1(power * grown) / power;
    return y >= 0 ? magnitude : -magnitude;
  }

  // Log likelihood of Yeo-Johnson's exponent for standardised values, up to a constant.
  [[nodiscard]] double likelihood(double lambda) const {
    const auto n = static_cast<double>(y_.size());
    double mean = 0, jacobian = 0;
    std::vector<double> warped;
    warped.reserve(y_.size());
    for (const double value : y_) {
      warped.push_back(transformed(value, lambda));
      mean += warped.back() / n;
      jacobian += (value >= 0 ? 1 : -1) * numeric::log1p(std::fabs(value));
    }
    double variance = 0;
    for (const double value : warped) variance += (value - mean) * (value - mean) / n;
    return (lambda - 1) * jacobian - 0.5 * n * numeric::log(std::max(variance, 1e-300));
  }

  std::vector<double> y_, log_slope_;
};

}  // namespace detail

/// Targets in the order of `losses`; equal losses get equal targets, a smaller loss never a larger target. Any finite
/// losses are allowed; constant ones give zeros.
[[nodiscard]] inline Targets targets(std::span<const double> losses, const TargetWarp& warp = {}) {
  detail::TargetBuilder builder{losses};
  if (!losses.empty()) {
    if (warp.half_rank) builder.half_rank();
    if (warp.log_offset > 1) builder.logarithm(warp.log_offset);
    if (warp.yeo_johnson) builder.yeo_johnson();
    builder.standardise();
  }
  return builder.build();
}

}  // namespace hposearch::inline v0
