/// \file
/// Starts other programs.
#pragma once

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <poll.h>
#include <unistd.h>

#include <hposearch/error.hpp>
#include <hposearch/executor/posix.hpp>

#if defined(__linux__)
#include <sys/prctl.h>
#endif

extern "C" char** environ;  // POSIX has it in no header

namespace hposearch::inline v0::detail {

/// A program that runs, in a process group that it leads. Killed with its group when this goes.
class Program {
 public:
  Program(pid_t pid, UniqueFd standard_output, UniqueFd standard_error)
      : output(std::move(standard_output)), errors(std::move(standard_error)), pid_(pid), end_(open_process(pid)) {}
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program() {
    if (pid_ > 0) static_cast<void>(finish());
  }

  UniqueFd output;  ///< its standard output, to be read without blocking
  UniqueFd errors;  ///< its standard error, likewise

  /// Adds what to poll for.
  void watch(std::vector<pollfd>& watched) const {
    for (const UniqueFd* fd : {&output, &errors, &end_})
      if (*fd) watched.push_back({fd->get(), POLLIN, 0});
  }
  [[nodiscard]] pid_t id() const noexcept { return pid_; }
  /// Whether polling tells when it ends; without, has_ended() must be asked now and then.
  [[nodiscard]] bool end_is_watched() const noexcept { return static_cast<bool>(end_); }
  [[nodiscard]] bool has_ended() const noexcept { return detail::has_ended(pid_); }
  void terminate() const noexcept { ::kill(-pid_, SIGTERM); }
  void kill() const noexcept { kill_group(pid_); }

  /// Kills what is left of its group and frees what the system holds of it. \returns its status, as for exit_text()
  int finish() noexcept {
    kill();
    return reap(std::exchange(pid_, 0));
  }

 private:
  pid_t pid_ = 0;
  UniqueFd end_;  // readable when it has ended, where the system has this
};

/// What execve needs, and what the new process does before.
struct ProgramStart {
  const char* path = nullptr;
  char* const* arguments = nullptr;
  char* const* environment = nullptr;
  std::array<int, 3> standard_files{};
  int failure = -1;  ///< errno is written there if the program cannot be executed
  pid_t parent = 0;
  sigset_t signals{};
};

/// Becomes the program. Runs on the memory of the process that starts it, so it changes nothing there.
[[noreturn]] inline void become_program(const ProgramStart& start) noexcept {
  ::setpgid(0, 0);
#if defined(__linux__)
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
  if (::getppid() != start.parent) ::_exit(EXIT_FAILURE);
  for (int target = 0; target < 3; ++target) ::dup2(start.standard_files[static_cast<std::size_t>(target)], target);
  for (int signal = 1; signal < NSIG; ++signal) {  // handlers of the program that is left must not run here
    struct sigaction action {};
    if (::sigaction(signal, nullptr, &action) != 0 || action.sa_handler == SIG_IGN) continue;
    action = {};
    action.sa_handler = SIG_DFL;
    ::sigaction(signal, &action, nullptr);
  }
  ::sigprocmask(SIG_SETMASK, &start.signals, nullptr);
  ::execve(start.path, start.arguments, start.environment);
  const int error = errno;
  static_cast<void>(!::write(start.failure, &error, sizeof(error)));
  ::_exit(EXIT_FAILURE);
}

/// A new process for a program. The memory of a large program is not copied for it, where that can be avoided.
[[nodiscard]] inline pid_t fork_for_program(const ProgramStart& start) noexcept {
#if defined(__linux__)
  const pid_t pid = ::vfork();  // NOLINT: does what posix_spawn does inside, which cannot tie the child's life to ours
#else
  const pid_t pid = ::fork();
#endif
  if (pid == 0) become_program(start);
  return pid;
}

/// Where a shell would find the program: names without a slash are looked up in PATH.
/// \throws std::system_error
[[nodiscard]] inline std::string find_program(const std::string& name) {
  const char* path = std::getenv("PATH");
  if (name.find('/') != std::string::npos || path == nullptr) return name;
  for (std::string_view rest = path;;) {
    const std::size_t colon = rest.find(':');
    const std::string candidate = (colon == 0 || rest.empty() ? "." : std::string{rest.substr(0, colon)}) + '/' + name;
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
    if (colon == std::string_view::npos) throw std::system_error(ENOENT, std::generic_category());
    rest.remove_prefix(colon + 1);
  }
}

/// This program's environment with some variables set anew.
[[nodiscard]] inline std::vector<std::string> changed_environment(
    const std::vector<std::pair<std::string, std::string>>& changes) {
  std::vector<std::string> variables;
  const auto changed = [&](std::string_view variable) {
    return std::ranges::any_of(
        changes, [name = variable.substr(0, variable.find('='))](const auto& change) { return change.first == name; });
  };
  for (char** variable = ::environ; variable != nullptr && *variable != nullptr; ++variable) {
    if (!changed(*variable)) variables.emplace_back(*variable);
  }
  for (const auto& [name, value] : changes) variables.push_back(name + '=' + value);
  return variables;
}

[[nodiscard]] inline std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (std::string& text : texts) list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

/// Starts a program. It is killed when the thread that starts it ends (Linux).
/// \param arguments   the program's name first
/// \param environment "NAME=value" each
/// \param input       its standard input
/// \throws std::system_error if it cannot be executed, or there is no process to be had
[[nodiscard]] inline Program spawn(std::vector<std::string> arguments, std::vector<std::string> environment,
                                   const UniqueFd& input) {
  auto [output, program_output] = make_pipe();
  auto [errors, program_errors] = make_pipe();
  auto [failure, program_failure] = make_pipe();
  for (const UniqueFd* fd : {&output, &errors}) set_nonblocking(fd->get());
  const std::string path = find_program(arguments.front());
  const std::vector<char*> argument_list = pointers(arguments), environment_list = pointers(environment);

  ProgramStart start;
  start.path = path.c_str();
  start.arguments = argument_list.data();
  start.environment = environment_list.data();
  start.standard_files = {input.get(), program_output.get(), program_errors.get()};
  start.failure = program_failure.get();
  start.parent = ::getpid();
  sigset_t all;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &start.signals);
  const pid_t pid = fork_for_program(start);
  int error = errno;
  ::pthread_sigmask(SIG_SETMASK, &start.signals, nullptr);
  if (pid < 0) throw std::system_error(error, std::generic_category());
  ::setpgid(pid, pid);

  program_failure.reset();
  if (retry_interrupted([&, fd = failure.get()] { return ::read(fd, &error, sizeof(error)); }) > 0) {
    reap(pid);
    throw std::system_error(error, std::generic_category());
  }
  return {pid, std::move(output), std::move(errors)};
}

}  // namespace hposearch::inline v0::detail
