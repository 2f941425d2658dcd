/// \file
/// The life of a trial's own process, from the fork to its end.
#pragma once

#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <new>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <hposearch/error.hpp>
#include <hposearch/executor/evaluate.hpp>
#include <hposearch/executor/posix.hpp>
#include <hposearch/executor/process_message.hpp>
#include <hposearch/executor/slot_options.hpp>
#include <hposearch/text.hpp>
#include <hposearch/trial/context.hpp>

#if defined(__linux__)
#include <sys/prctl.h>
#endif

namespace hposearch::inline v0::detail {

/// Sends what the program has printed so far on its way: a fork would print it a second time.
inline void flush_output() {
  std::cout.flush();
  std::clog.flush();
  std::fflush(stdout);
  std::fflush(stderr);
}

/// A limit on the data that a process may hold: set as the soft limit, so that it can be lifted again.
class MemoryLimit {
 public:
  explicit MemoryLimit(std::optional<std::size_t> bytes) : bytes_(bytes) {}

  void impose() const { set(bytes_); }

  /// Calls `call`. Running out of memory there is an error that names the limit.
  template <class Call>
  double watch(const Call& call) const {
    try {
      return call();
    } catch (const std::bad_alloc&) {
      if (!bytes_) throw;
      set(std::nullopt);  // so that there is room for the message
      throw Error("out of memory: its limit is " + to_text(static_cast<double>(*bytes_) / (1 << 20)) + " MiB");
    }
  }

 private:
  static void set(std::optional<std::size_t> bytes) {
    rlimit limit{};
    if (::getrlimit(RLIMIT_DATA, &limit) != 0) return;
    limit.rlim_cur = bytes && *bytes < limit.rlim_max ? static_cast<rlim_t>(*bytes) : limit.rlim_max;
    ::setrlimit(RLIMIT_DATA, &limit);
  }

  std::optional<std::size_t> bytes_;
};

/// What a trial's process is given by the one that starts it.
struct ChildTask {
  TrialId trial = 0;
  std::size_t slot = 0;
  std::size_t attempt = 1;
  const SlotOptions* settings = nullptr;
  std::optional<std::size_t> memory_limit;
  int channel = -1;  ///< the socket to the parent: frames go out; a byte that comes in asks to stop
  int output = -1;   ///< where standard output and error go; -1: where the parent's go
  pid_t parent = 0;
  sigset_t signals = {};  ///< the mask that the objective runs with
};

// Ends the process together with those it has started.
inline void end_group() { ::kill(::getpgrp() == ::getpid() ? 0 : ::getpid(), SIGKILL); }

/// A group of its own, so that all it starts can be killed with it; no signals from the terminal; no life after the
/// parent's.
inline void settle_child(const ChildTask& task) {
  ::setpgid(0, 0);
  struct sigaction action {};
  action.sa_handler = SIG_IGN;
  for (const int signal : {SIGINT, SIGTTOU}) ::sigaction(signal, &action, nullptr);
  action.sa_handler = [](int) { end_group(); };
  ::sigaction(SIGHUP, &action, nullptr);
#if defined(__linux__)
  ::prctl(PR_SET_PDEATHSIG, SIGHUP);
#endif
  if (::getppid() != task.parent) ::_exit(EXIT_FAILURE);
  sigset_t mask = task.signals;
  ::sigdelset(&mask, SIGHUP);
  ::pthread_sigmask(SIG_SETMASK, &mask, nullptr);
}

/// Standard input is empty: a process in the background would be stopped by reading from the terminal.
inline void redirect_child(const ChildTask& task) {
  const UniqueFd nothing{::open("/dev/null", O_RDONLY)};
  if (!nothing || ::dup2(nothing.get(), STDIN_FILENO) < 0) throw_errno("/dev/null");
  if (task.output < 0) return;
  if (::dup2(task.output, STDOUT_FILENO) < 0 || ::dup2(task.output, STDERR_FILENO) < 0) throw_errno("dup2");
  std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);  // so that a crash loses no line
}

/// Makes `stop` ready once the parent asks for it, from a thread of its own. Without the parent, ends the process.
inline void watch_parent(int channel, std::stop_source stop) {
  sigset_t all, before;
  ::sigfillset(&all);  // signals are for the objective's thread
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread([channel, stop = std::move(stop)]() mutable {
    char byte = 0;
    ssize_t received = 0;
    while ((received = retry_interrupted([&] { return ::recv(channel, &byte, 1, 0); })) > 0) stop.request_stop();
    if (received == 0) end_group();  // otherwise the objective has closed what is not its own
  }).detach();
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

/// The whole of a child process, after the fork: evaluates, sends its reports and its result, and exits without
/// running what the parent has registered for its own exit.
[[noreturn]] inline void run_child(const ChildTask& task, const std::function<double(TrialContext&)>& objective) {
  const auto now = [] { return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds{1}; };
  ProcessResult result;
  result.started = now();
  Evaluation evaluation = evaluate([&] {
    settle_child(task);
    redirect_child(task);
    for (const auto& [name, value] : task.settings->environment) ::setenv(name.c_str(), value.c_str(), 1);
    std::stop_source stop;
    watch_parent(task.channel, stop);
    TrialContext context{task.trial,
                         task.slot,
                         task.attempt,
                         stop.get_token(),
                         task.settings->devices,
                         [&](std::int64_t step, double value) {
                           write_all(task.channel, encode_message(ProcessReport{step, value}));
                         }};
    const MemoryLimit limit{task.memory_limit};
    limit.impose();
    return limit.watch([&] { return objective(context); });
  });
  result.finished = now();
  result.completed = evaluation.completed;
  result.value = evaluation.value;
  result.message = std::move(evaluation.message);
  bool sent = false;
  try {
    flush_output();
    sent = write_all(task.channel, encode_message(result));
  } catch (...) {  // no memory is left for the message: the status tells
  }
  ::_exit(sent ? EXIT_SUCCESS : EXIT_FAILURE);
}

}  // namespace hposearch::inline v0::detail
