// Trials that do nothing, through minimize and through the executor alone, on worker processes of this machine.
#include "trials.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <hposearch/objective.hpp>
#include <hposearch/optimizer.hpp>
#include <hposearch/sampler/random.hpp>
#include <hposearch/search/minimize.hpp>

#include "measure.hpp"

namespace {

using namespace benchmark;

double evaluate(double learning_rate, double keep_prob, int channel, std::string_view) {
  return learning_rate + keep_prob + channel;
}

void through_minimize(hpo::Cluster& cluster, std::size_t slots_per_worker, std::size_t trials) {
  const auto space = make_space();
  using P = decltype(space)::point_type;
  hpo::Optimizer optimizer{space, {.sampler = hpo::RandomSampler{}}};
  std::unordered_map<hpo::TrialId, Clock::time_point> started;
  std::vector<double> round_trips;
  hpo::SearchOptions<P> options;
  options.trials = trials;
  options.on_trial_start = [&](const hpo::Trial<P>& trial) { started[trial.id] = Clock::now(); };
  options.on_trial_end = [&](const hpo::Trial<P>& trial) {
    round_trips.push_back(1e6 * seconds(Clock::now() - started[trial.id]));
  };
  const auto begin = Clock::now();
  hpo::minimize(evaluate, optimizer, cluster, options);
  print_row("hposearch, minimize", slots_per_worker, static_cast<double>(trials) / seconds(Clock::now() - begin),
            round_trips);
}

// As many trials in flight as there are slots: the time of each is that of its way there and back.
void through_executor(hpo::Cluster& cluster, std::size_t slots_per_worker, std::size_t trials) {
  const auto space = make_space();
  const auto objective = hpo::bind_objective(space, evaluate);
  const auto point = space.make_point(0.5, 0.5, 5, "max");
  std::vector<Clock::time_point> started(trials);
  std::vector<double> round_trips;
  hpo::TrialId next = 0;
  const auto start = [&] {
    if (next >= trials) return;
    started[next] = Clock::now();
    cluster.start(1'000'000 + next, objective, point, {});
    ++next;
  };
  const auto begin = Clock::now();
  for (std::size_t i = cluster.slots(); i > 0; --i) start();
  while (round_trips.size() < trials) {
    const auto event = cluster.next_event(Clock::now() + std::chrono::seconds{1});
    if (!event || !event->final()) continue;
    round_trips.push_back(1e6 * seconds(Clock::now() - started[event->trial - 1'000'000]));
    start();
  }
  print_row("hposearch, executor alone", slots_per_worker, static_cast<double>(trials) / seconds(Clock::now() - begin),
            round_trips);
}

void measure(std::size_t workers, std::size_t slots, std::size_t trials) {
  hpo::Cluster cluster{{.port = 0}};
  hpo::LocalLauncher launcher{workers_of(cluster, slots)};
  launcher.scale(workers);
  wait_for_slots(cluster, workers * slots);
  through_executor(cluster, slots, trials);
  through_minimize(cluster, slots, trials);
}

}  // namespace

int main(int argc, char** argv) {
  if (served(argc, argv, evaluate)) return 0;
  const std::size_t workers = argc > 1 ? std::stoul(argv[1]) : 3;
  measure(workers, 1, 60'000);
  measure(workers, 8, 200'000);
}
