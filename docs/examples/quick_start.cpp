#include <cmath>
#include <cstdio>
#include <string>

#include <hposearch/hposearch.hpp>

namespace hpo = hposearch;

int main() {
  // What may be chosen.
  hpo::Space space{hpo::Real{"learning_rate", 1e-6, 1e+1, hpo::log_scale}, hpo::Integer{"layers", 1, 5},
                   hpo::Categorical{"pool", {"max", "avg"}}};

  // What to make small. It is called with one value per dimension, from several threads at once.
  auto validation_loss = [](double learning_rate, int layers, const std::string& pool) {
    return std::pow(std::log10(learning_rate) + 3, 2) + 0.1 * std::abs(layers - 3) + (pool == "avg" ? 0.2 : 0.0);
  };

  hpo::Optimizer optimizer{space};
  hpo::ThreadPool workers{3};
  const auto result =
      hpo::minimize(validation_loss, optimizer, workers, {.trials = 60, .on_progress = hpo::Progress{}});

  const auto best = result.best();
  std::printf("%s gives %g\n", to_text(best.point).c_str(), best.value);
}
