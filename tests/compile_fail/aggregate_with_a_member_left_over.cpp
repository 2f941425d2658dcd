// expect: hposearch: the objective must take exactly the space.s types
// A member without a dimension would silently be zero.
#include <string>

#include <hposearch/objective.hpp>
#include <hposearch/space/categorical.hpp>
#include <hposearch/space/integer.hpp>
#include <hposearch/space/real.hpp>
#include <hposearch/space/space.hpp>

namespace hpo = hposearch;

struct Params {
  double learning_rate;
  int channel;
  std::string pool;
#ifdef SHOULD_FAIL
  int epochs;
#endif
};

int main() {
  const hpo::Space space{hpo::Real{"learning_rate", 1e-6, 1e+1, hpo::log_scale}, hpo::Integer{"channel", 3, 7},
                         hpo::Categorical{"pool", {"max", "avg"}}};
#ifdef SHOULD_FAIL
  static_cast<void>(hpo::bind_objective(space, [](const Params&) { return 0.0; }));
#else
  static_cast<void>(hpo::bind_objective(space, [](const Params& params) { return params.learning_rate; }));
#endif
}
