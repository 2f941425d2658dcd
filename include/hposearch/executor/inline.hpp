/// \file
/// Evaluates trials in the thread that starts them.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

#include <hposearch/error.hpp>
#include <hposearch/executor.hpp>
#include <hposearch/executor/evaluate.hpp>
#include <hposearch/executor/map.hpp>
#include <hposearch/executor/slot_options.hpp>

namespace hposearch::inline v0 {

namespace detail {

/// Requests a stop once a time limit has passed, from a thread of its own; without a limit it does nothing.
class TimeLimit {
 public:
  TimeLimit(std::stop_source& stop, std::optional<std::chrono::nanoseconds> limit) {
    if (limit)
      watch_ = std::jthread([this, &stop, end = after(std::chrono::steady_clock::now(), *limit)] {
        std::unique_lock lock(mutex_);
        if (over_.wait_until(lock, end, [this] { return finished_; })) return;
        exceeded_ = true;
        lock.unlock();
        stop.request_stop();
      });
  }
  ~TimeLimit() { finish(); }
  TimeLimit(const TimeLimit&) = delete;
  TimeLimit& operator=(const TimeLimit&) = delete;

  /// Ends the watch. \returns whether the limit passed before
  bool finish() {
    const std::lock_guard lock(mutex_);
    finished_ = true;
    over_.notify_all();
    return exceeded_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable over_;
  bool finished_ = false;
  bool exceeded_ = false;
  std::jthread watch_;  // last: joined before what it uses goes
};

}  // namespace detail

/// The executor with one slot that runs each trial inside start(): nothing concurrent, for debugging, for objectives
/// that are parallel themselves, and for tests.
///
/// The slot is free again once next_event() has handed out the trial's final event. A trial with a timeout is asked to
/// stop through its token when the time is over; one that does not look at it runs on, and fails when it returns.
/// There is never a running trial to cancel. Not thread-safe: one thread at a time.
class InlineExecutor : public TrialMapping<InlineExecutor> {
 public:
  /// \param slot the devices that trials see in their context; the environment is left alone
  explicit InlineExecutor(SlotOptions slot = {}) : slot_(std::move(slot)) {}

  [[nodiscard]] std::size_t slots() const noexcept { return 1; }
  [[nodiscard]] std::size_t free_slots() const noexcept { return busy_ ? 0 : 1; }

  /// Evaluates `objective` at `point` before it returns.
  /// \throws NoFreeSlot while the last trial's final event has not been taken; InvalidArgument for a bad timeout
  template <class F, class P>
    requires BoundObjective<F, P>
  void start(TrialId id, std::shared_ptr<const F> objective, const P& point, StartOptions options = {}) {
    detail::check(options);
    if (busy_) throw NoFreeSlot("InlineExecutor: its only slot is taken by a trial whose end was not asked for yet");

    ExecutorEvent last;
    last.trial = id;
    last.started = std::chrono::steady_clock::now();
    std::stop_source stop;
    TrialContext context{
        id, 0, options.attempt, stop.get_token(), slot_.devices, [this, id](std::int64_t step, double value) {
          report(id, step, value);
        }};
    detail::TimeLimit limit{stop, options.timeout};
    detail::Evaluation result = detail::evaluate([&] { return (*objective)(point, context); });
    const bool late = limit.finish();
    last.finished = std::chrono::steady_clock::now();
    detail::conclude(last, late ? detail::StopCause::timed_out : detail::StopCause::none,
                     late ? detail::time_limit_message(*options.timeout) : std::string{}, std::move(result));
    events_.push_back(std::move(last));
    busy_ = true;
  }

  /// The next event, at once if there is one; otherwise nothing, when `deadline` has passed.
  [[nodiscard]] std::optional<ExecutorEvent> next_event(std::chrono::steady_clock::time_point deadline) {
    if (events_.empty()) {
      std::this_thread::sleep_until(deadline);
      return std::nullopt;
    }
    ExecutorEvent event = std::move(events_.front());
    events_.pop_front();
    if (event.final()) busy_ = false;
    return event;
  }

  /// Does nothing: no trial runs between two calls.
  void cancel(TrialId) noexcept {}

 private:
  void report(TrialId id, std::int64_t step, double value) {
    ExecutorEvent event;
    event.kind = ExecutorEvent::Kind::report;
    event.trial = id;
    event.step = step;
    event.value = value;
    events_.push_back(std::move(event));
  }

  SlotOptions slot_;
  std::deque<ExecutorEvent> events_;
  bool busy_ = false;
};

}  // namespace hposearch::inline v0
