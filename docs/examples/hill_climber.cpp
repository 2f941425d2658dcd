#include "hill_climber.hpp"

#include <cstdio>

#include <hposearch/hposearch.hpp>

namespace hpo = hposearch;

int main() {
  hpo::Space space{hpo::Real{"x", -5.0, 5.0}, hpo::Real{"y", -5.0, 5.0}};
  hpo::Optimizer optimizer{space, {.sampler = HillClimber{.radius = 0.05}}};
  hpo::InlineExecutor executor;
  auto evaluate = [](double x, double y) { return (x - 1) * (x - 1) + (y + 2) * (y + 2); };
  const auto result = hpo::minimize(evaluate, optimizer, executor, {.trials = 300});
  std::printf("%s\n", to_text(result.best().point).c_str());
  return result.best().value < 0.1 ? 0 : 1;
}
