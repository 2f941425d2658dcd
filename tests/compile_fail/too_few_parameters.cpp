// expect: hposearch: the objective must take exactly the space.s types
// Each dimension needs a parameter.
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
  static_cast<void>(hpo::bind_objective(space, [](double, int) { return 0.0; }));
#else
  static_cast<void>(hpo::bind_objective(space, [](double, int, std::string) { return 0.0; }));
#endif
}
