// What does it cost to run a trial? An objective that does nothing, on each executor: all slots kept busy.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <hposearch/executor/command.hpp>
#include <hposearch/executor/gpu/simulated.hpp>
#include <hposearch/executor/inline.hpp>
#include <hposearch/executor/local_gpus.hpp>
#include <hposearch/executor/process_pool.hpp>
#include <hposearch/executor/thread_pool.hpp>
#include <hposearch/space/real.hpp>
#include <hposearch/space/space.hpp>
#include <hposearch/trial/trial.hpp>

namespace hpo = hposearch;

namespace {

using Point = hpo::Point<hpo::Real>;

// Microseconds a trial, by the wall clock, over `trials` of them.
template <class E, class F>
double cost(E& executor, const F& objective, std::size_t trials) {
  const hpo::Space space{hpo::Real{"x", 0.0, 1.0}};
  std::vector<hpo::Trial<Point>> work;
  for (std::size_t i = 0; i < trials; ++i) work.push_back({i, space.make_point(0.5)});
  const auto begin = std::chrono::steady_clock::now();
  const auto outcomes = executor.map(objective, work);
  const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - begin;
  for (const auto& outcome : outcomes) static_cast<void>(outcome.value());  // throws where a trial failed
  return took.count() / static_cast<double>(trials);
}

template <class E, class F>
void row(const char* name, E& executor, const F& objective, std::size_t trials) {
  std::vector<double> costs;
  for (int repetition = 0; repetition < 7; ++repetition) costs.push_back(cost(executor, objective, trials));
  std::sort(costs.begin(), costs.end());
  fmt::print("{:<28} {:>6} {:>10.1f} [{:.1f}, {:.1f}]\n", name, trials, costs[3], costs.front(), costs.back());
}

}  // namespace

int main() {
  const auto nothing = [](double x) { return x; };
  fmt::print("{:<28} {:>6} {:>10} [min, max] of 7\n", "3 slots, an empty trial", "trials", "us each");
  hpo::InlineExecutor here;
  row("InlineExecutor (1 slot)", here, nothing, 10000);
  hpo::ThreadPool threads{3};
  row("ThreadPool", threads, nothing, 10000);
  hpo::ProcessPool processes{3};
  row("ProcessPool", processes, nothing, 1000);
  const hpo::SimulatedDevices devices{3};
  hpo::LocalGpus gpus{devices, {.isolation = hpo::Isolation::thread}};
  row("LocalGpus, threads", gpus, nothing, 10000);
  hpo::LocalGpus gpu_processes{devices};
  row("LocalGpus, processes", gpu_processes, nothing, 1000);
  row("ThreadPool, Command echo", threads, hpo::Command{"echo", "1"}, 300);
}
