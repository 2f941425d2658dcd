// expect: CountingIntegral
// A bound of 2.5 must not become 2.
#include <hposearch/space/integer.hpp>

namespace hpo = hposearch;

int main() {
#ifdef SHOULD_FAIL
  const hpo::Integer channel{"channel", 1, 2.5};
#else
  const hpo::Integer channel{"channel", 1, 2};
  static_cast<void>(channel);
#endif
}
