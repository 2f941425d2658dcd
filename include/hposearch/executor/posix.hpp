/// \file
/// The few things that executors need of POSIX, with errors as exceptions and file descriptors owned.
#pragma once

#if !__has_include(<unistd.h>)
#error "hposearch: executors that start processes need POSIX (fork, pipes, signals); use ThreadPool here"
#endif

#include <array>
#include <cerrno>
#include <chrono>
#include <climits>
#include <csignal>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <hposearch/executor/evaluate.hpp>
#include <hposearch/text.hpp>

#if defined(__linux__)
#include <sys/syscall.h>
#endif

namespace hposearch::inline v0::detail {

/// Owns a file descriptor, or none.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) noexcept : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    std::swap(fd_, other.fd_);
    other.reset();
    return *this;
  }
  ~UniqueFd() { reset(); }

  /// -1 if there is none
  [[nodiscard]] int get() const noexcept { return fd_; }
  [[nodiscard]] explicit operator bool() const noexcept { return fd_ >= 0; }
  void reset() noexcept {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

 private:
  int fd_ = -1;
};

/// \throws std::system_error with errno's text
[[noreturn]] inline void throw_errno(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

/// Takes a new descriptor into custody: programs that anyone here starts do not get it, and it is none of the standard
/// ones, even where those are closed. \throws std::system_error
[[nodiscard]] inline UniqueFd keep_private(UniqueFd fd) {
  if (fd.get() <= STDERR_FILENO) fd = UniqueFd{::fcntl(fd.get(), F_DUPFD, STDERR_FILENO + 1)};
  if (!fd || ::fcntl(fd.get(), F_SETFD, FD_CLOEXEC) != 0) throw_errno("fcntl");
  return fd;
}

/// A pipe, first the end to read. \throws std::system_error
[[nodiscard]] inline std::pair<UniqueFd, UniqueFd> make_pipe() {
  std::array<int, 2> ends;
  if (::pipe(ends.data()) != 0) throw_errno("pipe");
  UniqueFd to_read{ends[0]}, to_write{ends[1]};
  return {keep_private(std::move(to_read)), keep_private(std::move(to_write))};
}

/// Two connected sockets. \throws std::system_error
[[nodiscard]] inline std::pair<UniqueFd, UniqueFd> make_socket_pair() {
  std::array<int, 2> ends;
  if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0) throw_errno("socketpair");
  UniqueFd one{ends[0]}, other{ends[1]};
  return {keep_private(std::move(one)), keep_private(std::move(other))};
}

inline void set_nonblocking(int fd) {
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0 || ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0) throw_errno("fcntl");
}

/// Calls `call` again while a signal interrupts it.
template <class Call>
auto retry_interrupted(const Call& call) noexcept {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

/// Writes all of `bytes`. A reader that is gone makes it return false, with no SIGPIPE on sockets.
inline bool write_all(int socket, std::string_view bytes) noexcept {
#if defined(MSG_NOSIGNAL)
  constexpr int flags = MSG_NOSIGNAL;
#else
  constexpr int flags = 0;
#endif
  while (!bytes.empty()) {
    const ssize_t written = retry_interrupted([&] { return ::send(socket, bytes.data(), bytes.size(), flags); });
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

/// Hands all that can be read from a non-blocking `fd` to `take`. Closes it at its end or on an error.
template <class Take>
void drain(UniqueFd& fd, const Take& take) {
  std::array<char, 16384> buffer;
  while (fd) {
    const ssize_t count = retry_interrupted([&] { return ::read(fd.get(), buffer.data(), buffer.size()); });
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
    if (count <= 0) {
      fd.reset();
    } else {
      take(std::string_view{buffer.data(), static_cast<std::size_t>(count)});
    }
  }
}

/// Sleeps until one of `watched` is ready, a signal comes, or `until`. \throws std::system_error
inline void poll_until(std::vector<pollfd>& watched, SteadyTime until) {
  using std::chrono::milliseconds;
  const SteadyTime now = std::chrono::steady_clock::now();
  const auto left = until <= now ? milliseconds{0} : std::chrono::ceil<milliseconds>(until - now);
  const int timeout = left.count() > INT_MAX ? INT_MAX : static_cast<int>(left.count());
  if (::poll(watched.data(), static_cast<nfds_t>(watched.size()), timeout) < 0 && errno != EINTR) throw_errno("poll");
}

/// When to look again whether processes have ended, where polling does not tell.
[[nodiscard]] inline SteadyTime next_look() noexcept {
  return std::chrono::steady_clock::now() + std::chrono::milliseconds{10};
}

/// A descriptor that becomes readable when the process ends; none where the system has no such thing.
[[nodiscard]] inline UniqueFd open_process([[maybe_unused]] pid_t pid) noexcept {
#if defined(SYS_pidfd_open)
  return UniqueFd{static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))};
#else
  return {};
#endif
}

/// Whether a child has ended. It stays a zombie, so that its id is not given to another process meanwhile.
[[nodiscard]] inline bool has_ended(pid_t pid) noexcept {
  siginfo_t info{};
  const int result =
      retry_interrupted([&] { return ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT); });
  return result != 0 || info.si_pid == pid;  // an error: someone else has waited for it
}

/// Kills a child that leads a process group, and the group.
inline void kill_group(pid_t leader) noexcept {
  ::kill(-leader, SIGKILL);
  ::kill(leader, SIGKILL);  // it may have left the group
}

/// Waits for a child that has ended or was killed. \returns its status; -1 if someone else has waited for it
inline int reap(pid_t pid) noexcept {
  int status = 0;
  return retry_interrupted([&] { return ::waitpid(pid, &status, 0); }) == pid ? status : -1;
}

/// "killed by signal 11 (Segmentation fault)" or "exited with status 3"
/// \param status as from waitpid; -1 if unknown
[[nodiscard]] inline std::string exit_text(int status) {
  if (status == -1) return "ended with a status that something else in this program has taken";
  if (WIFEXITED(status)) return "exited with status " + to_text(WEXITSTATUS(status));
  const int signal = WTERMSIG(status);
  return "killed by signal " + to_text(signal) + " (" + ::strsignal(signal) + ")";
}

}  // namespace hposearch::inline v0::detail
