#include <array>
#include <csignal>
#include <string>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <support/catch.hpp>
#include <unistd.h>

#include <hposearch/executor/posix.hpp>

using namespace hposearch::detail;

namespace {

bool is_open(int fd) { return ::fcntl(fd, F_GETFD) != -1; }

}  // namespace

TEST_CASE("A descriptor is closed once, by its owner") {
  auto [one, other] = make_pipe();
  const std::array<int, 2> fds{one.get(), other.get()};
  UniqueFd moved = std::move(one);
  CHECK_FALSE(one);  // NOLINT(bugprone-use-after-move)
  CHECK(moved.get() == fds[0]);
  CHECK(is_open(fds[0]));
  moved = std::move(other);
  CHECK_FALSE(is_open(fds[0]));
  CHECK(is_open(fds[1]));
  moved.reset();
  moved.reset();
  CHECK_FALSE(is_open(fds[1]));
}

TEST_CASE("Descriptors are kept from other programs and off the standard ones") {
  const int before = ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 10);
  ::close(STDIN_FILENO);
  {
    const auto [to_read, to_write] = make_pipe();
    const auto [one, other] = make_socket_pair();
    for (const UniqueFd* fd : {&to_read, &to_write, &one, &other}) {
      CHECK(fd->get() > STDERR_FILENO);
      CHECK(::fcntl(fd->get(), F_GETFD) == FD_CLOEXEC);
    }
    CHECK_FALSE(is_open(STDIN_FILENO));
  }
  if (before >= 0) {
    ::dup2(before, STDIN_FILENO);
    ::close(before);
  }
}

TEST_CASE("Draining takes what there is and closes at the end") {
  auto [to_read, to_write] = make_pipe();
  set_nonblocking(to_read.get());
  std::string text;
  const auto take = [&](std::string_view piece) { text += piece; };
  drain(to_read, take);
  CHECK(text.empty());
  CHECK(to_read);
  const std::string sent(40'000, 'x');
  REQUIRE(::write(to_write.get(), sent.data(), sent.size()) == static_cast<ssize_t>(sent.size()));
  drain(to_read, take);
  CHECK(text == sent);
  CHECK(to_read);
  to_write.reset();
  drain(to_read, take);
  CHECK_FALSE(to_read);
}

TEST_CASE("Writing to a peer that has gone fails without a signal") {
  auto [one, other] = make_socket_pair();
  other.reset();
  CHECK_FALSE(write_all(one.get(), "anyone?"));
}

TEST_CASE("How a process ended is told in words") {
  CHECK(exit_text(3 << 8) == "exited with status 3");
  CHECK(exit_text(SIGSEGV) == "killed by signal 11 (Segmentation fault)");
  CHECK(exit_text(-1) == "ended with a status that something else in this program has taken");
}
