/// \file
/// What came of evaluating one point: a value, or a reason why there is none.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include <hposearch/error.hpp>

namespace hposearch::inline v0 {

/// The result of one evaluation. A value may be any double, also one that is not finite.
class Outcome {
 public:
  /// Implicit, so that values can be told as outcomes.
  Outcome(double value) noexcept : value_(value) {}

  [[nodiscard]] static Outcome failure(std::string reason) {
    Outcome outcome{0.0};
    outcome.value_.reset();
    outcome.reason_ = std::move(reason);
    return outcome;
  }

  [[nodiscard]] bool has_value() const noexcept { return value_.has_value(); }

  /// \throws Error with the reason, if there is no value
  [[nodiscard]] double value() const {
    if (!value_) throw Error(reason_);
    return *value_;
  }

  /// Why there is no value; empty if there is one.
  [[nodiscard]] const std::string& reason() const noexcept { return reason_; }

  /// The same with the run time of the evaluation, which some samplers look at.
  [[nodiscard]] Outcome after(std::chrono::duration<double> took) const {
    Outcome outcome = *this;
    outcome.took_ = took;
    return outcome;
  }

  /// The run time, where it is known.
  [[nodiscard]] std::optional<std::chrono::duration<double>> took() const noexcept { return took_; }

  friend bool operator==(const Outcome&, const Outcome&) = default;

 private:
  std::optional<double> value_;
  std::string reason_;
  std::optional<std::chrono::duration<double>> took_;
};

}  // namespace hposearch::inline v0
