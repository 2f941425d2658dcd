#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <support/catch.hpp>
#include <support/thrown.hpp>
#include <unistd.h>

#include <hposearch/cluster/local_launcher.hpp>

using namespace hposearch;
using namespace std::chrono_literals;
using Catch::Contains;
using support::thrown;

namespace {

/// What workers print, in the order in which it came.
class Lines {
 public:
  [[nodiscard]] auto sink() {
    return [this](std::size_t worker, std::string_view line) {
      const std::lock_guard lock{mutex_};
      lines_.emplace_back(worker, line);
      arrived_.notify_all();
    };
  }
  std::pair<std::size_t, std::string> next() {
    std::unique_lock lock{mutex_};
    if (!arrived_.wait_for(lock, 60s, [&] { return !lines_.empty(); })) FAIL("no worker printed anything");
    auto line = lines_.front();
    lines_.pop_front();
    return line;
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<std::pair<std::size_t, std::string>> lines_;
};

WorkerProgram script(std::string text) { return {{"sh", "-c", std::move(text)}}; }

// Prints its id and waits for its end. The shell itself, since its children would print later.
const std::string wait_script = "echo $$; while :; do sleep 1000 & wait; done";

pid_t pid_of(const std::pair<std::size_t, std::string>& line) { return static_cast<pid_t>(std::stol(line.second)); }

template <class Condition>
void eventually(const Condition& condition) {
  const auto end = std::chrono::steady_clock::now() + 60s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) FAIL("it did not happen");
    ::usleep(1000);
  }
}

bool gone(pid_t pid) { return ::kill(pid, 0) != 0; }

constexpr RestartOptions at_once{.first_delay = 0ns, .longest_delay = 0ns};

}  // namespace

TEST_CASE("As many workers are started as are wanted, within the limits") {
  Lines lines;
  LocalLauncher workers{script(wait_script), {.least = 1, .most = 3, .on_line = lines.sink()}};
  static_cast<void>(lines.next());
  CHECK(workers.alive() == 1);
  workers.scale(7);
  for (int i = 0; i < 2; ++i) static_cast<void>(lines.next());
  CHECK(workers.alive() == 3);
  workers.scale(0);
  eventually([&] { return workers.alive() == 1; });
  workers.stop(10s);
  CHECK(workers.alive() == 0);
  workers.scale(2);
  std::map<std::size_t, int> started;
  for (int i = 0; i < 2; ++i) ++started[lines.next().first];
  CHECK(started == std::map<std::size_t, int>{{0, 1}, {1, 1}});
  CHECK(workers.failures().empty());
}

TEST_CASE("A worker that dies is started again in its place") {
  Lines lines;
  LocalLauncher workers{script(wait_script), {.restart = at_once, .on_line = lines.sink()}};
  workers.scale(2);
  std::map<std::size_t, pid_t> pids;
  for (int i = 0; i < 2; ++i) {
    const auto line = lines.next();
    pids[line.first] = pid_of(line);
  }
  for (int round = 0; round < 3; ++round) {
    ::kill(pids[1], SIGKILL);
    const auto line = lines.next();
    CHECK(line.first == 1);
    CHECK(pid_of(line) != pids[1]);
    pids[1] = pid_of(line);
  }
  CHECK(workers.alive() == 2);
  CHECK_FALSE(gone(pids[0]));
}

TEST_CASE("Each worker gets its own environment over that of all") {
  Lines lines;
  WorkerProgram program = script("echo $DEVICE $COMMON $0 $HOME_GIVEN; " + wait_script);
  program.environment = {{"COMMON", "c"}, {"DEVICE", "none"}};
  ::setenv("HOME_GIVEN", "h", 1);
  LocalLauncher workers{
      program, {.environments = {{{"DEVICE", "0"}}, {{"DEVICE", "1"}, {"COMMON", "d"}}}, .on_line = lines.sink()}};
  workers.scale(3);
  std::map<std::size_t, std::string> first;
  while (first.size() < 3) {
    const auto [worker, line] = lines.next();
    first.emplace(worker, line);
  }
  ::unsetenv("HOME_GIVEN");
  CHECK(first == std::map<std::size_t, std::string>{{0, "0 c sh h"}, {1, "1 d sh h"}, {2, "0 c sh h"}});
}

TEST_CASE("A worker that dies at once again and again is given up with a reason") {
  RestartOptions restart = at_once;
  restart.quick_deaths = 3;
  Lines lines;
  LocalLauncher workers{script("echo try; echo no data >&2; exit 7"), {.restart = restart, .on_line = lines.sink()}};
  workers.scale(1);
  eventually([&] { return !workers.failures().empty(); });
  CHECK(workers.alive() == 0);
  int tries = 0;
  for (int i = 0; i < 8; ++i) tries += lines.next().second == "try";
  CHECK(tries == 4);
  REQUIRE(workers.failures().size() == 1);
  CHECK_THAT(workers.failures().front(), Contains("worker 0 exited with status 7") && Contains("no data"));
}

TEST_CASE("Workers that finished or were refused are not started again") {
  Lines lines;
  LocalLauncher workers{
      script("echo here; exit $STATUS"),
      {.environments = {{{"STATUS", "0"}}, {{"STATUS", "2"}}}, .restart = at_once, .on_line = lines.sink()}};
  workers.scale(2);
  for (int i = 0; i < 2; ++i) static_cast<void>(lines.next());
  eventually([&] { return workers.alive() == 0 && workers.failures().size() == 1; });
  CHECK_THAT(workers.failures().front(), Contains("worker 1 exited with status 2"));
}

TEST_CASE("A program that cannot be run is given up with a reason") {
  RestartOptions restart = at_once;
  restart.quick_deaths = 2;
  LocalLauncher workers{{{"/no/such/program"}}, {.restart = restart}};
  workers.scale(1);
  eventually([&] { return !workers.failures().empty(); });
  CHECK_THAT(workers.failures().front(), Contains("could not run /no/such/program: No such file"));
}

TEST_CASE("Stopping asks first and kills those that do not listen, with what they started") {
  Lines lines;
  LocalLauncher workers{script("trap 'echo asked' TERM; sleep 1000 & echo $!; while :; do wait; done"),
                        {.on_line = lines.sink()}};
  workers.scale(1);
  const pid_t child = pid_of(lines.next());
  workers.stop(50ms);
  CHECK(workers.alive() == 0);
  CHECK(lines.next().second == "asked");
  eventually([&] { return gone(child); });
}

TEST_CASE("No worker outlives its launcher") {
  Lines lines;
  pid_t pid = 0;
  {
    LocalLauncher workers{script("trap '' TERM; " + wait_script), {.on_line = lines.sink()}};
    workers.scale(1);
    pid = pid_of(lines.next());
  }
  CHECK(gone(pid));
}

TEST_CASE("Options of a launcher that cannot be are refused") {
  const auto refusal = [](WorkerProgram program, LocalLauncherOptions options) {
    return thrown<InvalidArgument>([&] {
      LocalLauncher{std::move(program), std::move(options)};
      return 0;
    });
  };
  CHECK_THAT(refusal({}, {}), Contains("name of a program"));
  CHECK_THAT(refusal({{""}}, {}), Contains("name of a program"));
  CHECK_THAT(refusal({{"true"}}, {.least = 3, .most = 2}), Contains("\"least\" = 3"));
  CHECK_THAT(refusal({{"true"}}, {.environments = {{{"A=B", ""}}}}), Contains("A=B"));
  CHECK_THAT(refusal({{"true"}, {{"", "x"}}}, {}), Contains("environment"));
  CHECK_THAT(refusal({{"true"}}, {.grace = -1s}), Contains("grace"));
  CHECK_THAT(refusal({{"true"}}, {.restart = {.quick_deaths = 0}}), Contains("quick_deaths"));
}
