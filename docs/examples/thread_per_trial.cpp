#include "thread_per_trial.hpp"

#include <cstdio>

#include <hposearch/hposearch.hpp>

namespace hpo = hposearch;

int main() {
  hpo::Optimizer optimizer{hpo::Space{hpo::Real{"x", -5.0, 5.0}}};
  ThreadPerTrial workers{3};
  auto evaluate = [](double x) { return (x - 1) * (x - 1); };
  const auto result = hpo::minimize(evaluate, optimizer, workers, {.trials = 30});
  std::printf("%s\n", to_text(result.best().point).c_str());
  return result.best().value < 0.1 ? 0 : 1;
}
