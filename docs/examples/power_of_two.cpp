#include "power_of_two.hpp"

#include <cmath>
#include <cstdint>
#include <cstdio>

#include <hposearch/hposearch.hpp>

namespace hpo = hposearch;

int main() {
  hpo::Optimizer optimizer{hpo::Space{PowerOfTwo{"batch", 4, 12}, hpo::Real{"momentum", 0.0, 1.0}}};
  hpo::InlineExecutor executor;
  auto evaluate = [](std::int64_t batch, double momentum) {
    return std::abs(std::log2(static_cast<double>(batch)) - 7) + std::abs(momentum - 0.9);
  };
  const auto result = hpo::minimize(evaluate, optimizer, executor, {.trials = 40});
  std::printf("%s\n", to_text(result.best().point).c_str());
  return result.best().point.get<std::int64_t>("batch") == 128 ? 0 : 1;
}
