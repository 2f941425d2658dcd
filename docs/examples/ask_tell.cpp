#include <cstdio>

#include <hposearch/hposearch.hpp>

namespace hpo = hposearch;

// Values can also be taken as a struct with a member per dimension, in the same order.
struct Params {
  double x;
  int y;
};

int main() {
  auto evaluate = [](const Params& params) { return params.x * params.x + params.y; };

  hpo::Optimizer optimizer{hpo::Space{hpo::Real{"x", -1.0, 1.0}, hpo::Integer{"y", 0, 9}}};
  hpo::ThreadPool workers{3};

  for (int round = 0; round < 10; ++round) {
    auto x = optimizer.ask(3);          // three trials: points with an id
    auto y = workers.map(evaluate, x);  // their results, in the same order
    optimizer.tell(x, y);
  }

  const auto best = optimizer.best();
  const auto [x, y] = best.point;
  std::printf("x = %g, y = %d gives %g\n", x, static_cast<int>(y), best.value);
}
