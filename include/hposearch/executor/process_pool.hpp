/// \file
/// Evaluates each trial in a process of its own.
#pragma once

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include <poll.h>
#include <unistd.h>

#include <hposearch/error.hpp>
#include <hposearch/executor.hpp>
#include <hposearch/executor/evaluate.hpp>
#include <hposearch/executor/map.hpp>
#include <hposearch/executor/posix.hpp>
#include <hposearch/executor/process_options.hpp>
#include <hposearch/executor/slot_options.hpp>
#include <hposearch/executor/trial_process.hpp>
#include <hposearch/text.hpp>

namespace hposearch::inline v0 {

/// The executor that forks a process for each trial: the search survives whatever a trial does. One that crashes,
/// calls exit(), is killed, hangs, or takes too much time or memory fails with a message that says so, for example
/// "killed by signal 11 (Segmentation fault)" or "exited with status 3 before returning a value".
///
/// The objective finds everything that the program had in memory when the trial started, but what it changes stays in
/// its process: only the returned value and reports come back. A slot is free again once next_event() has handed out
/// its trial's final event.
///
/// **Stopping.** A trial that is cancelled, or has exceeded its timeout, has its stop token made ready; one that has
/// not ended after `grace` is killed. A trial's process leads a process group: whatever of it is left when the trial
/// has ended is killed as well. No trial outlives this program, however that ends. Ctrl-C reaches the program but not
/// its trials: the search decides what becomes of them.
///
/// **What a forked process cannot do.** Of the program's threads only the one that starts the trial exists in it, so
/// an objective must not rely on others, nor on locks they may hold, nor on libraries that do not survive a fork (an
/// OpenMP team or a CUDA context in use before; in the trial itself they are fine). Its standard input is empty.
/// Destructors of static objects and functions registered with atexit() do not run at its end.
///
/// There are no threads in this program: next_event() waits for all processes at once, and watches the clock while it
/// waits, so a timeout passes unnoticed while nobody asks for events. All calls from one thread, which must live for as
/// long as a trial runs (Linux ends a process together with the thread that has forked it).
///
/// The destructor asks every trial to stop, waits for at most `grace`, and kills the rest.
class ProcessPool : public TrialMapping<ProcessPool> {
 public:
  /// \param workers number of slots, at least 1
  /// \throws InvalidArgument
  template <std::integral N>
  explicit ProcessPool(N workers, ProcessPoolOptions options = {}) : options_(std::move(options)) {
    detail::check_grace(options_.grace);
    slots_.resize(detail::worker_count(workers));
    options_.slots = detail::complete_slot_options(std::move(options_.slots), slots_.size());
  }

  ~ProcessPool();
  ProcessPool(const ProcessPool&) = delete;
  ProcessPool& operator=(const ProcessPool&) = delete;

  [[nodiscard]] std::size_t slots() const noexcept { return slots_.size(); }
  [[nodiscard]] std::size_t free_slots() const noexcept {
    return static_cast<std::size_t>(std::ranges::count_if(slots_, [](const Slot& slot) { return !slot.trial; }));
  }

  /// Begins a trial in a process of its own. Where none can be started, the trial fails with the system's reason.
  /// \throws NoFreeSlot; InvalidArgument for a bad timeout or a trial that is running already
  template <class F, class P>
    requires BoundObjective<F, P>
  void start(TrialId id, std::shared_ptr<const F> objective, const P& point, StartOptions options = {}) {
    begin(id, options, [&](TrialContext& context) { return static_cast<double>((*objective)(point, context)); });
  }

  /// The next event, or nothing once `deadline` has passed. Sleeps until there is something to do.
  [[nodiscard]] std::optional<ExecutorEvent> next_event(std::chrono::steady_clock::time_point deadline);

  /// Asks a running trial to stop.
  void cancel(TrialId id);

 private:
  using Time = detail::SteadyTime;

  struct Slot {
    std::optional<TrialId> trial;                   // until its final event is handed out
    std::unique_ptr<detail::TrialProcess> process;  // while it is there
  };

  void begin(TrialId id, const StartOptions& options, const std::function<double(TrialContext&)>& objective);
  Time enforce_limits(Time now);
  void wait(Time until);
  void stop_all();

  ProcessPoolOptions options_;
  std::vector<Slot> slots_;
  std::deque<ExecutorEvent> events_;
  pid_t owner_ = 0;  // the process that has started the trials
};

inline void ProcessPool::begin(TrialId id, const StartOptions& options,
                               const std::function<double(TrialContext&)>& objective) {
  detail::check(options);
  if (std::ranges::any_of(slots_, [id](const Slot& slot) { return slot.trial == id; })) detail::refuse_running(id);
  const auto slot = detail::choose_slot(slots_, options.slot, [](const Slot& candidate) { return !candidate.trial; });
  if (slot == slots_.end()) detail::refuse_full("ProcessPool", slots(), options.slot);

  ExecutorEvent last;
  last.trial = id;
  last.slot = static_cast<std::size_t>(slot - slots_.begin());
  auto process = std::make_unique<detail::TrialProcess>(last, options_);
  owner_ = ::getpid();
  try {
    process->launch(objective, options, [this] {
      for (Slot& sibling : slots_) sibling.process.reset();
    });
    slot->process = std::move(process);
  } catch (const std::system_error& error) {
    last.kind = ExecutorEvent::Kind::failed;
    last.message = "could not start a process: " + error.code().message();
    last.started = last.finished = std::chrono::steady_clock::now();
    events_.push_back(std::move(last));
  }
  slot->trial = id;
}

inline std::optional<ExecutorEvent> ProcessPool::next_event(std::chrono::steady_clock::time_point deadline) {
  while (events_.empty()) {
    const Time now = std::chrono::steady_clock::now();
    wait(std::min(deadline, enforce_limits(now)));
    if (events_.empty() && now >= deadline) return std::nullopt;
  }
  ExecutorEvent event = std::move(events_.front());
  events_.pop_front();
  if (event.final()) slots_[event.slot].trial.reset();
  return event;
}

inline void ProcessPool::cancel(TrialId id) {
  for (Slot& slot : slots_) {
    if (slot.trial == id && slot.process)
      slot.process->ask_to_stop(detail::StopCause::cancelled, std::chrono::steady_clock::now());
  }
}

// Stops what is over its time and kills what did not stop. Returns when to look again.
inline ProcessPool::Time ProcessPool::enforce_limits(Time now) {
  Time next = Time::max();
  for (Slot& slot : slots_) {
    if (slot.process) next = std::min(next, slot.process->enforce_limits(now));
  }
  return next;
}

// Sleeps until a process says something or ends, or until `until`, and handles what there is.
inline void ProcessPool::wait(Time until) {
  std::vector<pollfd> watched;
  for (const Slot& slot : slots_) {
    if (!slot.process) continue;
    slot.process->watch(watched);
    if (!slot.process->end_is_watched()) until = std::min(until, detail::next_look());
  }
  detail::poll_until(watched, until);
  for (Slot& slot : slots_) {
    if (!slot.process) continue;
    const bool ended = slot.process->has_ended();  // asked first, so that all it sent before its end is received
    slot.process->receive([this](ExecutorEvent report) { events_.push_back(std::move(report)); });
    if (!ended) continue;
    events_.push_back(slot.process->bury());
    slot.process.reset();
  }
}

inline void ProcessPool::stop_all() {
  const Time now = std::chrono::steady_clock::now();
  for (Slot& slot : slots_) {
    if (slot.process) slot.process->ask_to_stop(detail::StopCause::cancelled, now);
  }
  while (std::ranges::any_of(slots_, [](const Slot& slot) { return slot.process != nullptr; }))
    wait(enforce_limits(std::chrono::steady_clock::now()));
}

inline ProcessPool::~ProcessPool() {
  // An objective that calls exit() gets here in its own process, where the trials are another's.
  if (::getpid() != owner_) return;
  try {
    stop_all();
  } catch (...) {  // no memory, say
    for (Slot& slot : slots_) {
      if (slot.process) slot.process->kill();
    }
  }
}

}  // namespace hposearch::inline v0
