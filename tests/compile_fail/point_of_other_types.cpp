// expect: EntersAs
// Values of a point have the types of the dimensions.
#include <hposearch/space/integer.hpp>
#include <hposearch/space/space.hpp>

namespace hpo = hposearch;

int main() {
  const hpo::Space space{hpo::Integer{"channel", 1, 5}};
#ifdef SHOULD_FAIL
  const auto point = space.make_point(3.5);
#else
  const auto point = space.make_point(3);
  static_cast<void>(point);
#endif
}
