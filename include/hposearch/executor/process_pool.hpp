/// \file
/// Evaluates each trial in a process of its own.
#pragma once

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <concepts>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <hposearch/error.hpp>
#include <hposearch/executor.hpp>
#include <hposearch/executor/evaluate.hpp>
#include <hposearch/executor/map.hpp>
#include <hposearch/executor/output_tail.hpp>
#include <hposearch/executor/posix.hpp>
#include <hposearch/executor/process_child.hpp>
#include <hposearch/executor/process_message.hpp>
#include <hposearch/executor/slot_options.hpp>
#include <hposearch/text.hpp>

namespace hposearch::inline v0 {

/// Where the standard output and error of a trial's process go.
enum class ProcessOutput : std::uint8_t {
  inherit,  ///< where those of this program go
  capture,  ///< nowhere, but a failure's message ends with the last lines
  discard
};

struct ProcessPoolOptions {
  /// How long a trial that was asked to stop may take to return, before its process is killed.
  std::chrono::nanoseconds grace = std::chrono::seconds{1};
  /// Bytes of data (heap, stacks and other private memory) that a trial's process may hold, what it has from this
  /// program included. An allocation beyond fails with std::bad_alloc, and the trial with it.
  std::optional<std::size_t> memory_limit{};
  ProcessOutput output = ProcessOutput::inherit;
  std::size_t output_lines = 20;     ///< how many lines are kept where output is captured
  std::vector<SlotOptions> slots{};  ///< none, or one for each worker
};

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

  // A running trial's process.
  struct Child {
    explicit Child(std::size_t output_lines) : tail(output_lines) {}

    pid_t pid = 0;
    detail::UniqueFd channel;  // to and from it
    detail::UniqueFd output;   // what it prints, where that is captured
    detail::UniqueFd end;      // readable when it has ended, where the system has this
    detail::ProcessMessageReader messages;
    detail::OutputTail tail;
    std::optional<detail::ProcessResult> result;
    std::string broken;  // what was wrong with its messages

    Time started{};
    std::optional<std::chrono::nanoseconds> timeout;
    Time limit = Time::max();    // when it is asked to stop
    Time give_up = Time::max();  // when it is killed; set with the request
    Time asked = Time::max();    // when it was asked to stop
    detail::StopCause stopped = detail::StopCause::none;
    bool killed = false;
  };

  struct Slot {
    std::optional<TrialId> trial;  // until its final event is handed out
    std::unique_ptr<Child> child;  // while its process is there
  };

  void begin(TrialId id, const StartOptions& options, const std::function<double(TrialContext&)>& objective);
  void launch(Slot& slot, const StartOptions& options, const std::function<double(TrialContext&)>& objective);
  [[nodiscard]] detail::UniqueFd open_output(Child& child) const;
  [[nodiscard]] std::size_t index(const Slot& slot) const { return static_cast<std::size_t>(&slot - slots_.data()); }
  [[nodiscard]] ExecutorEvent event(const Slot& slot, ExecutorEvent::Kind kind) const;
  Time enforce_limits(Time now);
  void ask_to_stop(Child& child, detail::StopCause cause, Time now) const;
  static void kill(Child& child);
  void wait(Time until);
  void receive(Slot& slot);
  void finish(Slot& slot);
  [[nodiscard]] std::string failure(const Child& child, int status) const;
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
  const auto slot = std::ranges::find_if(slots_, [](const Slot& candidate) { return !candidate.trial; });
  if (slot == slots_.end()) throw NoFreeSlot("ProcessPool: all " + to_text(slots()) + " slots are taken");
  slot->trial = id;
  try {
    launch(*slot, options, objective);
  } catch (const std::system_error& error) {
    slot->child.reset();
    ExecutorEvent& last = events_.emplace_back(event(*slot, ExecutorEvent::Kind::failed));
    last.message = "could not start a process: " + error.code().message();
    last.started = last.finished = std::chrono::steady_clock::now();
  } catch (...) {
    slot->child.reset();
    slot->trial.reset();
    throw;
  }
}

inline void ProcessPool::launch(Slot& slot, const StartOptions& options,
                                const std::function<double(TrialContext&)>& objective) {
  slot.child = std::make_unique<Child>(options_.output_lines);
  Child& child = *slot.child;
  auto [ours, theirs] = detail::make_socket_pair();
  detail::set_nonblocking(ours.get());
  const detail::UniqueFd output = open_output(child);
  detail::flush_output();

  detail::ChildTask task;
  task.trial = *slot.trial;
  task.slot = index(slot);
  task.attempt = options.attempt;
  task.settings = &options_.slots[task.slot];
  task.memory_limit = options_.memory_limit;
  task.channel = theirs.get();
  task.output = output.get();
  task.parent = owner_ = ::getpid();
  sigset_t all;
  ::sigfillset(&all);  // the program's own handlers must not run in the child
  ::pthread_sigmask(SIG_SETMASK, &all, &task.signals);
  child.started = std::chrono::steady_clock::now();
  const pid_t pid = ::fork();
  if (pid == 0) {
    ours.reset();
    for (Slot& other : slots_) other.child.reset();  // what belongs to other trials' processes
    detail::run_child(task, objective);
  }
  const int error = errno;
  ::pthread_sigmask(SIG_SETMASK, &task.signals, nullptr);
  if (pid < 0) throw std::system_error(error, std::generic_category());
  ::setpgid(pid, pid);  // here too: it must lead its group before anything is sent to that
  child.pid = pid;
  child.channel = std::move(ours);
  child.end = detail::open_process(pid);
  child.timeout = options.timeout;
  if (options.timeout) child.limit = detail::after(child.started, *options.timeout);
}

// The end that the child writes to, if its output does not go where ours goes.
inline detail::UniqueFd ProcessPool::open_output(Child& child) const {
  if (options_.output == ProcessOutput::inherit) return {};
  if (options_.output == ProcessOutput::discard) {
    detail::UniqueFd nothing{::open("/dev/null", O_WRONLY | O_CLOEXEC)};
    if (!nothing) detail::throw_errno("/dev/null");
    return nothing;
  }
  auto [ours, theirs] = detail::make_pipe();
  detail::set_nonblocking(ours.get());
  child.output = std::move(ours);
  return std::move(theirs);
}

inline ExecutorEvent ProcessPool::event(const Slot& slot, ExecutorEvent::Kind kind) const {
  ExecutorEvent made;
  made.kind = kind;
  made.trial = *slot.trial;
  made.slot = index(slot);
  return made;
}

inline std::optional<ExecutorEvent> ProcessPool::next_event(std::chrono::steady_clock::time_point deadline) {
  while (events_.empty()) {
    const Time now = std::chrono::steady_clock::now();
    wait(std::min(deadline, enforce_limits(now)));
    if (events_.empty() && now >= deadline) return std::nullopt;
  }
  ExecutorEvent next = std::move(events_.front());
  events_.pop_front();
  if (next.final()) slots_[next.slot].trial.reset();
  return next;
}

inline void ProcessPool::cancel(TrialId id) {
  for (Slot& slot : slots_) {
    if (slot.trial == id && slot.child)
      ask_to_stop(*slot.child, detail::StopCause::cancelled, std::chrono::steady_clock::now());
  }
}

// Stops what is over its time and kills what did not stop. Returns when to look again.
inline ProcessPool::Time ProcessPool::enforce_limits(Time now) {
  Time next = Time::max();
  for (Slot& slot : slots_) {
    if (!slot.child) continue;
    Child& child = *slot.child;
    if (now >= child.limit) ask_to_stop(child, detail::StopCause::timed_out, now);
    if (now >= child.give_up) kill(child);
    if (!child.killed) next = std::min(next, child.stopped == detail::StopCause::none ? child.limit : child.give_up);
  }
  return next;
}

inline void ProcessPool::ask_to_stop(Child& child, detail::StopCause cause, Time now) const {
  if (child.stopped != detail::StopCause::none) return;
  child.stopped = cause;
  child.asked = now;
  child.give_up = detail::after(now, options_.grace);
  detail::write_all(child.channel.get(), "s");
}

inline void ProcessPool::kill(Child& child) {
  if (std::exchange(child.killed, true)) return;
  detail::kill_group(child.pid);
}

// Sleeps until a process says something or ends, or until `until`, and handles what there is.
inline void ProcessPool::wait(Time until) {
  bool blind = false;  // some end can only be found by looking
  std::vector<pollfd> watched;
  for (const Slot& slot : slots_) {
    if (!slot.child) continue;
    blind = blind || !slot.child->end;
    for (const int fd : {slot.child->channel.get(), slot.child->output.get(), slot.child->end.get()})
      if (fd >= 0) watched.push_back({fd, POLLIN, 0});
  }
  const auto now = std::chrono::steady_clock::now();
  if (blind) until = std::min(until, now + std::chrono::milliseconds{10});
  const auto left =
      until <= now ? std::chrono::milliseconds{0} : std::chrono::ceil<std::chrono::milliseconds>(until - now);
  const int timeout = left.count() > INT_MAX ? INT_MAX : static_cast<int>(left.count());
  if (::poll(watched.data(), static_cast<nfds_t>(watched.size()), timeout) < 0 && errno != EINTR)
    detail::throw_errno("poll");
  for (Slot& slot : slots_) {
    if (!slot.child) continue;
    // Asked for before reading, so that all it sent before its end is read.
    const bool ended = detail::has_ended(slot.child->pid);
    receive(slot);
    if (ended) finish(slot);
  }
}

// Takes in what a process has sent and printed so far.
inline void ProcessPool::receive(Slot& slot) {
  Child& child = *slot.child;
  detail::drain(child.output, [&](std::string_view text) { child.tail.append(text); });
  detail::drain(child.channel, [&](std::string_view bytes) { child.messages.feed(bytes); });
  try {
    while (child.broken.empty()) {
      const auto message = child.messages.next();
      if (!message) break;
      if (const auto* report = std::get_if<detail::ProcessReport>(&*message)) {
        ExecutorEvent& reported = events_.emplace_back(event(slot, ExecutorEvent::Kind::report));
        reported.step = report->step;
        reported.value = report->value;
      } else {
        child.result = std::get<detail::ProcessResult>(*message);
      }
    }
  } catch (const Error& error) {
    child.broken = error.what();
    kill(child);
  }
}

// Ends a trial whose process has ended.
inline void ProcessPool::finish(Slot& slot) {
  Child& child = *slot.child;
  detail::kill_group(child.pid);  // before its id is free again
  const int status = detail::reap(child.pid);
  using std::chrono::nanoseconds;
  ExecutorEvent last = event(slot, ExecutorEvent::Kind::failed);
  last.started = child.started;
  last.finished = std::chrono::steady_clock::now();
  detail::Evaluation evaluation;
  if (child.result) {
    last.started = Time{nanoseconds{child.result->started}};
    last.finished = Time{nanoseconds{child.result->finished}};
    evaluation = {child.result->completed, child.result->value, child.result->message};
  }
  const bool in_time = child.result && last.finished <= child.asked;
  if (!child.result || !child.result->completed || !in_time) evaluation.message = failure(child, status);
  detail::conclude(last, in_time ? detail::StopCause::none : child.stopped, evaluation.message, evaluation);
  events_.push_back(std::move(last));
  slot.child.reset();
}

// Why a trial has no value, with the end of its output where that is kept.
inline std::string ProcessPool::failure(const Child& child, int status) const {
  std::string message;
  if (child.stopped == detail::StopCause::timed_out) {
    message = detail::time_limit_message(*child.timeout) + (child.killed ? " and was killed" : "");
  } else if (child.result) {
    message = child.result->message;
  } else if (!child.broken.empty()) {
    message = child.broken;
  } else {
    message = detail::exit_text(status) + (status != -1 && WIFEXITED(status) ? " before returning a value" : "");
  }
  const std::string tail = child.tail.text();
  return tail.empty() ? message : message + "\nlast output:\n" + tail;
}

inline void ProcessPool::stop_all() {
  const Time now = std::chrono::steady_clock::now();
  for (Slot& slot : slots_) {
    if (slot.child) ask_to_stop(*slot.child, detail::StopCause::cancelled, now);
  }
  while (std::ranges::any_of(slots_, [](const Slot& slot) { return slot.child != nullptr; }))
    wait(enforce_limits(std::chrono::steady_clock::now()));
}

inline ProcessPool::~ProcessPool() {
  // An objective that calls exit() gets here in its own process, where the trials are another's.
  if (::getpid() != owner_) return;
  try {
    stop_all();
  } catch (...) {  // no memory, say
    for (Slot& slot : slots_) {
      if (!slot.child) continue;
      detail::kill_group(slot.child->pid);
      detail::reap(slot.child->pid);
    }
  }
}

}  // namespace hposearch::inline v0
