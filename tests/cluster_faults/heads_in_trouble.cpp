// Heads of their own processes that are killed, stand still, or have their clocks changed, as their workers have.
#include <array>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <support/catch.hpp>
#include <support/skip.hpp>
#include <unistd.h>

#include "head_process.hpp"

using namespace faults;

TEST_CASE("A head killed again and again goes on where it was: each trial is told once and evaluated once") {
  const SearchProcesses search{40, 30, 10s};
  const auto first = search.worker();
  const auto second = search.worker();
  for (const std::size_t ended : {5U, 14U, 27U}) {
    auto head = search.head();
    search.until_ended(ended);
    head.kill();
  }
  auto last = search.head();
  CHECK(last.status() == 0);
  CHECK_THAT(last.output(), Catch::Contains("lost workers: 0"));
  search.check_all_once();
}

TEST_CASE("A head that stands still for longer than the lease takes nobody for dead") {
  const SearchProcesses search{12, 100, 200ms};
  const auto first = search.worker();
  const auto second = search.worker();
  auto head = search.head();
  for (const std::size_t ended : {1U, 5U}) {
    search.until_ended(ended);
    head.signal(SIGSTOP);
    ::usleep(700'000);  // the workers have given up on it by now
    head.signal(SIGCONT);
  }
  CHECK(head.status() == 0);
  CHECK_THAT(head.output(), Catch::Contains("lost workers: 0"));
  search.check_all_once();
}

namespace {

/// A wall clock that can be set for processes started with its environment, and no other clock of theirs.
class WallClock {
 public:
  explicit WallClock(std::string file) : file_(std::move(file)) { set("+0"); }

  /// Whether there is such a thing here.
  [[nodiscard]] static bool available() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return false;  // which must be loaded before any other library
#else
    return std::filesystem::exists(library());
#endif
  }
  [[nodiscard]] Environment environment() const {
    return {{"LD_PRELOAD", library()},
            {"FAKETIME_TIMESTAMP_FILE", file_},
            {"FAKETIME_NO_CACHE", "1"},
            {"FAKETIME_DONT_FAKE_MONOTONIC", "1"},
            {"DONT_FAKE_MONOTONIC", "1"}};
  }
  /// \param offset such as "+5h"
  void set(const std::string& offset) {
    std::ofstream{file_ + ".new"} << offset << '\n';
    std::filesystem::rename(file_ + ".new", file_);
  }
  /// As a process sees it, in seconds.
  [[nodiscard]] long now() const {
    WorkerProcess date{{"date", "+%s"}, token, environment()};
    REQUIRE(date.status() == 0);
    return std::stol(date.output());
  }

 private:
  [[nodiscard]] static std::string library() {
    for (const auto& folder : std::filesystem::directory_iterator{"/usr/lib"}) {
      auto path = folder.path() / "faketime" / "libfaketimeMT.so.1";
      if (folder.is_directory() && std::filesystem::exists(path)) return path.string();
    }
    return "/usr/lib/faketime/libfaketimeMT.so.1";
  }
  std::string file_;
};

}  // namespace

TEST_CASE("Wall clocks that jump by hours, of the head and of workers, change nothing") {
  if (!WallClock::available()) return support::skip("no libfaketime, or a sanitizer that it does not get along with");
  const SearchProcesses search{48, 30, 400ms};
  WallClock of_head{search.path("clock_of_head")}, of_worker{search.path("clock_of_worker")};
  const long before = of_worker.now();
  const auto first = search.worker(of_worker.environment());
  const auto second = search.worker();
  auto head = search.head(of_head.environment());
  const std::array<const char*, 6> jumps{"+5h", "-7h", "+30d", "+1h", "-400d", "+0"};
  for (std::size_t i = 0; i < jumps.size(); ++i) {
    search.until_ended(6 * (i + 1));
    of_worker.set(jumps[i]);
    of_head.set(jumps[jumps.size() - 1 - i]);
    if (i == 0) CHECK(of_worker.now() - before >= 5 * 3600);
  }
  CHECK(head.status() == 0);
  CHECK_THAT(head.output(), Catch::Contains("lost workers: 0"));
  search.check_all_once();
}
