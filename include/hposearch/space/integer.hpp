/// \file
/// An integer-valued dimension.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include <hposearch/error.hpp>
#include <hposearch/space/encoded_space.hpp>
#include <hposearch/space/rules.hpp>
#include <hposearch/space/scale.hpp>
#include <hposearch/space/value.hpp>

namespace hposearch::inline v0 {

/// What may be said about an Integer beyond its bounds.
struct IntegerOptions {
  std::int64_t step = 1;                               ///< only low, low + step, ..., high; must divide the range
  std::optional<std::int64_t> initial = std::nullopt;  ///< the declared default, one of the values
};

/// The integers from low to high, both included.
///
///     Integer{"layers", 1, 8}
///     Integer{"units", 16, 1024, log_scale, {.step = 16, .initial = 64}}
class Integer {
 public:
  using value_type = std::int64_t;

  /// \throws InvalidSpace for an empty name; bounds that are not in order or do not fit 64 bits; a log scale with
  ///   low <= 0; a step that is not above 0 or does not divide the range; more than 2^50 values, or on a log scale
  ///   values above 2^42 steps; an initial value that is not one of the values
  template <CountingIntegral Low, CountingIntegral High>
  Integer(std::string name, Low low, High high, Scale scale = linear_scale, IntegerOptions options = {})
      : name_(std::move(name)), scale_(scale), step_(options.step) {
    check_name(name_);
    require(std::in_range<std::int64_t>(low) && std::in_range<std::int64_t>(high), range_text(low, high),
            "the bounds must fit 64 bits with a sign");
    low_ = static_cast<std::int64_t>(low);
    high_ = static_cast<std::int64_t>(high);
    check_bounds();
    if (options.initial) {
      require(contains(*options.initial), "initial " + to_text(*options.initial), "the initial value " + rule());
      initial_ = options.initial;
    }
  }

  /// On a linear scale.
  template <CountingIntegral Low, CountingIntegral High>
  Integer(std::string name, Low low, High high, IntegerOptions options)
      : Integer(std::move(name), low, high, linear_scale, options) {}

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] std::int64_t low() const noexcept { return low_; }
  [[nodiscard]] std::int64_t high() const noexcept { return high_; }
  [[nodiscard]] Scale scale() const noexcept { return scale_; }
  [[nodiscard]] std::int64_t step() const noexcept { return step_; }
  [[nodiscard]] std::optional<std::int64_t> initial() const noexcept { return initial_; }

  [[nodiscard]] EncodedDimension encoded() const {
    auto axis = axis_;
    axis.name = name_;
    if (initial_) axis.initial = encode(*initial_);
    return axis;
  }

  [[nodiscard]] bool contains(std::int64_t value) const {
    return value >= low_ && value <= high_ && distance(low_, value) % static_cast<std::uint64_t>(step_) == 0;
  }

  /// \throws InvalidPoint where the dimension does not contain the value
  [[nodiscard]] double encode(std::int64_t value) const {
    if (!contains(value)) throw InvalidPoint(name_, to_text(value), rule());
    return axis_.centre(distance(low_, value) / static_cast<std::uint64_t>(step_));
  }

  [[nodiscard]] std::int64_t decode(double u) const {
    const auto offset = static_cast<std::uint64_t>(axis_.cell(u)) * static_cast<std::uint64_t>(step_);
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(low_) + offset);
  }

  [[nodiscard]] static std::string text(std::int64_t value) { return to_text(value); }

  [[nodiscard]] std::string signature() const {
    return "int " + range_text(low_, high_) + ' ' + std::string{to_text(scale_)} + " step " + to_text(step_);
  }

 private:
  // The difference of two 64-bit integers always fits 64 bits without a sign.
  [[nodiscard]] static std::uint64_t distance(std::int64_t from, std::int64_t to) {
    return static_cast<std::uint64_t>(to) - static_cast<std::uint64_t>(from);
  }

  void check_bounds() {
    const std::string bounds = range_text(low_, high_);
    require(low_ < high_, bounds, "low must be below high");
    require(scale_ == Scale::linear || low_ > 0, bounds, "a log scale needs low above 0");
    const std::string step = "step " + to_text(step_);
    require(step_ > 0, step, "the step must be above 0");
    const auto range = distance(low_, high_);
    const auto width = static_cast<std::uint64_t>(step_);
    require(range % width == 0, step, "the step must divide the range " + bounds);
    require(static_cast<double>(range / width) < max_linear_cells, bounds, "more than 2^50 values");
    require(scale_ == Scale::linear || static_cast<double>(high_) / static_cast<double>(step_) < max_log_cells, bounds,
            "on a log scale values must stay below 2^42 steps");
    axis_ = {.name = {},
             .kind = DimensionKind::ordered,
             .cells = static_cast<std::size_t>(range / width) + 1,
             .log = scale_ == Scale::log,
             .first = static_cast<double>(low_),
             .step = static_cast<double>(step_),
             .initial = {}};
  }

  void require(bool condition, const std::string& value, const std::string& rule) const {
    if (!condition) throw InvalidSpace(name_, value, rule);
  }

  [[nodiscard]] std::string rule() const {
    std::string text = "must be in " + range_text(low_, high_);
    if (step_ != 1) text += " in steps of " + to_text(step_);
    return text;
  }

  std::string name_;
  std::int64_t low_ = 0, high_ = 0;
  Scale scale_;
  std::int64_t step_;
  EncodedDimension axis_;  // without name and initial
  std::optional<std::int64_t> initial_;
};

}  // namespace hposearch::inline v0
