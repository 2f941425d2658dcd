/// \file
/// A real-valued dimension.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include <hposearch/error.hpp>
#include <hposearch/numeric/elementary.hpp>
#include <hposearch/space/encoded_space.hpp>
#include <hposearch/space/grid.hpp>
#include <hposearch/space/rules.hpp>
#include <hposearch/space/scale.hpp>
#include <hposearch/space/value.hpp>

namespace hposearch::inline v0 {

/// What may be said about a Real beyond its bounds.
struct RealOptions {
  std::optional<double> step = std::nullopt;     ///< only low, low + step, ..., high; must divide the range
  std::optional<double> initial = std::nullopt;  ///< the declared default, one of the values
};

/// The reals from low to high, both included.
///
///     Real{"learning_rate", 1e-6, 1e+1, log_scale}
///     Real{"dropout", 0.0, 0.5, {.step = 0.1, .initial = 0.2}}
class Real {
 public:
  using value_type = double;

  /// \throws InvalidSpace for an empty name; bounds that are not finite, not in order or further apart than a double
  ///   can tell; a log scale with low <= 0; a step that is not above 0 or does not divide the range; an initial value
  ///   that is not one of the values
  Real(std::string name, double low, double high, Scale scale = linear_scale, RealOptions options = {})
      : name_(std::move(name)), low_(low), high_(high), scale_(scale) {
    check_bounds();
    origin_ = scale == Scale::log ? numeric::log(low) : low;
    width_ = scale == Scale::log ? numeric::log(high) - origin_ : high - low;
    require(width_ > 0 && std::isfinite(width_), range_text(low, high), "low and high must differ by a finite amount");
    if (options.step) set_step(*options.step);
    if (options.initial) {
      require(contains(*options.initial), "initial " + to_text(*options.initial), "the initial value " + rule());
      initial_ = options.initial;
    }
  }

  /// On a linear scale.
  Real(std::string name, double low, double high, RealOptions options)
      : Real(std::move(name), low, high, linear_scale, options) {}

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] double low() const noexcept { return low_; }
  [[nodiscard]] double high() const noexcept { return high_; }
  [[nodiscard]] Scale scale() const noexcept { return scale_; }
  [[nodiscard]] std::optional<double> initial() const noexcept { return initial_; }
  [[nodiscard]] std::optional<double> step() const { return grid_ ? std::optional{grid_->step()} : std::nullopt; }

  [[nodiscard]] EncodedDimension encoded() const {
    auto axis = axis_;
    axis.name = name_;
    if (initial_) axis.initial = encode(*initial_);
    return axis;
  }

  [[nodiscard]] bool contains(double value) const {
    return value >= low_ && value <= high_ && (!grid_ || grid_->find(value));
  }

  /// \throws InvalidPoint where the dimension does not contain the value
  [[nodiscard]] double encode(double value) const {
    if (!contains(value)) throw InvalidPoint(name_, to_text(value), rule());
    if (grid_) return axis_.centre(*grid_->find(value));
    const double position = scale_ == Scale::log ? numeric::log(value) : value;
    return std::clamp((position - origin_) / width_, 0.0, 1.0);  // log need not be monotone to the last bit
  }

  [[nodiscard]] double decode(double u) const {
    if (grid_) return (*grid_)[axis_.cell(u)];
    if (u <= 0) return low_;
    if (u >= 1) return high_;
    const double position = origin_ + u * width_;
    return std::clamp(scale_ == Scale::log ? numeric::exp(position) : position, low_, high_);
  }

  [[nodiscard]] static std::string text(double value) { return to_text(value); }

  [[nodiscard]] std::string signature() const {
    std::string text = "real " + range_text(low_, high_) + ' ' + std::string{to_text(scale_)};
    if (grid_) text += " step " + to_text(grid_->step());
    return text;
  }

 private:
  void check_bounds() const {
    check_name(name_);
    require(std::isfinite(low_) && std::isfinite(high_), range_text(low_, high_), "the bounds must be finite");
    require(low_ < high_, range_text(low_, high_), "low must be below high");
    require(scale_ == Scale::linear || low_ > 0, range_text(low_, high_), "a log scale needs low above 0");
  }

  void set_step(double step) {
    const std::string given = "step " + to_text(step);
    require(std::isfinite(step) && step > 0, given, "the step must be finite and above 0");
    require(Grid::fits(low_, high_, step), given, "the step must divide the range " + range_text(low_, high_));
    require((high_ - low_) / step < max_linear_cells && (scale_ == Scale::linear || high_ / step < max_log_cells),
            given, "the step is too small for the range " + range_text(low_, high_));
    grid_.emplace(low_, high_, step);
    axis_ = {.name = {},
             .kind = DimensionKind::ordered,
             .cells = grid_->size(),
             .log = scale_ == Scale::log,
             .first = low_,
             .step = step,
             .initial = {}};
  }

  void require(bool condition, const std::string& value, const std::string& rule) const {
    if (!condition) throw InvalidSpace(name_, value, rule);
  }

  [[nodiscard]] std::string rule() const {
    std::string text = "must be in " + range_text(low_, high_);
    if (grid_) text += " in steps of " + to_text(grid_->step());
    return text;
  }

  std::string name_;
  double low_, high_;
  Scale scale_;
  double origin_ = 0, width_ = 0;  // of the continuum on its scale
  std::optional<Grid> grid_;
  EncodedDimension axis_;  // without name and initial
  std::optional<double> initial_;
};

}  // namespace hposearch::inline v0
