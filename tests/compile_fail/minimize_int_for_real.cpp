// expect: TakesExactlyTheTypesOf
// What minimize says of an objective with other types than the space's names the requirement that is not met.
#include <string>

#include <hposearch/executor/inline.hpp>
#include <hposearch/optimizer.hpp>
#include <hposearch/search/minimize.hpp>
#include <hposearch/space/integer.hpp>
#include <hposearch/space/real.hpp>
#include <hposearch/space/space.hpp>

namespace hpo = hposearch;

int main() {
  hpo::Optimizer optimizer{hpo::Space{hpo::Real{"learning_rate", 1e-6, 1e+1}, hpo::Integer{"channel", 3, 7}}};
  hpo::InlineExecutor executor;
#ifdef SHOULD_FAIL
  const auto evaluate = [](int, int) { return 0.0; };
#else
  const auto evaluate = [](double, int) { return 0.0; };
#endif
  static_cast<void>(hpo::minimize(evaluate, optimizer, executor, {.trials = 1}));
}
