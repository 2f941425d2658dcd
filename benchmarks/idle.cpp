// How busy are the slots? The same skewed run times, once with every free slot refilled at once and once in rounds
// that wait for their slowest trial.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include <hposearch/hposearch.hpp>
#include <hposearch/numeric/random.hpp>

namespace hpo = hposearch;

namespace {

constexpr std::size_t slots = 3;
constexpr std::size_t trials = 60;
constexpr double median_ms = 20;  // lognormal, sigma 1: mean 33 ms, one in twenty above 100 ms

struct Figures {
  std::vector<double> busy, wall;
};

void run_once(bool batch, std::uint64_t seed, Figures& figures) {
  hpo::Space space{hpo::Real{"learning_rate", 1e-6, 1e+1, hpo::log_scale},
                   hpo::Real{"keep_prob", 0.1, 1.0, hpo::log_scale}, hpo::Integer{"channel", 3, 7},
                   hpo::Categorical{"pool", {"max", "avg"}}};
  const auto evaluate = [seed](double learning_rate, double keep_prob, int channel, std::string_view,
                               hpo::TrialContext& context) {
    hpo::numeric::Random random{seed, context.trial()};
    const double ms = median_ms * std::exp(random.normal());
    std::this_thread::sleep_for(std::chrono::duration<double, std::milli>(ms));
    return std::pow(std::log10(learning_rate) + 3, 2) + std::pow(keep_prob - 0.5, 2) + 0.1 * std::abs(channel - 5);
  };
  hpo::Optimizer optimizer{space, {.seed = seed}};
  hpo::ThreadPool workers{slots};
  const auto result = hpo::minimize(evaluate, optimizer, workers, {.trials = trials, .batch = batch});
  figures.busy.push_back(result.busy_share());
  figures.wall.push_back(result.elapsed.count());
}

std::string spread(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return fmt::format("{:.3f} [{:.3f}, {:.3f}]", values[values.size() / 2], values.front(), values.back());
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t repetitions = argc > 1 ? std::stoul(argv[1]) : 7;
  Figures async, batch;
  for (std::uint64_t seed = 0; seed < repetitions; ++seed) {
    run_once(false, seed, async);
    run_once(true, seed, batch);
  }
  std::vector<double> ratio;
  for (std::size_t i = 0; i < repetitions; ++i) ratio.push_back(batch.wall[i] / async.wall[i]);
  fmt::print("{} trials with lognormal run times (median {} ms, sigma 1) on {} slots, {} seeds; median [min, max]\n",
             trials, median_ms, slots, repetitions);
  fmt::print("{:<8} {:<24} {}\n", "mode", "busy share of slots", "wall time, s");
  fmt::print("{:<8} {:<24} {}\n", "async", spread(async.busy), spread(async.wall));
  fmt::print("{:<8} {:<24} {}\n", "batch", spread(batch.busy), spread(batch.wall));
  fmt::print("batch takes {} times as long as async\n", spread(ratio));
}
