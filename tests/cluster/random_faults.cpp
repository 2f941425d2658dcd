// Head and workers under seeded random faults: whatever happens, each trial is told exactly once.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <cluster/virtual_cluster.hpp>
#include <support/catch.hpp>

namespace {

using namespace virtual_cluster;
using Kind = ExecutorEvent::Kind;

class Schedule {
 public:
  Schedule(std::uint64_t seed, std::size_t trials) : random_(seed), trials_(trials), net_(options()) {
    net_.latency = [this] {
      if (random_.below(50) == 0) return std::chrono::nanoseconds{milliseconds(1, 300)};
      return std::chrono::nanoseconds{milliseconds(0, 2)};
    };
    net_.doubles_results = random_.below(2) == 0;
    net_.behaviour = [this](TrialId trial) { return behave(trial); };
    for (std::size_t i = 0; i < 4; ++i) add_worker();
  }

  void run() {
    while (started_ < trials_) {
      start_some();
      net_.run_for(milliseconds(1, 100));
      revive();
      if (random_.below(2) == 0) strike();
    }
    // Peace: everything must come to its end.
    for (std::size_t i = 0; i < net_.workers(); ++i) net_.worker(i).stopped = false;
    faults_over_ = true;
    for (int i = 0; i < 2; ++i) add_worker();  // those that live may be about to leave
    const bool over = net_.run_until([&] { return net_.head().in_flight() == 0; }, 30min);
    CHECK(over);
    net_.run_for(1min);
    check();
  }

 private:
  static HeadOptions options() {
    HeadOptions options;
    options.heartbeat = 200ms;
    options.lease = 1000ms;
    options.patience = 2000ms;
    return options;
  }
  std::chrono::milliseconds milliseconds(std::uint64_t low, std::uint64_t high) {
    return std::chrono::milliseconds{low + random_.below(high - low + 1)};
  }

  void add_worker() {
    WorkerSettings settings;
    settings.slots = 1 + random_.below(3);
    settings.grace = 200ms;
    settings.orphan = 1h;
    net_.add_worker(std::move(settings));
  }
  std::size_t living() const {
    std::size_t count = 0;
    for (std::size_t i = 0; i < net_.workers(); ++i) count += net_.alive(i) ? 1 : 0;
    return count;
  }

  Net::Behaviour behave(TrialId trial) {
    Net::Behaviour behaviour;
    behaviour.duration = random_.below(20) == 0 ? milliseconds(500, 4000) : milliseconds(0, 120);
    behaviour.result.value = static_cast<double>(trial);
    behaviour.kills_worker = trial % 97 == 13 && !faults_over_;
    behaviour.heeds_stop = random_.below(4) > 0;
    if (random_.below(10) == 0) behaviour.result = {false, 0, "broken"};
    if (random_.below(10) == 0) behaviour.reports = {1, 2};
    return behaviour;
  }

  void start_some() {
    while (started_ < trials_ && net_.head().in_flight() < 2 * net_.head().slots()) {
      StartOptions options;
      if (random_.below(20) == 0) options.timeout = milliseconds(20, 2000);
      net_.start(started_++, options);
      if (random_.below(15) == 0) net_.head().cancel(random_.below(started_), net_.now());
      if (random_.below(15) == 0)
        net_.head().recall(started_ - 1 - random_.below(std::min<std::size_t>(started_, 4)), net_.now());
    }
  }

  // Workers that were killed or left are replaced after a while.
  void revive() {
    if (living() < 4 && random_.below(3) == 0) add_worker();
  }

  void strike() {
    const std::size_t i = random_.below(net_.workers());
    switch (random_.below(12)) {
      case 0:
        if (net_.alive(i)) net_.kill(i);
        break;
      case 1:
        net_.worker(i).stopped = true;
        break;
      case 2:
        for (std::size_t j = 0; j < net_.workers(); ++j) net_.worker(j).stopped = false;
        break;
      case 3:
      case 4:
        net_.disconnect(i);
        break;
      case 5:
      case 6:
        net_.partition(i, milliseconds(50, 3000));
        break;
      case 7:
        if (random_.below(4) == 0) net_.restart_head();
        break;
      case 8:
      case 9:
        while (living() < 4) add_worker();
        break;
      default:
        if (net_.alive(i)) net_.worker(i).state->drain(net_.now());
        break;
    }
  }

  void check() {
    std::vector<std::size_t> ends(trials_);
    for (const ExecutorEvent& event : net_.events) {
      REQUIRE(event.trial < trials_);
      if (!event.final()) {
        CHECK(ends[event.trial] == 0);
        continue;
      }
      ++ends[event.trial];
      if (event.kind == Kind::completed) CHECK(event.value == static_cast<double>(event.trial));
      if (event.kind == Kind::failed) CHECK_FALSE(event.message.empty());
    }
    for (std::size_t trial = 0; trial < trials_; ++trial) {
      INFO("trial " << trial);
      CHECK(ends[trial] == 1);
    }
    for (std::size_t i = 0; i < net_.workers(); ++i) {
      if (!net_.alive(i)) continue;
      INFO("worker " << i);
      CHECK(net_.worker(i).state->running() == 0);
      CHECK(net_.worker(i).state->unacknowledged() == 0);
    }
    for (const WorkerInfo& worker : net_.head().worker_infos()) {
      INFO("worker " << worker.name);
      CHECK(worker.running + worker.queued == 0);
    }
  }

  numeric::Random random_;
  std::size_t trials_;
  std::size_t started_ = 0;
  bool faults_over_ = false;
  Net net_;
};

void run_schedules(std::uint64_t first, std::size_t runs, std::size_t trials) {
  for (std::uint64_t seed = first; seed < first + runs; ++seed) {
    INFO("seed " << seed);
    Schedule{seed, trials}.run();
  }
}

}  // namespace

TEST_CASE("Each trial is told exactly once, whatever happens to workers, connections and heads", "[cluster]") {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  run_schedules(1, 40, 500);  // which takes as long
#else
  run_schedules(1, 200, 500);
#endif
}

TEST_CASE("Each trial is told exactly once in a thousand schedules of faults", "[cluster][long]") {
  run_schedules(1'000, 1'000, 500);
}
