#pragma once

#include <algorithm>
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

// Starts a thread for each trial. The threads put events into a queue, and the search's thread takes them out; nothing
// else is shared. TrialMapping adds workers.map(...).
class ThreadPerTrial : public hposearch::TrialMapping<ThreadPerTrial> {
  using Clock = std::chrono::steady_clock;
  using Event = hposearch::ExecutorEvent;

 public:
  explicit ThreadPerTrial(std::size_t slots) : queue_(std::make_unique<Queue>()), slots_(slots) {}

  std::size_t slots() const { return slots_.size(); }
  std::size_t free_slots() const { return static_cast<std::size_t>(std::ranges::count(slots_, false, &Slot::busy)); }

  template <class F, class P>
    requires hposearch::BoundObjective<F, P>
  void start(hposearch::TrialId id, std::shared_ptr<const F> objective, const P& point,
             hposearch::StartOptions options = {}) {
    hposearch::detail::check(options);
    if (find(id) != slots_.end()) hposearch::detail::refuse_running(id);
    const auto slot = std::ranges::find(slots_, false, &Slot::busy);
    if (slot == slots_.end()) throw hposearch::NoFreeSlot("ThreadPerTrial: every slot is busy");

    const auto index = static_cast<std::size_t>(slot - slots_.begin());
    slot->thread = std::jthread([queue = queue_.get(), id, index, objective, point, options](std::stop_token stop) {
      run(*queue, *objective, point, {id, index, options.attempt, stop, {}, [=](std::int64_t step, double value) {
                                        queue->push(report(id, index, step, value));
                                      }});
    });
    slot->busy = true;
    slot->id = id;
    slot->limit = options.timeout;
    slot->end = hposearch::detail::after(Clock::now(), options.timeout.value_or(std::chrono::nanoseconds::max()));
    slot->late = false;
  }

  std::optional<Event> next_event(Clock::time_point deadline) {
    for (;;) {
      const auto wake = std::min(deadline, std::ranges::min_element(slots_, {}, &Slot::end)->end);
      if (auto event = queue_->pop(wake)) {
        if (event->final()) finish(slots_[event->slot], *event);
        return event;
      }
      if (Clock::now() >= deadline) return {};
      for (auto& slot : slots_) stop_if_late(slot);
    }
  }

  void cancel(hposearch::TrialId id) {
    const auto slot = find(id);
    if (slot != slots_.end()) slot->thread.request_stop();
  }

 private:
  class Queue {
   public:
    void push(Event event) {
      const std::scoped_lock lock{mutex_};
      events_.push_back(std::move(event));
      arrived_.notify_one();
    }

    std::optional<Event> pop(Clock::time_point deadline) {
      std::unique_lock lock{mutex_};
      if (!arrived_.wait_until(lock, deadline, [this] { return !events_.empty(); })) return {};
      auto event = std::move(events_.front());
      events_.pop_front();
      return event;
    }

   private:
    std::mutex mutex_;
    std::condition_variable arrived_;
    std::deque<Event> events_;
  };

  struct Slot {
    bool busy = false;
    hposearch::TrialId id = 0;
    std::optional<std::chrono::nanoseconds> limit;
    Clock::time_point end = Clock::time_point::max();  // of the time limit
    bool late = false;
    std::jthread thread;
  };

  static Event report(hposearch::TrialId id, std::size_t slot, std::int64_t step, double value) {
    Event event;
    event.kind = Event::Kind::report;
    event.trial = id;
    event.slot = slot;
    event.step = step;
    event.value = value;
    return event;
  }

  // In the trial's thread. evaluate() turns exceptions into failures; conclude() drops a result that came too late.
  template <class F, class P>
  static void run(Queue& queue, const F& objective, const P& point, hposearch::TrialContext context) {
    Event event;
    event.trial = context.trial();
    event.slot = context.slot();
    event.started = Clock::now();
    auto result = hposearch::detail::evaluate([&] { return objective(point, context); });
    event.finished = Clock::now();
    using hposearch::detail::StopCause;
    const auto cause = context.stop_requested() ? StopCause::cancelled : StopCause::none;
    hposearch::detail::conclude(event, cause, {}, std::move(result));
    queue.push(std::move(event));
  }

  static void stop_if_late(Slot& slot) {
    if (!slot.busy || slot.late || Clock::now() < slot.end) return;
    slot.late = true;
    slot.end = Clock::time_point::max();
    slot.thread.request_stop();
  }

  static void finish(Slot& slot, Event& event) {
    slot.thread.join();
    if (slot.late && event.kind == Event::Kind::cancelled) {
      event.kind = Event::Kind::failed;
      event.message = hposearch::detail::time_limit_message(*slot.limit);
    }
    slot = Slot{};
  }

  std::vector<Slot>::iterator find(hposearch::TrialId id) {
    return std::ranges::find_if(slots_, [id](const Slot& slot) { return slot.busy && slot.id == id; });
  }

  std::unique_ptr<Queue> queue_;
  std::vector<Slot> slots_;  // last, so that threads end before the queue goes
};
