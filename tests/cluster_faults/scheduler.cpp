// Programs that share a scheduler of its own, and what happens when one of these processes dies.
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <support/catch.hpp>
#include <support/flaky_proxy.hpp>
#include <support/temporary_folder.hpp>

#include "harness.hpp"
#include "scheduler_role.hpp"

using namespace faults;
using Catch::Contains;

namespace {

/// A scheduler of its own process.
class SchedulerProcess {
 public:
  explicit SchedulerProcess(std::uint16_t port) { start(port); }
  [[nodiscard]] const std::string& url() const { return url_; }
  void kill() { process_->kill(); }
  /// Another one at the same place.
  void restart() { start(hpo::parse_head_address(url_).port); }

 private:
  void start(std::uint16_t port) {
    process_.emplace(std::vector<std::string>{HPOSEARCH_TEST_WORKER, "scheduler", std::to_string(port)}, token);
    const auto end = Clock::now() + 60s;
    while (process_->output().find('\n') == std::string::npos) {
      if (Clock::now() > end || process_->has_ended()) FAIL("no scheduler: " << process_->output());
      ::usleep(1000);
    }
    url_ = process_->output().substr(0, process_->output().find('\n'));
  }

  std::optional<WorkerProcess> process_;
  std::string url_;
};

}  // namespace

TEST_CASE("Two programs share the workers of a scheduler") {
  hpo::Scheduler scheduler{quick_scheduler()};
  const WorkerProcess one{scheduler.url(), {"slots=2"}}, other{scheduler.url(), {"slots=2"}};
  hpo::Cluster first{options_for(scheduler.url())}, second{options_for(scheduler.url())};
  Play first_play{first}, second_play{second};
  first_play.until([&] {
    second_play.look(1ms);
    return first.slots() > 0 && second.slots() > 0;
  });
  constexpr TrialId trials = 60;
  for (TrialId id = 0; id < trials; ++id) {
    first_play.start(id, trial_of("wait", 5, 0.01 * static_cast<double>(id)));
    second_play.start(id, trial_of("wait", 5, 1 - 0.01 * static_cast<double>(id)));
  }
  bool shared = false;
  first_play.until([&] {
    second_play.look(1ms);
    shared = shared || (first.slots() == 2 && second.slots() == 2);
    return first_play.ended() == trials && second_play.ended() == trials;
  });
  CHECK(shared);
  CHECK(scheduler.programs().size() == 2);
  for (TrialId id = 0; id < trials; ++id) {
    CHECK(first_play.end_of(id).value == 0.01 * static_cast<double>(id));
    CHECK(second_play.end_of(id).value == 1 - 0.01 * static_cast<double>(id));
  }
}

TEST_CASE("A killed scheduler's successor loses no trial of any program") {
  SchedulerProcess scheduler{0};
  std::vector<std::unique_ptr<WorkerProcess>> workers;
  for (int i = 0; i < 3; ++i) workers.push_back(std::make_unique<WorkerProcess>(scheduler.url()));
  hpo::Cluster first{options_for(scheduler.url())}, second{options_for(scheduler.url())};
  Play first_play{first}, second_play{second};
  constexpr TrialId trials = 20;
  for (TrialId id = 0; id < trials; ++id) {
    first_play.start(id, trial_of("wait", 40, 0.25));
    second_play.start(id, trial_of("wait", 40, 0.75));
  }
  const auto until = [&](std::size_t ended) {
    first_play.until([&] {
      second_play.look(1ms);
      return first_play.ended() >= ended && second_play.ended() >= ended;
    });
  };
  until(2);
  scheduler.kill();
  const auto later = Clock::now() + 60ms;  // results are there that nobody takes
  first_play.until([&] { return Clock::now() > later; });
  scheduler.restart();
  until(trials);
  first_play.finish();
  second_play.finish();
  CHECK(first_play.count(Kind::completed) == trials);
  CHECK(second_play.count(Kind::completed) == trials);
}

TEST_CASE("A killed program's trials make room for those of others") {
  hpo::Scheduler scheduler{quick_scheduler()};
  const WorkerProcess worker{scheduler.url()};
  WorkerProcess program{std::vector<std::string>{HPOSEARCH_TEST_WORKER, "program", scheduler.url()}, token};
  const auto end = Clock::now() + 60s;
  while (scheduler.workers().empty() || scheduler.workers().front().running == 0) {
    REQUIRE(Clock::now() < end);
    ::usleep(1000);
  }
  hpo::Cluster cluster{options_for(scheduler.url())};
  Play play{cluster};
  play.start(0, trial_of("wait", 1, 0.5));
  play.until([&] { return scheduler.programs().size() == 2; });
  program.kill();
  play.finish();
  CHECK(play.end_of(0).value == 0.5);
  CHECK(scheduler.programs().size() == 1);
}

TEST_CASE("A killed worker's trial runs on another one of the scheduler") {
  hpo::Scheduler scheduler{quick_scheduler()};
  std::vector<std::unique_ptr<WorkerProcess>> workers;
  for (int i = 0; i < 4; ++i) workers.push_back(std::make_unique<WorkerProcess>(scheduler.url()));
  hpo::Cluster cluster{options_for(scheduler.url())};
  Play play{cluster};
  play.until_slots(4);
  play.start(0, trial_of("wait", 1'000'000));
  play.until_running(0);
  const pid_t victim = play.process_of(0);
  for (auto& worker : workers)
    if (worker->id() == victim) worker->kill();
  play.until([&] { return play.begun(0) == 2; });
  CHECK(play.process_of(0) != victim);
  cluster.cancel(0);
  play.start(1, trial_of("crash"));
  play.finish();
  CHECK(play.end_of(0).kind == Kind::cancelled);
  CHECK(play.end_of(1).kind == Kind::failed);
  CHECK_THAT(play.end_of(1).message, Contains("lost 3 times"));
}

TEST_CASE("A program whose connection breaks finds its trials again") {
  hpo::Scheduler scheduler{quick_scheduler()};
  support::FlakyProxy proxy{scheduler.port()};
  const WorkerProcess worker{scheduler.url(), {"slots=2"}};
  hpo::Cluster cluster{options_for("tcp://127.0.0.1:" + std::to_string(proxy.port()))};
  Play play{cluster};
  for (TrialId id = 0; id < 6; ++id) play.start(id, trial_of("wait", 100, 0.5));
  for (const std::size_t ended : {0U, 2U}) {
    play.until([&] {
      const auto there = scheduler.workers();
      return play.ended() >= ended && !there.empty() && there.front().running == 2;
    });
    proxy.cut();
  }
  play.finish();
  CHECK(play.count(Kind::completed) == 6);
  CHECK(play.begun(0) == 1);
  CHECK(scheduler.programs().size() == 1);
}

TEST_CASE("A program is told when the scheduler is not for it") {
  auto listening = quick_scheduler();
  const hpo::Scheduler scheduler{listening};
  auto options = options_for(scheduler.url());
  const auto refusal = [&] {
    hpo::Cluster cluster{options};
    const auto end = Clock::now() + 60s;
    try {
      while (Clock::now() < end) static_cast<void>(cluster.next_event(Clock::now() + 10ms));
    } catch (const hpo::Error& error) {
      return std::string{error.what()};
    }
    return std::string{};
  };
  SECTION("it has another token") {
    options.token = hpo::Token{"another-token-of-the-fault-tests-also-no-secret"};
    CHECK_THAT(refusal(), Contains("token") && !Contains("no-secret"));
  }
  SECTION("it is another program's head") {
    const hpo::Cluster other{quick_options()};
    options.scheduler = other.url();
    CHECK_THAT(refusal(), Contains("programs need a scheduler"));
  }
}

TEST_CASE("Programs and workers come to a scheduler through TLS") {
  const support::TemporaryFolder folder;
  hpo::make_certificates({.folder = folder / "certs", .hosts = {"127.0.0.1"}});
  auto listening = quick_scheduler();
  listening.tls = hpo::TlsFiles::of_head(folder / "certs");
  const hpo::Scheduler scheduler{listening};
  auto options = options_for(scheduler.url());
  CHECK_THROWS_AS(hpo::Cluster{options}, hpo::InvalidArgument);
  options.tls = hpo::TlsFiles::of_worker(folder / "certs");
  hpo::Cluster cluster{options};
  Play play{cluster};
  play.until([&] { return scheduler.programs().size() == 1; });
  CHECK(cluster.url() == scheduler.url());
}
