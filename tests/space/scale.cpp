#include <support/catch.hpp>

#include <hposearch/space/scale.hpp>

namespace hpo = hposearch;

TEST_CASE("Scales have names") {
  CHECK(to_text(hpo::linear_scale) == "linear");
  CHECK(to_text(hpo::log_scale) == "log");
}
