// How much of the slots' time is idle, with trials that take 1 ms each and with skewed times around 20 ms?
#include <chrono>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <thread>

#include <fmt/format.h>

#include <hposearch/numeric/random.hpp>
#include <hposearch/optimizer.hpp>
#include <hposearch/sampler/random.hpp>
#include <hposearch/search/minimize.hpp>

#include "measure.hpp"
#include "trials.hpp"

namespace {

using namespace benchmark;

// The kind of trial is in the environment that workers inherit.
double evaluate(double, double, int, std::string_view, hpo::TrialContext& context) {
  const bool skewed = std::getenv("BENCHMARK_SKEWED") != nullptr;
  hpo::numeric::Random random{1, context.trial()};
  const double ms = skewed ? 20 * std::exp(random.normal()) : 1;
  std::this_thread::sleep_for(std::chrono::duration<double, std::milli>(ms));
  return ms;
}

void measure(const std::string& name, bool skewed, std::size_t workers, std::size_t trials) {
  hpo::Cluster cluster{{.port = 0}};
  hpo::WorkerProgram program = workers_of(cluster, 1);
  if (skewed) program.environment = {{"BENCHMARK_SKEWED", "1"}};
  hpo::LocalLauncher launcher{program};
  launcher.scale(workers);
  wait_for_slots(cluster, workers);
  hpo::Optimizer optimizer{make_space(), {.sampler = hpo::RandomSampler{}}};
  const auto result = hpo::minimize(evaluate, optimizer, cluster, {.trials = trials});
  fmt::print("{:<42} {:>8} {:>13.2f} {:>11.2f}\n", name, trials, 100 * (1 - result.busy_share()),
             result.elapsed.count());
}

}  // namespace

int main(int argc, char** argv) {
  if (served(argc, argv, evaluate)) return 0;
  const std::size_t workers = argc > 1 ? std::stoul(argv[1]) : 3;
  fmt::print("{:<42} {:>8} {:>13} {:>11}\n", "on " + std::to_string(workers) + " workers of one slot", "trials",
             "idle share, %", "elapsed, s");
  measure("trials of 1 ms", false, workers, 5000);
  measure("trials of 20 ms, lognormal, sigma 1", true, workers, 600);
}
