// Heads that end, in good order or not, and others in their place.
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include <support/catch.hpp>
#include <support/flaky_proxy.hpp>

#include "harness.hpp"

using namespace faults;

TEST_CASE("When the head ends, its workers leave") {
  auto cluster = std::make_unique<hpo::Cluster>(quick_options());
  WorkerProcess worker{cluster->url()};
  Play play{*cluster};
  play.start(0, trial_of("wait", 1'000'000));
  play.until_running(0);
  cluster.reset();
  CHECK(worker.status() == 0);
}

TEST_CASE("A worker may be there before the head") {
  auto options = quick_options();
  {
    const hpo::Cluster probe{options};
    options.port = probe.port();
  }
  const WorkerProcess worker{"tcp://127.0.0.1:" + std::to_string(options.port)};
  ::usleep(30'000);  // it has found nobody
  hpo::Cluster cluster{options};
  Play play{cluster};
  play.start(0, trial_of("wait", 1, 0.5));
  play.finish();
  CHECK(play.end_of(0).value == 0.5);
}

TEST_CASE("A worker whose head vanished serves the next one at the same place") {
  auto options = quick_options();
  auto first = std::make_unique<hpo::Cluster>(options);
  options.port = first->port();
  support::FlakyProxy proxy{options.port};
  const WorkerProcess worker{"tcp://127.0.0.1:" + std::to_string(proxy.port())};
  {
    Play play{*first};
    play.start(0, trial_of("wait", 1'000'000));
    play.until_running(0);
  }
  proxy.partition();
  first.reset();
  proxy.cut();  // so that the worker never hears its farewell
  hpo::Cluster second{options};
  proxy.heal();
  Play play{second};
  for (TrialId id = 0; id < 5; ++id) play.start(id, trial_of("wait", 1, 0.25));
  play.finish();  // what ran for the first head was given up
  CHECK(play.count(Kind::completed) == 5);
  CHECK(second.slots() == 1);
}

TEST_CASE("A worker without a head leaves after its orphan time") {
  std::string url;
  {
    const hpo::Cluster probe{quick_options()};
    url = probe.url();
  }
  WorkerProcess worker{url, {"orphan=50"}};
  CHECK(worker.status() == 0);
  CHECK_THAT(worker.output(), Catch::Contains("Connection refused"));
}
