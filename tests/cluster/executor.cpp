#include <chrono>
#include <cstddef>

#include <cluster/loopback.hpp>
#include <executor_conformance.hpp>
#include <support/catch.hpp>

#include <hposearch/cluster/executor.hpp>

using namespace hposearch;
using namespace std::chrono_literals;
using loopback::LoopbackCluster;

TEST_CASE("Cluster keeps the executor contract with workers in threads", "[conformance]") {
  executor_conformance::check_executor(
      [](std::size_t slots) {
        return LoopbackCluster{slots, {.grace = 50ms}};
      },
      {.concurrent = true});
}

TEST_CASE("Cluster keeps the executor contract through a scheduler", "[conformance]") {
  executor_conformance::check_executor(
      [](std::size_t slots) {
        return LoopbackCluster{slots, {.grace = 50ms}, {}, true};
      },
      {.concurrent = true});
}

TEST_CASE("Whoever looks at a cluster all the time does not stop its network") {
  ClusterOptions options;
  options.port = 0;
  options.token = loopback::token();
  const Cluster cluster{options};
  WorkerOptions worker;
  worker.head = parse_head_address(cluster.url());
  const loopback::ThreadWorker joined{
      loopback::token(), worker, {[](cluster::ByteView, TrialContext&) { return 0.0; }}};
  for (const auto end = std::chrono::steady_clock::now() + 60s; cluster.workers().empty();)
    REQUIRE(std::chrono::steady_clock::now() < end);
}
