/// \file
/// Evaluates trials in threads of this process.
#pragma once

#include <algorithm>
#include <chrono>
#include <concepts>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <hposearch/error.hpp>
#include <hposearch/executor.hpp>
#include <hposearch/executor/evaluate.hpp>
#include <hposearch/executor/map.hpp>
#include <hposearch/executor/slot_options.hpp>

namespace hposearch::inline v0 {

struct ThreadPoolOptions {
  /// How long a trial that was asked to stop may take to return, before its thread is given up.
  std::chrono::nanoseconds grace = std::chrono::seconds{1};
  std::vector<SlotOptions> slots{};  ///< none, or one for each worker
};

/// The executor with a thread per slot.
///
/// The objective is called through a const reference from several threads at once. A slot is free again once
/// next_event() has handed out its trial's final event.
///
/// **Stopping.** A thread cannot be killed. A trial that is cancelled, or that has exceeded its timeout, has its stop
/// token made ready; when it returns, its final event comes (cancelled, or failed with a message that names the limit).
/// An objective that ignores the token for `grace` is abandoned: its final event comes all the same, its thread is
/// detached, and the next trial in that slot gets a fresh thread, so the pool never loses a slot. What an abandoned
/// objective returns or reports later is dropped; it keeps its processor busy until it returns, if ever, and must not
/// outlive what it refers to. Objectives that hang belong in a ProcessPool.
///
/// **Who watches the clock.** next_event(), while it waits: a timeout passes unnoticed while nobody asks for events,
/// and a result that has arrived by then is used.
///
/// The destructor asks every trial to stop, waits for at most `grace`, and abandons the rest. All calls from one
/// thread at a time.
class ThreadPool : public TrialMapping<ThreadPool> {
 public:
  /// Threads are made when their slot is first used.
  /// \param workers number of slots, at least 1
  /// \throws InvalidArgument
  template <std::integral N>
  explicit ThreadPool(N workers, ThreadPoolOptions options = {}) : grace_(options.grace) {
    detail::check_grace(grace_);
    slots_.resize(detail::worker_count(workers));
    std::vector<SlotOptions> settings = detail::complete_slot_options(std::move(options.slots), slots_.size());
    for (std::size_t i = 0; i < slots_.size(); ++i) slots_[i].devices = std::move(settings[i].devices);
  }

  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  [[nodiscard]] std::size_t slots() const noexcept { return slots_.size(); }
  [[nodiscard]] std::size_t free_slots() const noexcept {
    return static_cast<std::size_t>(std::ranges::count_if(slots_, [](const Slot& slot) { return !slot.run; }));
  }

  /// Begins a trial in a free slot; `point` is copied.
  /// \throws NoFreeSlot; InvalidArgument for a bad timeout or a trial that is running already
  template <class F, class P>
    requires BoundObjective<F, P>
  void start(TrialId id, std::shared_ptr<const F> objective, const P& point, StartOptions options = {}) {
    begin(id, options, [objective = std::move(objective), point](TrialContext& context) -> double {
      return static_cast<double>((*objective)(point, context));
    });
  }

  /// The next event, or nothing once `deadline` has passed. Sleeps until there is something to do.
  [[nodiscard]] std::optional<ExecutorEvent> next_event(std::chrono::steady_clock::time_point deadline);

  /// Asks a running trial to stop. Callbacks registered with its stop token run in this call.
  void cancel(TrialId id);

 private:
  using Time = detail::SteadyTime;

  // One trial in one slot. Its constants are set before its thread sees it, the rest is guarded by Shared::mutex.
  struct Run {
    TrialId id = 0;
    std::size_t slot = 0;
    std::size_t attempt = 1;
    std::vector<std::string> devices;
    std::function<double(TrialContext&)> objective;  // the thread's own
    std::stop_source stop;
    std::optional<std::chrono::nanoseconds> timeout;

    Time limit = Time::max();    // when it is asked to stop
    Time give_up = Time::max();  // when it is abandoned; set with the request
    detail::StopCause stopped = detail::StopCause::none;
    std::string limit_message;
    std::list<ExecutorEvent> last;  // the final event, made beforehand so that handing it over cannot fail
    bool ended = false;             // the final event is in the queue: nothing of this run is accepted any more
  };

  // What threads share with the pool, and keep when they outlive it.
  struct Shared {
    std::mutex mutex;
    std::condition_variable arrived;  // notified under the lock: a pool may be gone right after it
    std::list<ExecutorEvent> events;
  };

  // A thread's letter box. Guarded by Shared::mutex.
  struct Worker {
    std::condition_variable wake;
    std::shared_ptr<Run> next;
    bool leave = false;
  };

  // The pool's side of a slot.
  struct Slot {
    std::vector<std::string> devices;
    std::shared_ptr<Run> run;  // until its final event is handed out
    std::shared_ptr<Worker> worker;
    std::jthread thread;
  };

  void begin(TrialId id, const StartOptions& options, std::function<double(TrialContext&)> objective);
  static void work(const std::shared_ptr<Shared>& shared, const std::shared_ptr<Worker>& worker);
  static void execute(Shared& shared, Run& run);
  static void report(Shared& shared, const Run& run, std::int64_t step, double value);
  static void end(Shared& shared, Run& run, detail::Evaluation result) noexcept;
  Time enforce_limits(std::unique_lock<std::mutex>& lock, Time now);
  void request_stop(Run& run, detail::StopCause reason, Time now);
  void abandon(Slot& slot);

  std::chrono::nanoseconds grace_;
  std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
  std::vector<Slot> slots_;
};

inline void ThreadPool::begin(TrialId id, const StartOptions& options, std::function<double(TrialContext&)> objective) {
  detail::check(options);
  if (std::ranges::any_of(slots_, [id](const Slot& slot) { return slot.run && slot.run->id == id; }))
    detail::refuse_running(id);
  const auto slot = detail::choose_slot(slots_, options.slot, [](const Slot& candidate) { return !candidate.run; });
  if (slot == slots_.end()) detail::refuse_full("ThreadPool", slots(), options.slot);

  auto run = std::make_shared<Run>();
  run->id = id;
  run->slot = static_cast<std::size_t>(slot - slots_.begin());
  run->attempt = options.attempt;
  run->devices = slot->devices;
  run->objective = std::move(objective);
  run->timeout = options.timeout;
  ExecutorEvent& last = run->last.emplace_back();
  last.trial = id;
  last.slot = run->slot;
  last.started = std::chrono::steady_clock::now();
  if (options.timeout) run->limit = detail::after(last.started, *options.timeout);

  if (!slot->worker) {
    auto worker = std::make_shared<Worker>();
    try {
      slot->thread = std::jthread([shared = shared_, worker] { work(shared, worker); });
      slot->worker = std::move(worker);
    } catch (const std::system_error& error) {
      slot->run = run;
      const std::lock_guard lock(shared_->mutex);
      end(*shared_, *run, {false, 0, "could not start a thread: " + error.code().message()});
      return;
    }
  }
  slot->run = run;
  const std::lock_guard lock(shared_->mutex);
  slot->worker->next = std::move(run);
  slot->worker->wake.notify_one();
}

inline void ThreadPool::work(const std::shared_ptr<Shared>& shared, const std::shared_ptr<Worker>& worker) {
  for (;;) {
    std::shared_ptr<Run> run;
    {
      std::unique_lock lock(shared->mutex);
      worker->wake.wait(lock, [&] { return worker->next || worker->leave; });
      if (!worker->next) return;
      run = std::move(worker->next);
    }
    execute(*shared, *run);
  }
}

inline void ThreadPool::execute(Shared& shared, Run& run) {
  {
    const std::lock_guard lock(shared.mutex);
    if (!run.ended) run.last.front().started = std::chrono::steady_clock::now();
  }
  detail::Evaluation result = detail::evaluate([&] {
    TrialContext context{run.id,      run.slot,
                         run.attempt, run.stop.get_token(),
                         run.devices, [&](std::int64_t step, double value) { report(shared, run, step, value); }};
    return run.objective(context);
  });
  run.objective = nullptr;  // before the final event: whoever sees that may rely on the objective being let go
  const std::lock_guard lock(shared.mutex);
  if (!run.ended) end(shared, run, std::move(result));
}

inline void ThreadPool::report(Shared& shared, const Run& run, std::int64_t step, double value) {
  std::list<ExecutorEvent> event(1);  // allocated without the lock
  event.front().kind = ExecutorEvent::Kind::report;
  event.front().trial = run.id;
  event.front().slot = run.slot;
  event.front().step = step;
  event.front().value = value;
  const std::lock_guard lock(shared.mutex);
  if (run.ended) return;
  shared.events.splice(shared.events.end(), event);
  shared.arrived.notify_one();
}

// Queues the final event of a run that has not ended. Under the lock.
inline void ThreadPool::end(Shared& shared, Run& run, detail::Evaluation result) noexcept {
  ExecutorEvent& last = run.last.front();
  last.finished = std::chrono::steady_clock::now();
  detail::conclude(last, run.stopped, std::move(run.limit_message), std::move(result));
  run.ended = true;
  shared.events.splice(shared.events.end(), run.last);
  shared.arrived.notify_one();
}

inline std::optional<ExecutorEvent> ThreadPool::next_event(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(shared_->mutex);
  while (shared_->events.empty()) {
    const Time now = std::chrono::steady_clock::now();
    const Time next_limit = enforce_limits(lock, now);
    if (!shared_->events.empty()) break;
    if (now >= deadline) return std::nullopt;
    shared_->arrived.wait_until(lock, std::min(deadline, next_limit));
  }
  ExecutorEvent event = std::move(shared_->events.front());
  shared_->events.pop_front();
  if (event.final()) slots_[event.slot].run.reset();
  return event;
}

inline void ThreadPool::cancel(TrialId id) {
  for (Slot& slot : slots_) {
    if (slot.run && slot.run->id == id)
      request_stop(*slot.run, detail::StopCause::cancelled, std::chrono::steady_clock::now());
  }
}

// Stops what is over its time and abandons what did not stop. Returns when to look again.
inline ThreadPool::Time ThreadPool::enforce_limits(std::unique_lock<std::mutex>& lock, Time now) {
  Time next = Time::max();
  for (Slot& slot : slots_) {
    if (!slot.run || slot.run->ended) continue;
    Run& run = *slot.run;
    if (now >= run.limit && run.stopped == detail::StopCause::none) {
      lock.unlock();
      request_stop(run, detail::StopCause::timed_out, now);
      lock.lock();
      if (run.ended) continue;
    }
    if (now >= run.give_up)
      abandon(slot);
    else
      next = std::min(next, run.stopped == detail::StopCause::none ? run.limit : run.give_up);
  }
  return next;
}

// The request itself is made without the lock: it runs the objective's stop callbacks, which may report.
inline void ThreadPool::request_stop(Run& run, detail::StopCause reason, Time now) {
  std::string message;
  if (reason == detail::StopCause::timed_out) message = detail::time_limit_message(*run.timeout);
  {
    const std::lock_guard lock(shared_->mutex);
    if (run.ended || run.stopped != detail::StopCause::none) return;
    run.stopped = reason;
    run.limit_message = std::move(message);
    run.give_up = detail::after(now, grace_);
  }
  run.stop.request_stop();
}

// Ends a run that goes on: its thread will find that it has ended, and leave. Under the lock.
inline void ThreadPool::abandon(Slot& slot) {
  if (slot.run->stopped == detail::StopCause::timed_out) slot.run->limit_message += " and did not stop";
  end(*shared_, *slot.run, {});
  slot.worker->leave = true;
  slot.worker.reset();
  slot.thread.detach();
}

inline ThreadPool::~ThreadPool() {
  const Time now = std::chrono::steady_clock::now();
  for (Slot& slot : slots_) {
    if (slot.run) request_stop(*slot.run, detail::StopCause::cancelled, now);
  }
  std::unique_lock lock(shared_->mutex);
  const auto stopped = [](const Slot& slot) { return !slot.run || slot.run->ended; };
  shared_->arrived.wait_until(lock, detail::after(now, grace_), [&] { return std::ranges::all_of(slots_, stopped); });
  for (Slot& slot : slots_) {
    if (!stopped(slot)) abandon(slot);
    if (!slot.worker) continue;
    slot.worker->leave = true;
    slot.worker->wake.notify_one();
  }
}

}  // namespace hposearch::inline v0
