#include <hposearch/hposearch.hpp>
#include <cmath>
#include <cstdio>
#include <string>
namespace hpo = hposearch;
int main() {
  hpo::Space space{hpo::Real{"learning_rate", 1e-6, 1e+1, hpo::log_scale}, hpo::Real{"keep_prob", 0.1, 1.0, hpo::log_scale},
                   hpo::Integer{"channel", 3, 7}, hpo::Categorical{"pool", {"max", "avg"}}};
  auto evaluate = [](double learning_rate, double keep_prob, int channel, std::string pool) {
    return std::pow(std::log10(learning_rate) + 3, 2) + std::pow(keep_prob - 0.5, 2) + 0.1 * std::abs(channel - 5) + (pool == "avg" ? 0.2 : 0.0);
  };
  hpo::Optimizer optimizer{space};
  hpo::ThreadPool workers{3};
  for (int round = 0; round < 20; ++round) { auto x = optimizer.ask(3); auto y = workers.map(evaluate, x); optimizer.tell(x, y); }
  auto result = hpo::minimize(evaluate, optimizer, workers, {.trials = 40});
  std::printf("%g\n", result.best().value);
  return result.best().value < 0.05 ? 0 : 1;
}
