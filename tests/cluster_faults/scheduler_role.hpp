// The worker program as a scheduler, or as a program that submits one trial to a scheduler and waits for it.
//
//   worker_program scheduler PORT
//   worker_program program SCHEDULER
#pragma once

#include <chrono>
#include <cstdint>
#include <iostream>
#include <string>

#include <unistd.h>

#include <hposearch/cluster.hpp>
#include <hposearch/objective.hpp>

#include "harness_options.hpp"
#include "space.hpp"

namespace faults {

/// As quick_options(), for a scheduler.
[[nodiscard]] inline hpo::SchedulerOptions quick_scheduler(std::uint16_t port = 0) {
  const auto quick = quick_options();
  hpo::SchedulerOptions options;
  options.port = port;
  options.token = quick.token;
  options.heartbeat = quick.heartbeat;
  options.lease = quick.lease;
  options.advanced = quick.advanced;
  return options;
}
/// Of a program that submits to a scheduler.
[[nodiscard]] inline hpo::ClusterOptions options_for(const std::string& scheduler) {
  auto options = quick_options();
  options.scheduler = scheduler;
  return options;
}

/// Says its address in one line.
[[noreturn]] inline void run_scheduler(std::uint16_t port) {
  const hpo::Scheduler scheduler{quick_scheduler(port)};
  std::cout << scheduler.url() << std::endl;
  for (;;) ::pause();
}

[[noreturn]] inline void run_waiting_program(const std::string& scheduler) {
  hpo::Cluster cluster{options_for(scheduler)};
  cluster.use_space(space);
  const auto objective = hpo::bind_objective(space, [](const P&) { return 0.0; });
  bool started = false;
  for (;;) {
    if (!started && cluster.free_slots() > 0) {
      cluster.start(0, objective, trial_of("wait", 1'000'000));
      started = true;
    }
    static_cast<void>(cluster.next_event(std::chrono::steady_clock::now() + std::chrono::milliseconds{20}));
  }
}

}  // namespace faults
