// How heads of the fault tests treat their workers.
#pragma once

#include <chrono>

#include <hposearch/cluster.hpp>

namespace faults {

inline const hposearch::Token token{"a-token-of-the-fault-tests-which-is-no-secret"};

/// Leases and waits that tests need not wait for long.
[[nodiscard]] inline hposearch::ClusterOptions quick_options() {
  using namespace std::chrono_literals;
  hposearch::ClusterOptions options;
  options.port = 0;
  options.token = token;
  options.heartbeat = 50ms;
  options.lease = 700ms;
  options.advanced.reconnect = 100ms;
  options.advanced.patience = 300ms;
  return options;
}

}  // namespace faults
