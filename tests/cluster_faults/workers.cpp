// Workers that die, stop, come back and leave.
#include <chrono>
#include <csignal>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <support/catch.hpp>
#include <sys/types.h>

#include "harness.hpp"

using namespace faults;
using Catch::Contains;

namespace {

/// Three workers that serve a cluster.
struct Three {
  hpo::Cluster cluster{quick_options()};
  std::vector<std::unique_ptr<WorkerProcess>> workers;
  Play play{cluster};

  Three() {
    for (int i = 0; i < 3; ++i) add();
    play.until_slots(3);
  }
  void add(std::vector<std::string> more = {}) {
    workers.push_back(std::make_unique<WorkerProcess>(cluster.url(), std::move(more)));
  }
  WorkerProcess& worker(pid_t id) {
    for (auto& worker : workers)
      if (!worker->has_ended() && worker->id() == id) return *worker;
    FAIL("there is no such worker");
    std::abort();
  }
};

}  // namespace

TEST_CASE("A killed worker's trial runs on another one at once") {
  Three three;
  for (TrialId id = 0; id < 3; ++id) three.play.start(id, trial_of("wait", 1'000'000, 0.25));
  three.play.until([&] { return three.play.begun(0) + three.play.begun(1) + three.play.begun(2) == 3; });
  const pid_t victim = three.play.process_of(1);
  three.add();
  three.play.until_slots(4);
  three.worker(victim).kill();
  const auto killed = Clock::now();
  three.play.until([&] { return three.play.begun(1) == 2; });
  CHECK(three.play.process_of(1) != victim);
  CHECK(Clock::now() - killed < 5s);  // not by the time limit of anything
  for (TrialId id = 0; id < 3; ++id) three.cluster.cancel(id);
  three.play.finish();
  CHECK(three.play.count(Kind::cancelled) == 3);
}

TEST_CASE("When all workers were killed, trials wait for new ones") {
  Three three;
  for (TrialId id = 0; id < 6; ++id) three.play.start(id, trial_of("wait", 20, 0.01 * static_cast<double>(id)));
  three.play.until_running(0);
  for (auto& worker : three.workers) worker->kill();
  three.play.until_slots(0);
  three.add({"slots=2"});
  three.play.finish();
  CHECK(three.play.count(Kind::completed) == 6);
  CHECK(three.play.end_of(5).value == 0.05);
}

TEST_CASE("A trial that kills every worker fails, and the cluster lives") {
  Three three;
  for (int i = 0; i < 2; ++i) three.add();
  three.play.until_slots(5);
  three.play.start(0, trial_of("crash"));
  three.play.start(1, trial_of("wait", 1));
  three.play.finish();
  CHECK(three.play.end_of(0).kind == Kind::failed);
  CHECK_THAT(three.play.end_of(0).message, Contains("worker"));
  CHECK(three.play.begun(0) == 3);
  CHECK(three.play.end_of(1).kind == Kind::completed);
  CHECK(three.cluster.slots() == 2);
}

TEST_CASE("A worker stopped for longer than its lease loses its trial, and its late result changes nothing") {
  Three three;
  three.play.start(0, trial_of("wait", 150, 0.25));
  three.play.until_running(0);
  const pid_t frozen = three.play.process_of(0);
  three.worker(frozen).signal(SIGSTOP);
  three.play.until([&] { return three.play.ended(0); });
  CHECK(three.play.begun(0) == 2);
  CHECK(three.play.process_of(0) != frozen);
  three.worker(frozen).signal(SIGCONT);
  three.play.until_slots(3);  // it comes back
  three.play.start(1, trial_of("wait", 1));
  three.play.finish();
  CHECK(three.play.count(Kind::completed) == 2);
}

TEST_CASE("A worker stopped for less than its lease keeps its trial") {
  Three three;
  three.play.start(0, trial_of("wait", 100, 0.25));
  three.play.until_running(0);
  const WorkerProcess& worker = three.worker(three.play.process_of(0));
  worker.signal(SIGSTOP);
  const auto resume = Clock::now() + 150ms;
  three.play.until([&] { return Clock::now() > resume; });
  worker.signal(SIGCONT);
  three.play.finish();
  CHECK(three.play.begun(0) == 1);
  CHECK(three.play.end_of(0).value == 0.25);
}

TEST_CASE("A trial at a whole processor does not cost its worker the lease") {
  Three three;
  three.play.start(0, trial_of("spin", 1500, 0.75));  // more than two leases
  three.play.finish();
  CHECK(three.play.begun(0) == 1);
  CHECK(three.play.end_of(0).value == 0.75);
  CHECK(three.cluster.slots() == 3);
}

TEST_CASE("A worker asked to leave finishes its trial first") {
  Three three;
  three.play.start(0, trial_of("wait", 100, 0.5));
  three.play.until_running(0);
  WorkerProcess& worker = three.worker(three.play.process_of(0));
  worker.signal(SIGTERM);
  three.play.finish();
  CHECK(three.play.begun(0) == 1);
  CHECK(three.play.end_of(0).kind == Kind::completed);
  CHECK(worker.status() == 0);
  three.play.until_slots(2);
}
