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
