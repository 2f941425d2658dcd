// What the programs of this benchmark search, and how they start their workers.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <unistd.h>

#include <hposearch/cluster.hpp>
#include <hposearch/cluster/local_launcher.hpp>
#include <hposearch/space/categorical.hpp>
#include <hposearch/space/integer.hpp>
#include <hposearch/space/real.hpp>
#include <hposearch/space/space.hpp>

namespace benchmark {

namespace hpo = hposearch;

/// Four parameters, as the notebook has.
[[nodiscard]] inline auto make_space() {
  return hpo::Space{hpo::Real{"learning_rate", 1e-6, 1e+1, hpo::log_scale},
                    hpo::Real{"keep_prob", 0.1, 1.0, hpo::log_scale}, hpo::Integer{"channel", 3, 7},
                    hpo::Categorical{"pool", {"max", "avg"}}};
}

/// This program again, as worker processes.
[[nodiscard]] inline hpo::WorkerProgram workers_of(const hpo::Cluster& cluster, std::size_t slots) {
  return {{"/proc/self/exe", "--worker", cluster.url(), std::to_string(slots)}};
}

/// Serves as a worker if the command line says so. \returns whether it did
template <class F>
[[nodiscard]] bool served(int argc, char** argv, F evaluate) {
  if (argc != 4 || std::string_view{argv[1]} != "--worker") return false;
  hpo::WorkerOptions options;
  options.head = hpo::parse_head_address(argv[2]);
  options.slots = std::stoul(argv[3]);
  hpo::Worker worker{hpo::shared_token(), options, hpo::cluster::make_evaluator(make_space(), std::move(evaluate))};
  worker.run();
  return true;
}

/// Until so many slots are there.
template <class Cluster>
void wait_for_slots(Cluster& cluster, std::size_t slots) {
  while (cluster.slots() < slots)
    static_cast<void>(cluster.next_event(std::chrono::steady_clock::now() + std::chrono::milliseconds{10}));
}

}  // namespace benchmark
