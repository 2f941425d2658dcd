/// \file
/// The values of a quantised real dimension.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>

namespace hposearch::inline v0 {

/// The numbers low, low + step, ..., high.
///
/// Where low and step are short decimal numbers the values are the doubles nearest to the decimal ones: from 0 in
/// steps of 0.1 the fourth is 0.3, not 0.30000000000000004.
class Grid {
 public:
  /// \param low, high, step finite, low < high, step > 0, and such that fits(low, high, step)
  Grid(double low, double high, double step)
      : low_(low), high_(high), step_(step), last_(std::round((high - low) / step)) {
    const int decimals = std::max(decimals_of(low), decimals_of(step));
    if (decimals > max_decimals) return;
    const double unit = power_of_ten(decimals);
    if (std::max(std::abs(low), std::abs(high)) * unit >= exact_integers) return;
    unit_ = unit;
    low_units_ = std::round(low * unit);
    step_units_ = std::round(step * unit);
  }

  /// Whether high is a whole number of steps from low, but for the rounding of the three.
  [[nodiscard]] static bool fits(double low, double high, double step) {
    const double steps = (high - low) / step;
    const double slack = rounding(low, high) / step + 4 * std::numeric_limits<double>::epsilon() * steps;
    return slack < 0.25 && std::round(steps) >= 1 && std::abs(steps - std::round(steps)) <= slack;
  }

  [[nodiscard]] double step() const noexcept { return step_; }
  [[nodiscard]] std::size_t size() const noexcept { return static_cast<std::size_t>(last_) + 1; }

  /// The k-th value, 0 <= k < size().
  [[nodiscard]] double operator[](std::size_t k) const {
    const auto steps = static_cast<double>(k);
    if (k == 0) return low_;
    if (steps >= last_) return high_;
    if (unit_ == 0) return std::clamp(low_ + steps * step_, low_, high_);
    return (low_units_ + steps * step_units_) / unit_;  // whole numbers below 2^53: only the division rounds
  }

  /// The index of `value`, or nothing where it is none of the values, but for rounding.
  [[nodiscard]] std::optional<std::size_t> find(double value) const {
    const double steps = std::round((value - low_) / step_);
    if (!(steps >= 0 && steps <= last_)) return {};
    const auto k = static_cast<std::size_t>(steps);
    if (std::abs((*this)[k] - value) > 1e-9 * step_ + rounding(low_, high_)) return {};
    return k;
  }

 private:
  static constexpr int max_decimals = 22;  // 10^22 is the largest power of ten that a double holds exactly
  static constexpr double exact_integers = 9007199254740992;  // 2^53

  [[nodiscard]] static double rounding(double low, double high) {
    return 4 * std::numeric_limits<double>::epsilon() * std::max(std::abs(low), std::abs(high));
  }

  // Digits after the decimal point of the shortest decimal that reads back as `value`.
  [[nodiscard]] static int decimals_of(double value) {
    std::array<char, 32> buffer;
    const char* end =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific).ptr;
    const char* e = std::find(buffer.data(), const_cast<char*>(end), 'e');
    const char* point = std::find(buffer.data(), const_cast<char*>(e), '.');
    int exponent = 0;
    std::from_chars(e[1] == '+' ? e + 2 : e + 1, end, exponent);
    const auto mantissa = point == e ? 0 : static_cast<int>(e - point) - 1;
    return std::max(0, mantissa - exponent);
  }

  [[nodiscard]] static double power_of_ten(int exponent) {
    double power = 1;
    for (int i = 0; i < exponent; ++i) power *= 10;
    return power;
  }

  double low_, high_, step_;
  double last_;      // index of high
  double unit_ = 0;  // 10^decimals, or 0 where the values are not short decimals
  double low_units_ = 0, step_units_ = 0;
};

}  // namespace hposearch::inline v0
