#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <executor_conformance.hpp>
#include <support/catch.hpp>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <hposearch/executor/process_pool.hpp>

#if defined(__linux__)
#include <sys/prctl.h>
#endif

using namespace hposearch;
using namespace std::chrono_literals;
using executor_conformance::run_one;
using executor_conformance::shared;
using executor_conformance::wait_event;
using executor_conformance::wait_final;
using Kind = ExecutorEvent::Kind;

// ThreadSanitizer gives other threads a second to race before a process ends: here each trial's process has one. And
// it lets a process forked beside other threads, such as those that a ThreadPool had to abandon, start none.
extern "C" const char* __tsan_default_options();
extern "C" const char* __tsan_default_options() { return "atexit_sleep_ms=0:die_after_fork=0"; }

namespace {

// Sanitizers keep terabytes of address space, open files when they check something, and watch closed ones.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;
#elif defined(__has_feature)
constexpr bool sanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool sanitized = false;
#endif

std::size_t open_files() {
  const auto files = std::filesystem::directory_iterator{"/proc/self/fd"};
  return static_cast<std::size_t>(std::distance(begin(files), end(files)));
}

bool has_children() { return ::waitpid(-1, nullptr, WNOHANG) != -1 || errno != ECHILD; }

// Dies of the signal itself, whatever handlers the test program has.
void die_of(int signal) {
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

// The message with which a trial fails.
template <class F>
std::string reason(F objective, ProcessPoolOptions options = {}, StartOptions start = {}) {
  ProcessPool pool{1, std::move(options)};
  const ExecutorEvent event = run_one(pool, 0, std::move(objective), 0, start);
  CHECK(event.kind == Kind::failed);
  CHECK(event.started <= event.finished);
  CHECK(run_one(pool, 1, [](int, TrialContext&) { return 1.0; }).kind == Kind::completed);
  return event.message;
}

}  // namespace

TEST_CASE("ProcessPool keeps the executor contract", "[conformance]") {
  executor_conformance::check_executor([](std::size_t slots) { return ProcessPool{slots, {.grace = 30ms}}; });
  CHECK_FALSE(has_children());
}

TEST_CASE("ProcessPool starts a trial in the slot that is wanted, if that is free") {
  ProcessPool pool{3};
  const auto slot = shared([](int, TrialContext& context) { return static_cast<double>(context.slot()); });
  pool.start(0, slot, 0, {.slot = 2});
  CHECK_THROWS_WITH(pool.start(1, slot, 0, {.slot = 2}), "ProcessPool: slot 2 is taken");
  CHECK_THROWS_WITH(pool.start(1, slot, 0, {.slot = 3}), "\"slot\" = 3: must be below 3");
  CHECK(wait_final(pool).value == 2);
  CHECK(run_one(pool, 1, [](int, TrialContext& context) { return context.slot(); }).value == 0);
}

TEST_CASE("ProcessPool refuses bad options by name") {
  CHECK_THROWS_WITH(ProcessPool{0}, "\"workers\" = 0: must be at least 1");
  CHECK_THROWS_WITH((ProcessPool{1, {.grace = -1ns}}), "\"grace\" = -1 ns: must not be negative");
  CHECK_THROWS_AS((ProcessPool{2, {.slots = {{.devices = {"0"}}}}}), InvalidArgument);
  CHECK_THROWS_WITH((ProcessPool{1, {.slots = {{.devices = {}, .environment = {{"A=B", "c"}}}}}}),
                    "\"environment\" = \"A=B\": must be a name without '='");
}

TEST_CASE("ProcessPool survives whatever a trial does, and says what that was") {
  CHECK(reason([](int, TrialContext&) -> double { die_of(SIGSEGV), std::abort(); }) ==
        "killed by signal 11 (Segmentation fault)");
  CHECK(reason([](int, TrialContext&) -> double { std::signal(SIGABRT, SIG_DFL), std::abort(); }) ==
        "killed by signal 6 (Aborted)");
  CHECK(reason([](int, TrialContext&) -> double { std::exit(3); }) == "exited with status 3 before returning a value");
  CHECK(reason([](int, TrialContext&) -> double { ::_exit(0); }) == "exited with status 0 before returning a value");
  CHECK(reason([](int, TrialContext&) -> double { ::kill(::getpid(), SIGKILL), std::abort(); }) ==
        "killed by signal 9 (Killed)");
  CHECK(reason([](int, TrialContext&) -> double { ::execl("/bin/sh", "sh", "-c", "exit 7", nullptr), std::abort(); }) ==
        "exited with status 7 before returning a value");
  CHECK(reason([](int, TrialContext&) -> double {
          std::signal(SIGABRT, SIG_DFL), std::set_terminate(std::abort), std::terminate();
        }) == "killed by signal 6 (Aborted)");
}

TEST_CASE("ProcessPool survives a trial that closes every file and goes on") {
  if (sanitized) return;
  CHECK(reason([](int, TrialContext& context) {
          context.report(0, 0);
          for (int fd = 3; fd < 1000; ++fd) ::close(fd);
          std::this_thread::sleep_for(20ms);
          context.report(1, 1);
          return 1.0;
        }).find("before returning a value") != std::string::npos);
}

TEST_CASE("ProcessPool survives a trial that sends rubbish in its name") {
  const auto rubbish = [](int, TrialContext& context) {
    context.report(0, 0);
    for (int fd = 3; fd < 100; ++fd) {
      if (::write(fd, "rubbish, and enough of it", 25) < 0) continue;
    }
    std::this_thread::sleep_for(10s);
    return 1.0;
  };
  CHECK(reason(rubbish) == "sent what is no message");
}

TEST_CASE("ProcessPool keeps a trial's memory to itself") {
  ProcessPool pool{1};
  int counter = 0;
  for (TrialId id = 0; id < 3; ++id)
    CHECK(run_one(pool, id, [&counter](int, TrialContext&) { return ++counter; }).value == 1);
  CHECK(counter == 0);
}

TEST_CASE("ProcessPool limits a trial's memory", "[memory]") {
  if (sanitized) return;
  const auto hungry = [](int, TrialContext&) {
    std::vector<std::unique_ptr<char[]>> hoard;
    for (int i = 0; i < 1000; ++i) hoard.push_back(std::make_unique_for_overwrite<char[]>(1 << 20));
    return static_cast<double>(hoard.size());
  };
  CHECK(reason(hungry, {.memory_limit = 256 << 20}) == "out of memory: its limit is 256 MiB");
  ProcessPool unlimited{1};
  CHECK(run_one(unlimited, 0, hungry).kind == Kind::completed);
}

TEST_CASE("ProcessPool says that it has killed a trial over its time limit") {
  CHECK(reason(executor_conformance::never_returns, {.grace = 1ms}, {.timeout = 20ms}) ==
        "exceeded its time limit of 0.02 s and was killed");
}

TEST_CASE("ProcessPool kills a trial that does not stop, and all that it has started") {
  ProcessPool pool{1, {.grace = 20ms}};
  const auto with_family = [](int, TrialContext& context) {
    const pid_t grandchild = ::fork();
    if (grandchild != 0) context.report(grandchild, 0);
    std::this_thread::sleep_for(100s);
    return 1.0;
  };
#if defined(__linux__)
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);  // so that the orphan becomes ours to wait for
#endif
  pool.start(0, shared(with_family), 0);
  const ExecutorEvent report = wait_event(pool);
  REQUIRE(report.kind == Kind::report);
  pool.cancel(0);
  CHECK(wait_final(pool).kind == Kind::cancelled);
#if defined(__linux__)
  int status = 0;
  CHECK(::waitpid(static_cast<pid_t>(report.step), &status, 0) == static_cast<pid_t>(report.step));
  CHECK((WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL));
#endif
}

TEST_CASE("ProcessPool kills what a trial has left behind when it returned") {
  ProcessPool pool{1};
#if defined(__linux__)
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
#endif
  const auto event = run_one(pool, 0, [](int, TrialContext&) -> double {
    const pid_t grandchild = ::fork();
    if (grandchild == 0) std::this_thread::sleep_for(100s);
    return grandchild;
  });
  CHECK(event.kind == Kind::completed);
#if defined(__linux__)
  int status = 0;
  CHECK(::waitpid(static_cast<pid_t>(event.value), &status, 0) == static_cast<pid_t>(event.value));
  CHECK((WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL));
#endif
}

#if defined(__linux__)
TEST_CASE("No trial outlives the program, nor does what it has started") {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  auto [read_end, write_end] = detail::make_pipe();
  const pid_t program = ::fork();
  if (program == 0) {
    ProcessPool pool{2, {.grace = 100s}};
    const auto family = [to = write_end.get()](int, TrialContext&) -> double {
      const pid_t grandchild = ::fork();
      if (grandchild == 0) std::this_thread::sleep_for(100s);
      const std::array<pid_t, 2> ids{::getpid(), grandchild};
      if (::write(to, ids.data(), sizeof(ids)) != sizeof(ids)) std::abort();
      std::this_thread::sleep_for(100s);
      return 0;
    };
    for (TrialId id = 0; id < 2; ++id) pool.start(id, shared(family), 0);
    static_cast<void>(pool.next_event(std::chrono::steady_clock::time_point::max()));
    ::_exit(0);
  }
  std::vector<pid_t> orphans;
  for (int i = 0; i < 2; ++i) {
    std::array<pid_t, 2> ids{};
    REQUIRE(::read(read_end.get(), ids.data(), sizeof(ids)) == sizeof(ids));
    orphans.insert(orphans.end(), ids.begin(), ids.end());
  }
  ::kill(program, SIGKILL);
  CHECK(::waitpid(program, nullptr, 0) == program);
  for (const pid_t orphan : orphans) {
    int status = 0;
    CHECK(::waitpid(orphan, &status, 0) == orphan);
    CHECK((WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL));
  }
}
#endif

TEST_CASE("ProcessPool leaves no process and no file open") {
  const std::size_t files = open_files();
  {
    ProcessPool pool{3, {.grace = 10ms, .output = ProcessOutput::capture}};
    for (TrialId id = 0; id < 50; ++id) {
      if (pool.free_slots() == 0) wait_final(pool);
      pool.start(id, shared([](int x, TrialContext& context) -> double {
                   if (x % 3 == 0) throw 1;
                   if (x % 3 == 1) ::_exit(1);
                   context.report(1, 1);
                   return 1;
                 }),
                 static_cast<int>(id));
    }
    while (pool.free_slots() < pool.slots()) wait_final(pool);
    CHECK_FALSE(has_children());
    CHECK(open_files() == files);
    for (TrialId id = 0; id < 3; ++id) pool.start(id, shared(executor_conformance::never_returns), 0);
  }
  CHECK_FALSE(has_children());
  CHECK(open_files() == files);
}

TEST_CASE("A trial's process holds none of its siblings' files") {
  ProcessPool pool{3};
  const auto count = shared([](int, TrialContext& context) {
    const std::size_t files = open_files();
    context.report(0, static_cast<double>(files));
    while (!context.stop_requested()) std::this_thread::sleep_for(1ms);
    return 0.0;
  });
  std::vector<double> counts;
  for (TrialId id = 0; id < 3; ++id) {
    pool.start(id, count, 0);
    counts.push_back(wait_event(pool).value);
  }
  CHECK(counts[1] == counts[0]);
  CHECK(counts[2] == counts[0]);
}

TEST_CASE("ProcessPool attaches the end of a trial's output to its failure") {
  const auto chatty = [](int x, TrialContext&) -> double {
    for (int i = 0; i < 100'000; ++i) std::printf("line %d\n", i);
    std::fprintf(stderr, "giving up\n");
    if (x == 0) throw std::runtime_error("diverged");
    if (x == 1) die_of(SIGSEGV);
    return 1;
  };
  ProcessPool pool{1, {.output = ProcessOutput::capture, .output_lines = 3}};
  CHECK(run_one(pool, 0, chatty, 0).message == "diverged\nlast output:\nline 99998\nline 99999\ngiving up");
  CHECK(run_one(pool, 1, chatty, 1).message.starts_with("killed by signal 11 (Segmentation fault)\nlast output:\n"));
  CHECK(run_one(pool, 2, chatty, 2).kind == Kind::completed);
  CHECK(run_one(pool, 3, [](int, TrialContext&) -> double { throw std::runtime_error("quiet"); }).message == "quiet");
}

TEST_CASE("ProcessPool neither prints twice what is buffered, nor loses what a trial prints") {
  const std::string path = std::filesystem::temp_directory_path() / ("hposearch-output-" + std::to_string(::getpid()));
  std::fflush(stdout);
  const int before = ::dup(STDOUT_FILENO);
  const int file = ::open(path.c_str(), O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);
  REQUIRE(::dup2(file, STDOUT_FILENO) >= 0);
  std::printf("before\n");
  {
    ProcessPool pool{1};
    run_one(pool, 0, [](int, TrialContext&) { return std::printf("trial\n"); });
    ProcessPool silent{1, {.output = ProcessOutput::discard}};
    run_one(silent, 0, [](int, TrialContext&) { return std::printf("silent\n"); });
  }
  std::fflush(stdout);
  ::dup2(before, STDOUT_FILENO);
  ::close(before);
  ::close(file);
  std::ifstream stream{path};
  CHECK(std::string{std::istreambuf_iterator<char>{stream}, {}} == "before\ntrial\n");
  std::filesystem::remove(path);
}

TEST_CASE("ProcessPool sets a slot's environment in its trials' processes only") {
  ::setenv("HPOSEARCH_TEST_DEVICE", "none", 1);
  ProcessPool pool{2,
                   {.slots = {{.devices = {"4"}, .environment = {{"HPOSEARCH_TEST_DEVICE", "4"}}},
                              {.devices = {"7"}, .environment = {{"HPOSEARCH_TEST_DEVICE", "7"}}}}}};
  const auto check = shared([](int, TrialContext& context) {
    const std::string expected = context.slot() == 0 ? "4" : "7";
    return std::getenv("HPOSEARCH_TEST_DEVICE") == expected && context.devices().at(0) == expected ? 1.0 : 0.0;
  });
  for (TrialId id = 0; id < 2; ++id) pool.start(id, check, 0);
  for (int i = 0; i < 2; ++i) CHECK(wait_final(pool).value == 1);
  CHECK(std::getenv("HPOSEARCH_TEST_DEVICE") == std::string{"none"});
}

TEST_CASE("A trial's process reads nothing and heeds no Ctrl-C") {
  ProcessPool pool{1};
  CHECK(run_one(pool, 0, [](int, TrialContext&) { return std::getchar() == EOF ? 1.0 : 0.0; }).value == 1);
  CHECK(run_one(pool, 1, [](int, TrialContext&) { return std::raise(SIGINT), 2.0; }).value == 2);
}

TEST_CASE("A trial fails with the system's reason where no process can be started") {
  if (sanitized) return;
  ProcessPool pool{1};
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  rlimit none = before;
  none.rlim_cur = 0;
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
  const ExecutorEvent event = run_one(pool, 0, [](int, TrialContext&) { return 1.0; });
  ::setrlimit(RLIMIT_NOFILE, &before);
  CHECK(event.kind == Kind::failed);
  CHECK(event.message == "could not start a process: Too many open files");
  CHECK(run_one(pool, 0, [](int, TrialContext&) { return 1.0; }).kind == Kind::completed);
}

TEST_CASE("A trial fails where fork itself is refused") {
  // In a process of its own: it gives up the right to have more of them.
  ProcessPool outer{1};
  const auto event = run_one(outer, 0, [](int, TrialContext&) -> double {
    if (::geteuid() == 0 && ::setuid(65534) != 0) throw std::runtime_error("cannot become another user");
    const rlimit none{0, 0};
    if (::setrlimit(RLIMIT_NPROC, &none) != 0) throw std::runtime_error("cannot limit processes");
    ProcessPool inner{1};
    inner.start(0, shared([](int, TrialContext&) { return 1.0; }), 0);
    throw std::runtime_error(inner.next_event(std::chrono::steady_clock::time_point::max())->message);
  });
  CHECK(event.message == "could not start a process: Resource temporarily unavailable");
}

TEST_CASE("ProcessPool gets by where something else waits for its processes") {
  ProcessPool pool{1};
  const auto before = std::signal(SIGCHLD, SIG_IGN);  // the system forgets a process as soon as it has ended
  const auto crash = run_one(pool, 0, [](int, TrialContext&) -> double { ::_exit(1); });
  const auto good = run_one(pool, 1, [](int, TrialContext&) { return 1.0; });
  std::signal(SIGCHLD, before);
  CHECK(crash.kind == Kind::failed);
  CHECK(crash.message == "ended with a status that something else in this program has taken");
  CHECK(good.kind == Kind::completed);
}

TEST_CASE("ProcessPool goes on through signals that interrupt it") {
  const auto handler = std::signal(SIGALRM, [](int) {});
  const itimerval often{{0, 500}, {0, 500}};
  ::setitimer(ITIMER_REAL, &often, nullptr);
  {
    ProcessPool pool{2};
    std::vector<Trial<int>> trials;
    for (int i = 0; i < 20; ++i) trials.push_back({.id = static_cast<TrialId>(i), .point = i});
    const auto slow = [](int point, TrialContext& context) {
      for (int step = 0; step < 10; ++step) {
        std::this_thread::sleep_for(100us);
        context.report(step, 0);
      }
      return point;
    };
    const auto outcomes = pool.map(slow, trials);
    for (std::size_t i = 0; i < 20; ++i) CHECK(outcomes[i].value() == static_cast<double>(i));
  }
  const itimerval never{};
  ::setitimer(ITIMER_REAL, &never, nullptr);
  std::signal(SIGALRM, handler);
}

TEST_CASE("A result that was there before the cancellation counts") {
  ProcessPool pool{1};
  pool.start(0, shared([](int, TrialContext&) { return 4.0; }), 0);
  siginfo_t info{};
  REQUIRE(::waitid(P_ALL, 0, &info, WEXITED | WNOWAIT) == 0);  // it has ended, and the pool does not know yet
  pool.cancel(0);
  const ExecutorEvent event = wait_final(pool);
  CHECK(event.kind == Kind::completed);
  CHECK(event.value == 4);
}
