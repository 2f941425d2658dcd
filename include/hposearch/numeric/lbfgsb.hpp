/// \file
/// Minimisation of a smooth function in a box: L-BFGS-B.
///
/// R. H. Byrd, P. Lu, J. Nocedal, C. Zhu: A limited memory algorithm for bound constrained optimization. SIAM Journal
/// on Scientific Computing 16, 1995.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>
#include <utility>

#include <Eigen/Core>

#include <hposearch/error.hpp>
#include <hposearch/numeric/bounded_model.hpp>
#include <hposearch/numeric/dense.hpp>
#include <hposearch/numeric/limited_memory.hpp>
#include <hposearch/numeric/line_search.hpp>
#include <hposearch/text.hpp>

namespace hposearch::inline v0::numeric {

/// When to stop, and how to start. Scale the variables so that a step of 1 is large for each of them.
struct BoundedOptions {
  int max_iterations = 200;          ///< steps that decrease the value
  int max_evaluations = 1000;        ///< of the objective, at least 1
  double gradient_tolerance = 1e-6;  ///< stop where no element of the projected gradient is larger
  double value_tolerance = 1e-10;    ///< stop where a step gains less than this times max(1, |value|)
  double initial_step = 0.1;         ///< length of the first step to try, above 0
  int memory = 10;                   ///< steps to learn curvature from, at least 1
};

/// Why a minimisation ended.
enum class BoundedStop {
  gradient,     ///< the projected gradient is as small as asked for
  value,        ///< the last step gained too little
  iterations,   ///< max_iterations reached
  evaluations,  ///< max_evaluations reached
  stalled,      ///< no step decreases the value: rounding, or a gradient that does not belong to it
  not_finite,   ///< the value or the gradient at the first point is not finite
};

/// The best point found.
struct BoundedMinimum {
  Eigen::VectorXd x;
  double value;
  Eigen::VectorXd gradient;
  int iterations;
  int evaluations;
  BoundedStop stop;
};

/// The largest element of the projected gradient: of how far x moves along -g and is cut off at the box.
[[nodiscard]] inline double largest_projected_gradient(const Box& box, const Eigen::VectorXd& x,
                                                       const Eigen::VectorXd& g) {
  double largest = 0;
  for (Eigen::Index i = 0; i < x.size(); ++i) largest = std::max(largest, std::abs(box.clamp(i, x[i] - g[i]) - x[i]));
  return largest;
}

/// One minimisation in progress; see minimize_bounded.
template <class F>
class BoundedSearch {
 public:
  BoundedSearch(F& objective, Box box, Eigen::VectorXd start, const BoundedOptions& options)
      : objective_(objective),
        options_(options),
        box_(std::move(box)),
        // In few dimensions more pairs than dimensions cost more than they teach.
        memory_(start.size(), std::min<Eigen::Index>(options.memory, std::max<Eigen::Index>(start.size(), 5))),
        model_(box_, memory_),
        direction_(start.size()),
        trial_(start.size()),
        trial_gradient_(start.size()),
        next_(start.size()),
        next_gradient_(start.size()) {
    found_.x = std::move(start);
    found_.gradient.resize(found_.x.size());
  }

  BoundedSearch(const BoundedSearch&) = delete;
  BoundedSearch& operator=(const BoundedSearch&) = delete;

  [[nodiscard]] BoundedMinimum run() {
    found_.value = evaluate(found_.x, found_.gradient);
    if (!std::isfinite(found_.value) || !found_.gradient.allFinite()) {
      found_.stop = BoundedStop::not_finite;
      return std::move(found_);
    }
    forget();
    while (!ended_) advance();
    return std::move(found_);
  }

 private:
  double evaluate(const Eigen::VectorXd& x, Eigen::VectorXd& gradient) {
    ++found_.evaluations;
    return objective_(x, gradient);
  }

  void end(BoundedStop why) {
    found_.stop = why;
    ended_ = true;
  }

  /// Starts afresh with steepest descent, whose first step's largest element is the initial step.
  void forget() {
    double largest = 0;
    for (const double element : found_.gradient) largest = std::max(largest, std::abs(element));
    memory_.reset(largest / options_.initial_step);
  }

  void advance() {
    if (largest_projected_gradient(box_, found_.x, found_.gradient) <= options_.gradient_tolerance)
      return end(BoundedStop::gradient);
    if (found_.iterations >= options_.max_iterations) return end(BoundedStop::iterations);
    if (found_.evaluations >= options_.max_evaluations) return end(BoundedStop::evaluations);
    if (!search_towards(model_.minimize(found_.x, found_.gradient))) {
      if (memory_.size() == 0) return end(BoundedStop::stalled);
      return forget();
    }
    const double before = std::exchange(found_.value, next_value_);
    for (Eigen::Index i = 0; i < next_.size(); ++i) {
      trial_[i] = next_[i] - found_.x[i];
      trial_gradient_[i] = next_gradient_[i] - found_.gradient[i];
    }
    memory_.learn(trial_, trial_gradient_);
    std::swap(found_.x, next_);
    std::swap(found_.gradient, next_gradient_);
    ++found_.iterations;
    const double scale = std::max({1.0, std::abs(before), std::abs(found_.value)});
    if (before - found_.value <= options_.value_tolerance * scale) end(BoundedStop::value);
  }

  /// Looks for a better point on the line to `target`, as long as evaluations last.
  /// \return whether one was found: it is next_ then
  [[nodiscard]] bool search_towards(const Eigen::VectorXd& target) {
    for (Eigen::Index i = 0; i < target.size(); ++i) direction_[i] = target[i] - found_.x[i];
    const double slope = dot(found_.gradient, direction_);
    if (!(slope < 0)) return false;
    LineSearch search({0, found_.value, slope}, 1, reach());
    while (search.wants_more() && found_.evaluations < options_.max_evaluations) {
      move(search.step(), target);
      const double value = evaluate(trial_, trial_gradient_);
      if (search.tell(value, dot(trial_gradient_, direction_))) {
        std::swap(next_, trial_);
        std::swap(next_gradient_, trial_gradient_);
      }
    }
    next_value_ = search.best().value;
    return search.best().step > 0;
  }

  /// The longest step along the direction that stays in the box.
  [[nodiscard]] double reach() const {
    double longest = std::numeric_limits<double>::infinity();
    for (Eigen::Index i = 0; i < direction_.size(); ++i) {
      if (direction_[i] == 0) continue;
      const double bound = direction_[i] > 0 ? box_.upper[i] : box_.lower[i];
      longest = std::min(longest, (bound - found_.x[i]) / direction_[i]);
    }
    return std::max(longest, 1.0);
  }

  /// Sets trial_ to the point at `step`; at step 1 exactly `target`, so that what lies on a bound there does lie on it.
  void move(double step, const Eigen::VectorXd& target) {
    if (step == 1) {
      trial_ = target;
      return;
    }
    for (Eigen::Index i = 0; i < trial_.size(); ++i) trial_[i] = box_.clamp(i, found_.x[i] + step * direction_[i]);
  }

  F& objective_;
  const BoundedOptions options_;
  const Box box_;
  LimitedMemory memory_;
  BoundedModel model_;
  BoundedMinimum found_{};
  Eigen::VectorXd direction_, trial_, trial_gradient_, next_, next_gradient_;
  double next_value_ = 0;
  bool ended_ = false;
};

/// \throws InvalidArgument where an option is out of range
inline void check(const BoundedOptions& options) {
  if (options.memory < 1) throw InvalidArgument("memory", to_text(options.memory), "must be at least 1");
  if (options.max_evaluations < 1)
    throw InvalidArgument("max_evaluations", to_text(options.max_evaluations), "must be at least 1");
  if (!(options.initial_step > 0))
    throw InvalidArgument("initial_step", to_text(options.initial_step), "must be above 0");
}

/// `x0` moved into the box.
/// \throws InvalidArgument where sizes differ, a lower bound is not at most the upper one, or the start is not finite
[[nodiscard]] inline Eigen::VectorXd start_in(const Box& box, const Eigen::Ref<const Eigen::VectorXd>& x0) {
  require_equal_lengths("size of lower", box.lower.size(), x0.size());
  require_equal_lengths("size of upper", box.upper.size(), x0.size());
  Eigen::VectorXd start = x0;
  for (Eigen::Index i = 0; i < x0.size(); ++i) {
    const auto element = [&](const char* name) { return name + ('[' + to_text(i) + ']'); };
    if (!(box.lower[i] <= box.upper[i]))
      throw InvalidArgument(element("lower"), to_text(box.lower[i]), "must be at most " + to_text(box.upper[i]));
    start[i] = box.clamp(i, x0[i]);
    if (!std::isfinite(start[i])) throw InvalidArgument(element("x0"), to_text(x0[i]), "must be finite in the box");
  }
  return start;
}

/// Finds a local minimum of `objective` in lower <= x <= upper.
///
/// \param objective `double objective(const Eigen::VectorXd& x, Eigen::VectorXd& gradient)`: returns the value at x, a
///                  point of the box, and sets the gradient, which has x's size already. It may return NaN or infinity:
///                  the step was too far then. What it throws passes through.
/// \param x0        where to start; moved into the box where it lies outside
/// \param lower,upper bounds, equal where a coordinate is fixed, possibly infinite
/// \return the best point evaluated; its value is never above that at the start
/// \throws InvalidArgument where sizes differ, lower > upper, x0 is NaN, or an option is out of range
///
/// Bits: the same for the same objective on every machine, see tile.hpp. Memory grows as (2 memory + 10) d; a step
/// costs O(memory d + memory^3) beyond the objective, and O(memory^2 d) where coordinates are free.
template <class F>
[[nodiscard]] BoundedMinimum minimize_bounded(F&& objective, const Eigen::Ref<const Eigen::VectorXd>& x0,
                                              const Eigen::Ref<const Eigen::VectorXd>& lower,
                                              const Eigen::Ref<const Eigen::VectorXd>& upper,
                                              const BoundedOptions& options = {}) {
  check(options);
  Box box{lower, upper};
  Eigen::VectorXd start = start_in(box, x0);
  return BoundedSearch<std::remove_reference_t<F>>(objective, std::move(box), std::move(start), options).run();
}

}  // namespace hposearch::inline v0::numeric
