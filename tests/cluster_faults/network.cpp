// Connections that break, fall silent, crawl and garble.
#include <chrono>
#include <csignal>
#include <memory>
#include <string>

#include <support/catch.hpp>
#include <support/flaky_proxy.hpp>

#include "harness.hpp"

using namespace faults;
using support::FlakyProxy;

namespace {

/// A cluster whose first worker is behind a proxy.
struct Behind {
  hpo::Cluster cluster{quick_options()};
  FlakyProxy proxy{cluster.port()};
  std::string url = "tcp://127.0.0.1:" + std::to_string(proxy.port());
  Play play{cluster};
  std::unique_ptr<WorkerProcess> far = std::make_unique<WorkerProcess>(url);

  Behind() { play.until_slots(1); }
};

}  // namespace

TEST_CASE("A peer that vanishes without a word loses its trial after the lease") {
  Behind net;
  net.play.start(0, trial_of("wait", 100, 0.5));
  net.play.until_running(0);
  net.proxy.partition();
  net.far->kill();  // the head sees no end of the connection
  const WorkerProcess near{net.cluster.url()};
  net.play.finish();
  CHECK(net.play.begun(0) == 2);
  CHECK(net.play.end_of(0).value == 0.5);
  CHECK(net.cluster.slots() == 1);
}

TEST_CASE("After a partition longer than the lease the worker comes back, and nothing ends twice") {
  Behind net;
  const WorkerProcess near{net.cluster.url()};
  net.play.until_slots(2);
  for (TrialId id = 0; id < 4; ++id) net.play.start(id, trial_of("wait", 100));
  net.play.until_running(1);
  net.proxy.partition();
  net.play.until([&] { return net.play.ended() == 4; });  // by the near one alone
  net.proxy.heal();
  net.play.until_slots(2);
  for (TrialId id = 4; id < 8; ++id) net.play.start(id, trial_of("wait", 1));
  net.play.finish();
  CHECK(net.play.count(Kind::completed) == 8);
}

TEST_CASE("A partition shorter than the lease costs nothing") {
  Behind net;
  net.play.start(0, trial_of("wait", 50, 0.5));
  net.play.until_running(0);
  net.proxy.partition();
  const auto heal = Clock::now() + 150ms;
  net.play.until([&] { return Clock::now() > heal; });
  net.proxy.heal();
  net.play.finish();
  CHECK(net.play.begun(0) == 1);
  CHECK(net.play.end_of(0).value == 0.5);
}

TEST_CASE("A worker whose connection breaks comes back and keeps what it runs") {
  Behind net;
  net.play.start(0, trial_of("wait", 100, 0.5));
  net.play.until_running(0);
  for (int i = 0; i < 3; ++i) {
    const auto before = net.proxy.connections();
    net.proxy.cut();
    net.play.until([&] { return net.proxy.connections() > before || net.play.ended(0); });
  }
  net.play.finish();
  CHECK(net.play.begun(0) == 1);
  CHECK(net.play.end_of(0).value == 0.5);
}

TEST_CASE("A result that the head could not acknowledge is told once") {
  Behind net;
  net.proxy.set(FlakyProxy::to_client, {});
  for (TrialId id = 0; id < 20; ++id) {
    net.play.start(id, trial_of("wait", 1));
    net.play.until_running(id);
    net.proxy.set(FlakyProxy::to_client, {.blocked = true});  // acknowledgements do not arrive
    net.play.until([&] { return net.play.ended(id); });
    net.proxy.cut();
    net.proxy.heal();
    net.play.until_slots(1);
  }
  net.play.finish();
  CHECK(net.play.count(Kind::completed) == 20);
}

TEST_CASE("Bytes that come one by one are as good") {
  Behind net;
  net.proxy.set({.single_bytes = true});
  for (TrialId id = 0; id < 5; ++id) net.play.start(id, trial_of("wait", 1));
  net.play.finish();
  CHECK(net.play.count(Kind::completed) == 5);
  CHECK(net.proxy.connections() == 1);
}

TEST_CASE("A connection that is cut in the middle of a message is made again") {
  Behind net;
  const WorkerProcess near{net.cluster.url()};
  net.play.until_slots(2);
  for (const std::size_t bytes : {1U, 40U, 150U, 300U}) {
    net.proxy.set({.cut_after = bytes});
    net.proxy.cut();
    const auto before = net.proxy.connections();
    net.play.until([&] { return net.proxy.connections() > before; });
  }
  net.proxy.heal();
  net.proxy.cut();
  net.play.until_slots(2);
  for (TrialId id = 0; id < 6; ++id) net.play.start(id, trial_of("wait", 1));
  net.play.finish();
  CHECK(net.play.count(Kind::completed) == 6);
}

TEST_CASE("Bytes that come twice break the connection and nothing else") {
  Behind net;
  const WorkerProcess near{net.cluster.url()};
  net.play.until_slots(2);
  net.proxy.set(FlakyProxy::to_server, {.single_bytes = true, .twice = true});
  for (TrialId id = 0; id < 6; ++id) net.play.start(id, trial_of("wait", 5));
  net.play.until([&] { return net.proxy.connections() > 1; });
  net.proxy.heal();
  net.play.finish();
  CHECK(net.play.count(Kind::completed) == 6);
}
