#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <executor_conformance.hpp>
#include <support/catch.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include <hposearch/executor/command.hpp>
#include <hposearch/executor/inline.hpp>
#include <hposearch/executor/process_pool.hpp>
#include <hposearch/executor/thread_pool.hpp>
#include <hposearch/space/categorical.hpp>
#include <hposearch/space/integer.hpp>
#include <hposearch/space/real.hpp>
#include <hposearch/space/space.hpp>

#if defined(__linux__)
#include <sys/prctl.h>
#endif

using namespace hposearch;
using namespace std::chrono_literals;
using executor_conformance::shared;
using executor_conformance::wait_event;
using executor_conformance::wait_final;
using Kind = ExecutorEvent::Kind;

namespace {

const Space space{Real{"rate", 0, 10}, Integer{"n", 0, 100}, Categorical{"pool", {"max", "avg"}}};
using P = decltype(space)::point_type;

// A command that a shell runs.
Command script(std::string text, CommandOptions options = {}) {
  return Command{{"sh", "-c", std::move(text)}, std::move(options)};
}

Outcome outcome(const Command& command, P point = space.make_point(0.5, 7, "avg")) {
  InlineExecutor executor;
  const std::vector<Trial<P>> trials{{.id = 3, .point = std::move(point)}};
  return executor.map(command, trials).front();
}

std::size_t open_files() {
  const auto files = std::filesystem::directory_iterator{"/proc/self/fd"};
  return static_cast<std::size_t>(std::distance(begin(files), end(files)));
}

}  // namespace

TEST_CASE("A command gets the point in its arguments, its environment and its input") {
  CHECK(outcome(Command{"echo", "{n}.{n}"}) == 7.7);
  CHECK(outcome(script("test $HPO_POOL = avg && test $HPO_N = 7 && echo $HPO_RATE")) == 0.5);
  CHECK(outcome(script("read line; test \"$line\" = '{\"rate\": 0.5, \"n\": 7, \"pool\": \"avg\"}' && echo 1")) == 1.0);
  CHECK(outcome(script("cat > /dev/null; echo $HPOSEARCH_TRIAL$HPOSEARCH_ATTEMPT$HPOSEARCH_SLOT")) == 310.0);
  CHECK(outcome(script("echo $TWO", {.environment = {{"TWO", "2"}}})) == 2.0);
}

TEST_CASE("A command's result is the last line that is one") {
  CHECK(outcome(script("echo epoch 1; echo 5; echo done; echo 4; echo bye")) == 4.0);
  CHECK(outcome(script("echo '{\"value\": 0.25, \"accuracy\": 0.9}'")) == 0.25);
  CHECK(outcome(script("printf 3")) == 3.0);
  CHECK(outcome(script("printf 1; sleep 0.01; printf 2")) == 12.0);
}

TEST_CASE("A command that fails says how, with the end of what it printed") {
  CHECK(outcome(script("echo 3; exit 4")).reason() == "sh exited with status 4\nlast output:\n3");
  CHECK(outcome(script("echo 3; echo no data >&2; exit 4")).reason() ==
        "sh exited with status 4\nlast output:\nno data");
  CHECK(outcome(script("i=0; while [ $i -lt 50 ]; do i=$((i+1)); echo $i >&2; done; exit 1", {.output_lines = 2}))
            .reason() == "sh exited with status 1\nlast output:\n49\n50");
  CHECK(outcome(script("kill -9 $$")).reason() == "sh killed by signal 9 (Killed)");
  CHECK(outcome(script("echo all is well")).reason() ==
        "sh printed no line with a number, or with {\"value\": <number>}\nlast output:\nall is well");
}

TEST_CASE("A command that cannot be run says why") {
  CHECK(outcome(Command{"hposearch-no-such-program"}).reason() ==
        "could not run hposearch-no-such-program: No such file or directory");
  CHECK(outcome(Command{"./no/such/program"}).reason() == "could not run ./no/such/program: No such file or directory");
  CHECK(outcome(Command{"/"}).reason() == "could not run /: Permission denied");
  CHECK_THROWS_AS(Command{std::vector<std::string>{}}, InvalidArgument);
  CHECK_THROWS_AS(Command{""}, InvalidArgument);
  CHECK_THROWS_AS((Command{{"true"}, {.grace = -1s}}), InvalidArgument);
}

TEST_CASE("A command that reads nothing and prints much does no harm") {
  CHECK(outcome(script("i=0; while [ $i -lt 20000 ]; do i=$((i+1)); echo line $i; done; echo 1")) == 1.0);
  CHECK(outcome(script("exec < /dev/null; echo 1")) == 1.0);
  CHECK(outcome(script("exec > /dev/null 2>&1; exit 0")).has_value() == false);
}

TEST_CASE("A point that no pipe holds is refused") {
  const Space large{Categorical{"text", {std::string(200'000, 'x'), std::string("y")}}};
  InlineExecutor executor;
  const std::vector<Trial<decltype(large)::point_type>> trials{
      {.id = 0, .point = large.make_point(std::string(200'000, 'x'))}};
  CHECK(executor.map(Command{"true"}, trials).front().reason() == "the point is too long for a command's input");
}

TEST_CASE("A command's reports arrive while it runs") {
  ThreadPool pool{1};
  const auto objective = bind_objective(space, script("echo hposearch: report 1 0.5; sleep 100; echo 1"));
  pool.start(0, objective, space.make_point(0.5, 7, "avg"));
  const ExecutorEvent report = wait_event(pool);
  CHECK(report.kind == Kind::report);
  CHECK(report.step == 1);
  CHECK(report.value == 0.5);
  pool.cancel(0);
  CHECK(wait_event(pool).kind == Kind::cancelled);
}

TEST_CASE("The stop token ends a command and all that it has started") {
#if defined(__linux__)
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);  // so that the orphan becomes ours to wait for
#endif
  const std::string trap = GENERATE("", "trap '' TERM; ");
  ThreadPool pool{1, {.grace = 30s}};
  const auto objective = bind_objective(
      space, script(trap + "sleep 100 & echo hposearch: report $! 0; sleep 100; sleep 100", {.grace = 20ms}));
  pool.start(0, objective, space.make_point(0.5, 7, "avg"));
  const ExecutorEvent report = wait_event(pool);
  REQUIRE(report.kind == Kind::report);
  pool.cancel(0);
  CHECK(wait_event(pool).kind == Kind::cancelled);
#if defined(__linux__)
  int status = 0;
  while (::waitpid(-1, &status, 0) > 0) CHECK(WIFSIGNALED(status));
  CHECK(::kill(static_cast<pid_t>(report.step), 0) != 0);
#endif
}

TEST_CASE("Commands run side by side in every executor") {
  const std::size_t files = open_files();
  std::vector<Trial<P>> trials;
  for (int i = 0; i < 40; ++i)
    trials.push_back({.id = static_cast<TrialId>(i), .point = space.make_point(0.5, i, "max")});
  const auto check = [&](auto& executor) {
    const auto outcomes = executor.map(Command{"sh", "-c", "echo {n}"}, trials);
    for (std::size_t i = 0; i < trials.size(); ++i) CHECK(outcomes[i].value() == static_cast<double>(i));
  };
  {
    ProcessPool processes{2};  // first: ThreadSanitizer does not let a forked process of many threads start any
    check(processes);
    ThreadPool threads{4};
    check(threads);
  }
  CHECK(open_files() == files);
  CHECK(::waitpid(-1, nullptr, WNOHANG) == -1);
}

TEST_CASE("A command sees the devices of its slot only") {
  ThreadPool pool{1, {.slots = {{.devices = {"2", "5"}}}}};
  const std::vector<Trial<P>> trials{{.id = 0, .point = space.make_point(0.5, 7, "avg")}};
  CHECK(pool.map(script("test $CUDA_VISIBLE_DEVICES = 2,5 && echo 1"), trials).front() == 1.0);
}

#if defined(__linux__)
TEST_CASE("No command outlives the program") {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  auto [read_end, write_end] = detail::make_pipe();
  const pid_t program = ::fork();
  if (program == 0) {
    ThreadPool pool{1};
    pool.start(0, bind_objective(space, script("echo hposearch: report $$ 0; sleep 100; sleep 100")),
               space.make_point(0.5, 7, "avg"));
    const auto report = pool.next_event(std::chrono::steady_clock::time_point::max());
    if (::write(write_end.get(), &report->step, sizeof(report->step)) < 0) ::_exit(1);
    static_cast<void>(pool.next_event(std::chrono::steady_clock::time_point::max()));
    ::_exit(0);
  }
  std::int64_t command = 0;
  REQUIRE(::read(read_end.get(), &command, sizeof(command)) == sizeof(command));
  ::kill(program, SIGKILL);
  CHECK(::waitpid(program, nullptr, 0) == program);
  int status = 0;
  CHECK(::waitpid(static_cast<pid_t>(command), &status, 0) == static_cast<pid_t>(command));
  CHECK((WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL));
  ::kill(-static_cast<pid_t>(command), SIGKILL);  // what it had started
  while (::waitpid(-1, nullptr, 0) > 0) continue;
}
#endif
