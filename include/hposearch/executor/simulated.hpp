/// \file
/// An executor on a virtual clock: thousands of workers, in no time, the same on every run.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include <hposearch/error.hpp>
#include <hposearch/executor.hpp>
#include <hposearch/executor/evaluate.hpp>
#include <hposearch/text.hpp>

namespace hposearch::inline v0 {

/// Runs objectives at once but lets their results arrive when simulated workers would have them, so that schedules,
/// stopping rules and asynchronous search can be studied and tested without waiting.
///
/// The clock stands still except in next_event(), which moves it to the event it returns or to the deadline. Searches
/// ask it for the time through now(). Reports of an objective are spread evenly over its run time. A timeout shorter
/// than the run time makes the trial fail at that time. Not thread-safe.
class SimulatedExecutor {
 public:
  using Clock = std::chrono::steady_clock;
  using Seconds = std::chrono::duration<double>;
  /// The simulated run time of a trial's attempt.
  using RunTime = std::function<Seconds(TrialId trial, std::size_t attempt)>;

  /// \throws InvalidArgument if `slots` is 0
  SimulatedExecutor(std::size_t slots, RunTime run_time) : run_time_(std::move(run_time)) {
    if (slots == 0) throw InvalidArgument("workers", "0", "must be at least 1");
    for (std::size_t slot = 0; slot < slots; ++slot) free_.insert(slot);
    slots_ = slots;
  }

  [[nodiscard]] std::size_t slots() const noexcept { return slots_; }
  [[nodiscard]] std::size_t free_slots() const noexcept { return free_.size(); }
  [[nodiscard]] Clock::time_point now() const noexcept { return now_; }

  /// \throws NoFreeSlot
  template <class F, class P>
  void start(TrialId id, const std::shared_ptr<const F>& objective, const P& point, StartOptions options = {}) {
    detail::check(options);
    if (free_.empty()) throw NoFreeSlot("all " + to_text(slots_) + " slots are busy");
    const std::size_t slot = *free_.begin();
    free_.erase(free_.begin());
    const auto took = std::chrono::duration_cast<Clock::duration>(run_time_(id, options.attempt));
    const bool in_time = !options.timeout || took <= *options.timeout;
    std::vector<std::pair<std::int64_t, double>> reports;
    TrialContext context{id, slot, options.attempt,
                         {}, {},   [&](std::int64_t step, double value) {
                           reports.emplace_back(step, value); }};
    ExecutorEvent last{.trial = id, .slot = slot, .started = now_, .finished = now_ + took};
    if (!in_time) last.finished = now_ + std::chrono::duration_cast<Clock::duration>(*options.timeout);
    detail::conclude(last, in_time ? detail::StopCause::none : detail::StopCause::timed_out,
                     in_time ? std::string{} : detail::time_limit_message(*options.timeout),
                     detail::evaluate([&] { return (*objective)(point, context); }));
    for (std::size_t i = 0; i < reports.size(); ++i) {
      ExecutorEvent report{.kind = ExecutorEvent::Kind::report, .trial = id, .slot = slot};
      std::tie(report.step, report.value) = reports[i];
      const auto when = now_ + took * static_cast<Clock::rep>(i + 1) / static_cast<Clock::rep>(reports.size() + 1);
      if (when < last.finished) schedule(when, std::move(report));
    }
    const auto when = last.finished;
    schedule(when, std::move(last));
  }

  /// The next event that happens before `deadline`; the clock moves on to it, or to the deadline.
  [[nodiscard]] std::optional<ExecutorEvent> next_event(Clock::time_point deadline) {
    if (agenda_.empty() || agenda_.begin()->when > deadline) {
      now_ = std::max(now_, deadline);
      return {};
    }
    auto node = agenda_.extract(agenda_.begin());
    now_ = std::max(now_, node.value().when);
    ExecutorEvent event = std::move(node.value().event);
    if (event.final()) free_.insert(event.slot);
    return event;
  }

  /// Ends a running trial now. Unknown ids are ignored.
  void cancel(TrialId id) {
    std::optional<ExecutorEvent> last;
    std::erase_if(agenda_, [&](const Entry& entry) {
      if (entry.event.trial != id) return false;
      if (entry.event.final()) last = entry.event;
      return true;
    });
    if (!last) return;
    last->kind = ExecutorEvent::Kind::cancelled;
    last->message = "cancelled";
    last->finished = now_;
    schedule(now_, *std::move(last));
  }

 private:
  struct Entry {
    Clock::time_point when;
    std::size_t order;  // of scheduling, so that simultaneous events have one order
    ExecutorEvent event;
    bool operator<(const Entry& other) const { return std::tie(when, order) < std::tie(other.when, other.order); }
  };

  void schedule(Clock::time_point when, ExecutorEvent event) { agenda_.insert({when, order_++, std::move(event)}); }

  RunTime run_time_;
  std::size_t slots_ = 0;
  std::size_t order_ = 0;
  std::set<std::size_t> free_;
  std::set<Entry> agenda_;
  Clock::time_point now_{};
};

}  // namespace hposearch::inline v0
