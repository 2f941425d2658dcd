/// \file
/// The median of numbers that come one by one.
#pragma once

#include <functional>
#include <queue>
#include <vector>

namespace hposearch::inline v0::numeric {

/// Takes numbers in O(log n) and knows the lower median of those so far at once.
class RunningMedian {
 public:
  void push(double value) {
    if (lower_.empty() || value <= lower_.top()) {
      lower_.push(value);
    } else {
      upper_.push(value);
    }
    if (lower_.size() > upper_.size() + 1) {
      upper_.push(lower_.top());
      lower_.pop();
    } else if (upper_.size() > lower_.size()) {
      lower_.push(upper_.top());
      upper_.pop();
    }
  }

  [[nodiscard]] bool empty() const noexcept { return lower_.empty(); }

  /// The middle one of an odd number, the smaller of the two in the middle of an even one. There must be one.
  [[nodiscard]] double value() const { return lower_.top(); }

 private:
  std::priority_queue<double> lower_;
  std::priority_queue<double, std::vector<double>, std::greater<>> upper_;
};

}  // namespace hposearch::inline v0::numeric
