// A worker on a network of its own that is cut off and healed.
#include <chrono>
#include <cstdlib>
#include <memory>
#include <string>

#include <support/catch.hpp>
#include <support/skip.hpp>
#include <unistd.h>

#include "harness.hpp"

using namespace faults;

namespace {

/// A network namespace of the kernel with one cable to this machine. Needs root, and the program `ip`.
class FarNetwork {
 public:
  FarNetwork() {
    made_ = ip("netns add " + name_) && ip("link add " + near_ + " type veth peer name " + far_ + " netns " + name_) &&
            ip("address add " + address(1) + "/30 dev " + near_) && ip("link set " + near_ + " up") &&
            ip("-n " + name_ + " address add " + address(2) + "/30 dev " + far_) &&
            ip("-n " + name_ + " link set " + far_ + " up");
  }
  FarNetwork(const FarNetwork&) = delete;
  FarNetwork& operator=(const FarNetwork&) = delete;
  ~FarNetwork() {
    ip("link delete " + near_);
    ip("netns delete " + name_);
  }
  explicit operator bool() const noexcept { return made_; }

  [[nodiscard]] std::unique_ptr<WorkerProcess> worker(const hpo::Cluster& cluster) const {
    const std::string url = "tcp://" + address(1) + ":" + std::to_string(cluster.port());
    return std::make_unique<WorkerProcess>(
        std::vector<std::string>{"ip", "netns", "exec", name_, HPOSEARCH_TEST_WORKER, url}, token);
  }
  /// The cable is unplugged, or what this side sends disappears.
  void cut(bool cable) {
    REQUIRE(ip(cable ? "link set " + near_ + " down" : "route add blackhole " + address(2) + "/32"));
  }
  void heal(bool cable) {
    REQUIRE(ip(cable ? "link set " + near_ + " up" : "route del blackhole " + address(2) + "/32"));
  }

 private:
  static bool ip(const std::string& command) { return std::system(("ip " + command + " 2>/dev/null").c_str()) == 0; }

  // A network of four addresses among those of this cable alone.
  static std::string address(int host) {
    const int number = ::getpid() % 16'000;
    return "169.254." + std::to_string(1 + number / 64) + '.' + std::to_string(number % 64 * 4 + host);
  }

  std::string number_ = std::to_string(::getpid());
  std::string name_ = "hposearch" + number_, near_ = "hn" + number_, far_ = "hf" + number_;
  bool made_ = false;
};

}  // namespace

TEST_CASE("A worker whose network is gone for longer than the lease comes back, and nothing ends twice") {
  const bool cable = GENERATE(true, false);
  FarNetwork network;
  if (!network) return support::skip("no network namespaces: they need root and iproute2");
  auto options = quick_options();
  options.address = "0.0.0.0";
  hpo::Cluster cluster{options};
  Play play{cluster};
  const auto far = network.worker(cluster);
  play.until_slots(1);
  const WorkerProcess near{"tcp://127.0.0.1:" + std::to_string(cluster.port())};
  play.until_slots(2);
  for (TrialId id = 0; id < 4; ++id) play.start(id, trial_of("wait", 100));
  play.until([&] { return play.begun(0) + play.begun(1) == 2; });
  network.cut(cable);
  play.until([&] { return play.ended() == 4; });
  play.until_slots(1);  // one side or the other has noticed
  CHECK(cluster.counters().lost_workers == 1);
  network.heal(cable);
  play.until_slots(2);
  for (TrialId id = 4; id < 8; ++id) play.start(id, trial_of("wait", 1));
  play.finish();
  CHECK(play.count(Kind::completed) == 8);
}

TEST_CASE("A worker whose network is gone for less than the lease keeps its trial") {
  FarNetwork network;
  if (!network) return support::skip("no network namespaces: they need root and iproute2");
  auto options = quick_options();
  options.address = "0.0.0.0";
  options.lease = 5s;
  hpo::Cluster cluster{options};
  Play play{cluster};
  const auto far = network.worker(cluster);
  play.start(0, trial_of("wait", 100, 0.5));
  play.until_running(0);
  network.cut(true);
  const auto heal = Clock::now() + 250ms;
  play.until([&] { return Clock::now() > heal; });
  CHECK_FALSE(play.ended(0));
  network.heal(true);
  play.finish();
  CHECK(play.begun(0) == 1);
  CHECK(play.end_of(0).value == 0.5);
  CHECK(cluster.counters().lost_workers == 0);
}
