/// \file
/// Decides whether the next point is chosen while all slots are busy.
#pragma once

#include <chrono>
#include <cstddef>
#include <type_traits>

#include <hposearch/search/options.hpp>

namespace hposearch::inline v0::detail {

/// Compares what choosing a point costs with what a trial takes. A point chosen ahead misses one result; a slot that
/// waits for its point misses time. Half a percent of a trial is the price from which on time matters more.
class AskAheadPolicy {
 public:
  explicit AskAheadPolicy(AskAhead option) : option_(option) {}

  /// Whether the next point should be chosen now; false once that is done for the present state.
  [[nodiscard]] bool wanted() const noexcept {
    if (done_ || option_ == AskAhead::never) return false;
    return option_ == AskAhead::always || ask_seconds_ > 0.005 * trial_seconds_;
  }

  /// Whether trials should be handed over before a slot is free, where the executor takes them: a slot elsewhere would
  /// wait for its next trial to be chosen and to get there.
  [[nodiscard]] bool hand_over() const noexcept {
    if (option_ == AskAhead::never || trial_seconds_ == 0) return false;
    return option_ == AskAhead::always || ask_seconds_ + way_seconds > 0.005 * trial_seconds_;
  }

  /// Whether choosing again, with the result that has just come, a trial that was handed over and not begun is cheap
  /// enough: results of `slots` slots leave half the time, even though each then costs two choices.
  [[nodiscard]] bool choose_again(std::size_t slots) const noexcept {
    return trial_seconds_ > 10 * way_seconds && 4 * ask_seconds_ * static_cast<double>(slots) < trial_seconds_;
  }

  /// The next point has been chosen.
  void done() noexcept { done_ = true; }

  /// Calls `choose` and remembers how long it took.
  template <class F>
  auto measure(F&& choose) {
    done_ = false;
    const auto begin = std::chrono::steady_clock::now();
    const auto keep = [&] {
      const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
      // A point chosen ahead is handed out in no time, which says nothing about the cost of choosing.
      ask_seconds_ = took.count() > ask_seconds_ ? took.count() : 0.9 * ask_seconds_ + 0.1 * took.count();
    };
    if constexpr (std::is_void_v<std::invoke_result_t<F>>) {
      choose();
      keep();
    } else {
      auto result = choose();
      keep();
      return result;
    }
  }

  /// A trial kept its slot busy for so long; a result is known that a point chosen before does not know.
  void trial_took(std::chrono::duration<double> duration) noexcept {
    done_ = false;
    trial_seconds_ = trial_seconds_ == 0 ? duration.count() : 0.8 * trial_seconds_ + 0.2 * duration.count();
  }

 private:
  static constexpr double way_seconds = 2e-4;  // of a trial to another process and of its result back

  AskAhead option_;
  bool done_ = false;
  double ask_seconds_ = 0;
  double trial_seconds_ = 0;
};

}  // namespace hposearch::inline v0::detail
