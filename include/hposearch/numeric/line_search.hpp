/// \file
/// A line search for a step that satisfies the strong Wolfe conditions.
///
/// J. Nocedal, S. J. Wright: Numerical Optimization, 2nd edition, section 3.5 (bracketing, then narrowing with cubic
/// interpolation), with steps where the objective is not finite treated as too far.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace hposearch::inline v0::numeric {

/// A trial step with the objective's value and slope there.
struct LinePoint {
  double step = 0;
  double value = std::numeric_limits<double>::infinity();
  double slope = 0;
};

/// Searches along a line from a point of known value and negative slope. The caller evaluates:
/// `while (search.wants_more()) search.tell(value at search.step(), slope there)`.
class LineSearch {
 public:
  static constexpr double decrease = 1e-4;  ///< of the value, as a share of what the slope promises (Armijo)
  static constexpr double flatness = 0.9;   ///< of the slope in the end, as a share of the first (Wolfe)
  static constexpr int most_trials = 20;

  /// \param start   step 0, with a slope below 0
  /// \param step    the first to try, above 0
  /// \param longest the longest allowed, at least `step`, possibly infinite
  LineSearch(LinePoint start, double step, double longest)
      : start_(start), best_(start), step_(step), longest_(longest) {}

  [[nodiscard]] bool wants_more() const noexcept { return !done_; }
  /// The step to evaluate next.
  [[nodiscard]] double step() const noexcept { return step_; }
  /// The best step so far that decreases the value enough; step 0 if there is none.
  [[nodiscard]] const LinePoint& best() const noexcept { return best_; }

  /// Takes the value and slope at step(); what is not finite counts as too far.
  /// \return whether this step is the best so far
  bool tell(double value, double slope) {
    const LinePoint point{step_, value, slope};
    const bool finite = std::isfinite(value) && std::isfinite(slope);
    const bool better = finite && value <= start_.value + decrease * step_ * start_.slope && value < best_.value;
    ++trials_;
    if (!better) {
      set_far(finite ? point : LinePoint{step_});
      step_ = narrowed();
    } else {
      // The minimum lies between two points of which the better one slopes towards the other.
      const LinePoint before = std::exchange(best_, point);
      if (bracketed_ ? slope * (far_.step - point.step) >= 0 : slope >= 0) set_far(before);
      const bool at_the_end = !bracketed_ && step_ >= longest_;
      if (std::abs(slope) <= -flatness * start_.slope || at_the_end) done_ = true;
      step_ = bracketed_ ? narrowed() : extended(before);
    }
    if (trials_ >= most_trials || step_ == best_.step || step_ == far_.step) done_ = true;
    return better;
  }

 private:
  void set_far(const LinePoint& point) {
    far_ = point;
    bracketed_ = true;
  }

  /// A step beyond the best, where the slopes of the last two points say that it becomes flat, within limits.
  [[nodiscard]] double extended(const LinePoint& before) const {
    const double span = best_.step - before.step;
    const double gain = best_.slope - before.slope;
    const double flat = gain > 0 ? span * -best_.slope / gain : std::numeric_limits<double>::infinity();
    return std::min(best_.step + std::clamp(flat, span, 4 * span), longest_);
  }

  /// A step between the best and the far point, where a cubic through both has its minimum, within limits.
  [[nodiscard]] double narrowed() const {
    const double span = far_.step - best_.step;
    if (!std::isfinite(far_.value)) return best_.step + 0.25 * span;
    const double d1 = best_.slope + far_.slope - 3 * (far_.value - best_.value) / span;
    const double d2 = std::copysign(std::sqrt(d1 * d1 - best_.slope * far_.slope), span);
    const double share = 1 - (far_.slope + d2 - d1) / (far_.slope - best_.slope + 2 * d2);
    return best_.step + (std::isfinite(share) ? std::clamp(share, 0.1, 0.9) : 0.5) * span;
  }

  LinePoint start_, best_, far_;  // the minimum is between best_ and far_ once bracketed_
  double step_, longest_;
  int trials_ = 0;
  bool bracketed_ = false, done_ = false;
};

}  // namespace hposearch::inline v0::numeric
