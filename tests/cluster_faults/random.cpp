// A schedule of faults by chance: workers are killed, stopped, cut off and replaced while many short trials run.
#include <array>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include <support/catch.hpp>
#include <support/flaky_proxy.hpp>

#include <hposearch/numeric/random.hpp>

#include "harness.hpp"

using namespace faults;
using support::FlakyProxy;

namespace {

/// A worker behind a proxy of its own.
struct Member {
  FlakyProxy proxy;
  std::string url;
  std::unique_ptr<WorkerProcess> worker;

  Member(const hpo::Cluster& cluster, std::uint64_t number)
      : proxy(cluster.port()), url("tcp://127.0.0.1:" + std::to_string(proxy.port())) {
    replace(number);
  }
  void replace(std::uint64_t number) {
    worker.reset();
    worker = std::make_unique<WorkerProcess>(url, std::vector<std::string>{"slots=" + std::to_string(1 + number % 3)});
  }
};

void strike(Member& member, hpo::numeric::Random& random) {
  switch (random.below(8)) {
    case 0:
      return member.replace(random.below(3));
    case 1:
      return member.worker->signal(SIGSTOP);
    case 2:
    case 3:
      return member.worker->signal(SIGCONT);
    case 4:
      return member.proxy.partition();
    case 5:
      return member.proxy.heal();
    case 6:
      return member.proxy.cut();
    default:
      return member.proxy.set({.delay = std::chrono::milliseconds{random.below(20)}});
  }
}

void play_schedule(std::uint64_t seed, TrialId trials) {
  INFO("HPOSEARCH_FAULT_SEED=" << seed << " repeats it");
  hpo::numeric::Random random{seed};
  auto options = quick_options();
  options.heartbeat = 20ms;
  options.lease = 100ms;
  options.advanced.reconnect = 30ms;
  hpo::Cluster cluster{options};
  Play play{cluster};
  std::array<std::unique_ptr<Member>, 4> members;
  for (auto& member : members) member = std::make_unique<Member>(cluster, random.below(3));
  for (TrialId id = 0; id < trials; ++id)
    play.start(id, trial_of("wait", static_cast<int>(random.below(10)), static_cast<double>(id % 100) / 100));
  auto next = Clock::now();
  play.until([&] {
    if (Clock::now() >= next) {
      strike(*members[random.below(members.size())], random);
      next = Clock::now() + std::chrono::milliseconds{random.below(20)};
    }
    // Some are given up, by chance.
    if (random.below(50) == 0) cluster.cancel(random.below(trials));
    return play.ended() >= trials - trials / 5;
  });
  for (auto& member : members) {
    member->worker->signal(SIGCONT);
    member->proxy.heal();
  }
  members[0]->replace(0);
  play.finish();
  for (TrialId id = 0; id < trials; ++id) {
    const auto& end = play.end_of(id);
    INFO("trial " << id << ": " << end.message);
    if (end.kind == Kind::completed) CHECK(end.value == static_cast<double>(id % 100) / 100);
    if (end.kind == Kind::failed) CHECK_THAT(end.message, Catch::Contains("lost"));
  }
  CHECK(play.ended() == trials);
}

/// The one asked for in the environment, or some in a row.
void play_schedules(std::uint64_t first, std::uint64_t count, TrialId trials) {
  if (const char* seed = std::getenv("HPOSEARCH_FAULT_SEED")) return play_schedule(std::stoull(seed), trials);
  for (std::uint64_t seed = first; seed < first + count; ++seed) play_schedule(seed, trials);
}

}  // namespace

TEST_CASE("Whatever happens to workers and connections, each trial ends once") { play_schedules(1, 8, 100); }

TEST_CASE("Whatever happens for long to workers and connections, each trial ends once", "[long]") {
  play_schedules(1000, 100, 500);
}
