/// \file
/// A trial's own process, as seen by the program that has started it.
#pragma once

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <functional>
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
#include <hposearch/executor/output_tail.hpp>
#include <hposearch/executor/posix.hpp>
#include <hposearch/executor/process_child.hpp>
#include <hposearch/executor/process_message.hpp>
#include <hposearch/executor/process_options.hpp>

namespace hposearch::inline v0::detail {

/// Starts a process for one trial, talks to it, and buries it. Destroyed before it was buried, it only lets go of it.
class TrialProcess {
 public:
  /// \param trial   an event with the trial and its slot
  /// \param options must outlive this
  TrialProcess(ExecutorEvent trial, const ProcessPoolOptions& options)
      : event_(std::move(trial)), options_(options), tail_(options.output_lines) {}

  /// Forks. `leave_siblings` is called in the new process, to let go of what belongs to others.
  /// \throws std::system_error if there is no process to be had
  void launch(const std::function<double(TrialContext&)>& objective, const StartOptions& start,
              const std::function<void()>& leave_siblings);

  /// Requests a stop, the first time. The process is killed if it has not ended after the grace period.
  void ask_to_stop(StopCause cause, SteadyTime now);

  /// Asks it to stop, or kills it, when it is time for that. \returns when to look again
  SteadyTime enforce_limits(SteadyTime now);

  void kill() {
    if (!std::exchange(killed_, true)) kill_group(pid_);
  }

  /// Adds what to poll for.
  void watch(std::vector<pollfd>& watched) const {
    for (const UniqueFd* fd : {&channel_, &output_, &end_})
      if (*fd) watched.push_back({fd->get(), POLLIN, 0});
  }
  /// Whether polling tells when it ends; without, has_ended() must be asked now and then.
  [[nodiscard]] bool end_is_watched() const noexcept { return static_cast<bool>(end_); }
  [[nodiscard]] bool has_ended() const noexcept { return detail::has_ended(pid_); }

  /// Takes in what it has sent and printed so far. \param report called with each report as an event
  template <class Report>
  void receive(const Report& report);

  /// Once it has ended: frees what the system holds of it, kills what it has left behind, and says how the trial ended.
  [[nodiscard]] ExecutorEvent bury();

 private:
  [[nodiscard]] UniqueFd open_output();
  [[nodiscard]] std::string failure(int status) const;

  ExecutorEvent event_;
  const ProcessPoolOptions& options_;

  pid_t pid_ = 0;
  UniqueFd channel_;  // to and from it
  UniqueFd output_;   // what it prints, where that is captured
  UniqueFd end_;      // readable when it has ended, where the system has this
  ProcessMessageReader messages_;
  OutputTail tail_;
  std::optional<ProcessResult> result_;
  std::string broken_;  // what was wrong with its messages

  std::optional<std::chrono::nanoseconds> timeout_;
  SteadyTime limit_ = SteadyTime::max();    // when it is asked to stop
  SteadyTime asked_ = SteadyTime::max();    // when it was
  SteadyTime give_up_ = SteadyTime::max();  // when it is killed
  StopCause stopped_ = StopCause::none;
  bool killed_ = false;
};

inline void TrialProcess::launch(const std::function<double(TrialContext&)>& objective, const StartOptions& start,
                                 const std::function<void()>& leave_siblings) {
  auto [ours, theirs] = make_socket_pair();
  set_nonblocking(ours.get());
  const UniqueFd output = open_output();
  flush_output();

  ChildTask task;
  task.trial = event_.trial;
  task.slot = event_.slot;
  task.attempt = start.attempt;
  task.settings = &options_.slots[event_.slot];
  task.memory_limit = options_.memory_limit;
  task.channel = theirs.get();
  task.output = output.get();
  task.parent = ::getpid();
  sigset_t all;
  ::sigfillset(&all);  // this program's handlers must not run in the child
  ::pthread_sigmask(SIG_SETMASK, &all, &task.signals);
  event_.started = std::chrono::steady_clock::now();
  const pid_t pid = ::fork();
  if (pid == 0) {
    ours.reset();
    output_.reset();
    leave_siblings();
    run_child(task, objective);
  }
  const int error = errno;
  ::pthread_sigmask(SIG_SETMASK, &task.signals, nullptr);
  if (pid < 0) throw std::system_error(error, std::generic_category());
  ::setpgid(pid, pid);  // here too: it must lead its group before anything is sent to that
  pid_ = pid;
  channel_ = std::move(ours);
  end_ = open_process(pid);
  timeout_ = start.timeout;
  if (timeout_) limit_ = after(event_.started, *timeout_);
}

// The end that the child writes to, if its output does not go where ours goes.
inline UniqueFd TrialProcess::open_output() {
  if (options_.output == ProcessOutput::inherit) return {};
  if (options_.output == ProcessOutput::discard) {
    UniqueFd nothing{::open("/dev/null", O_WRONLY | O_CLOEXEC)};
    if (!nothing) throw_errno("/dev/null");
    return nothing;
  }
  auto [ours, theirs] = make_pipe();
  set_nonblocking(ours.get());
  output_ = std::move(ours);
  return std::move(theirs);
}

inline void TrialProcess::ask_to_stop(StopCause cause, SteadyTime now) {
  if (stopped_ != StopCause::none) return;
  stopped_ = cause;
  asked_ = now;
  give_up_ = after(now, options_.grace);
  write_all(channel_.get(), "s");
}

inline SteadyTime TrialProcess::enforce_limits(SteadyTime now) {
  if (now >= limit_) ask_to_stop(StopCause::timed_out, now);
  if (now >= give_up_) kill();
  if (killed_) return SteadyTime::max();
  return stopped_ == StopCause::none ? limit_ : give_up_;
}

template <class Report>
void TrialProcess::receive(const Report& report) {
  drain(output_, [&](std::string_view text) { tail_.append(text); });
  drain(channel_, [&](std::string_view bytes) { messages_.feed(bytes); });
  try {
    while (broken_.empty()) {
      const auto message = messages_.next();
      if (!message) break;
      if (const auto* result = std::get_if<ProcessResult>(&*message)) {
        result_ = *result;
        continue;
      }
      ExecutorEvent event = event_;
      event.kind = ExecutorEvent::Kind::report;
      event.step = std::get<ProcessReport>(*message).step;
      event.value = std::get<ProcessReport>(*message).value;
      report(std::move(event));
    }
  } catch (const Error& error) {
    broken_ = error.what();
    kill();
  }
}

inline ExecutorEvent TrialProcess::bury() {
  kill_group(pid_);  // before its id is free for another
  const int status = reap(pid_);
  event_.finished = std::chrono::steady_clock::now();
  Evaluation evaluation;
  if (result_) {
    event_.started = SteadyTime{std::chrono::nanoseconds{result_->started}};
    event_.finished = SteadyTime{std::chrono::nanoseconds{result_->finished}};
    evaluation.completed = result_->completed;
    evaluation.value = result_->value;
  }
  const bool in_time = result_ && event_.finished <= asked_;
  const std::string message = in_time && evaluation.completed ? std::string{} : failure(status);
  evaluation.message = message;
  conclude(event_, in_time ? StopCause::none : stopped_, message, std::move(evaluation));
  return event_;
}

// Why the trial has no value, with the end of its output where that is kept.
inline std::string TrialProcess::failure(int status) const {
  std::string message;
  if (stopped_ == StopCause::timed_out) {
    message = time_limit_message(*timeout_) + (killed_ ? " and was killed" : "");
  } else if (result_) {
    message = result_->message;
  } else if (!broken_.empty()) {
    message = broken_;
  } else {
    message = exit_text(status);
    if (status != -1 && WIFEXITED(status)) message += " before returning a value";
  }
  const std::string tail = tail_.text();
  return tail.empty() ? message : message + "\nlast output:\n" + tail;
}

}  // namespace hposearch::inline v0::detail
