// expect: hposearch: the objective is called through a const reference
// Several threads may call the objective at once.
#include <string>

#include <hposearch/objective.hpp>
#include <hposearch/space/categorical.hpp>
#include <hposearch/space/integer.hpp>
#include <hposearch/space/real.hpp>
#include <hposearch/space/space.hpp>

namespace hpo = hposearch;

int main() {
  const hpo::Space space{hpo::Real{"learning_rate", 1e-6, 1e+1, hpo::log_scale}, hpo::Integer{"channel", 3, 7},
                         hpo::Categorical{"pool", {"max", "avg"}}};
#ifdef SHOULD_FAIL
  static_cast<void>(hpo::bind_objective(space, [calls = 0](double, int, std::string) mutable { return ++calls; }));
#else
  static_cast<void>(hpo::bind_objective(space, [calls = 0](double, int, std::string) { return calls; }));
#endif
}
