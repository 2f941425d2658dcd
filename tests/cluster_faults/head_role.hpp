// The worker program as a head that can be killed: it searches with a history in a file, and goes on with that of an
// earlier one.
//
//   worker_program head PORT HISTORY TRIALS MS LEASE
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>
#include <string>

#include <hposearch/cluster.hpp>
#include <hposearch/optimizer.hpp>
#include <hposearch/sampler/random.hpp>
#include <hposearch/search/minimize.hpp>

#include "harness_options.hpp"
#include "space.hpp"

namespace faults {

/// What is known of each trial, by its x: as lines "task X TASK" and "end X VALUE" of a file.
struct HistoryFile {
  struct Known {
    hpo::cluster::TaskId task = 0;
    std::optional<double> value{};
    int ends = 0;
  };
  std::map<double, Known> trials;

  explicit HistoryFile(const std::string& path) {
    std::ifstream file{path};
    std::string what;
    double x = 0;
    while (file >> what >> x) {
      Known& known = trials[x];
      if (what == "task") {
        file >> known.task;
      } else {
        double value = 0;
        if (file >> value) known.value = value;
        ++known.ends;
      }
    }
  }
};

/// Searches at x = 0, 1/8192, 2/8192 ..., which all lines of text hold exactly.
inline int run_head(std::uint16_t port, const std::string& path, std::size_t trials, int ms,
                    std::chrono::milliseconds lease) {
  const HistoryFile before{path};
  std::ofstream file{path, std::ios::app};
  const auto point_of = [&](double x) { return trial_of("wait", ms, x); };
  hpo::Optimizer optimizer{space, {.sampler = hpo::RandomSampler{}}};
  for (const auto& [x, known] : before.trials)
    if (known.value) optimizer.observe(point_of(x), *known.value);

  auto options = quick_options();
  options.port = port;
  options.lease = lease;
  std::map<hpo::TrialId, double> x_of;
  const auto line = [&](const char* what, hpo::TrialId id) -> std::ostream& {
    file.precision(17);
    return file << what << ' ' << x_of.at(id) << ' ';
  };
  options.on_task = [&](hpo::TrialId id, hpo::cluster::TaskId task) { line("task", id) << task << std::endl; };
  // Those under way first: their numbers are then known.
  hpo::TrialId next = optimizer.size();
  for (const auto& [x, known] : before.trials) {
    if (known.value) continue;
    options.earlier.push_back(hpo::earlier_trial(next++, known.task, point_of(x)));
    optimizer.enqueue(point_of(x));
  }
  for (std::size_t i = before.trials.size(); i < trials; ++i)
    optimizer.enqueue(point_of(static_cast<double>(i) / 8192));

  hpo::Cluster cluster{options};
  hpo::SearchOptions<P> search;
  search.trials = trials - optimizer.size();
  search.ask_ahead = hpo::AskAhead::never;  // which would take enqueued points back
  search.on_trial_start = [&](const hpo::Trial<P>& trial) { x_of[trial.id] = trial.point.get<double>("x"); };
  search.on_trial_end = [&](const hpo::Trial<P>& trial) {
    line("end", trial.id) << trial.value.value_or(-1) << std::endl;
  };
  const auto not_here = [](const P&) { return 0.0; };
  if (*search.trials > 0) hpo::minimize(not_here, optimizer, cluster, search);
  const auto counters = cluster.counters();
  std::cout << "lost workers: " << counters.lost_workers << std::endl;
  return 0;
}

}  // namespace faults
