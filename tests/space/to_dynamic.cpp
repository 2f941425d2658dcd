#include <string>

#include <support/catch.hpp>

#include <hposearch/space/categorical.hpp>
#include <hposearch/space/integer.hpp>
#include <hposearch/space/ordinal.hpp>
#include <hposearch/space/real.hpp>
#include <hposearch/space/to_dynamic.hpp>

namespace hpo = hposearch;

namespace {

enum class Shape { round, square };

}  // namespace

TEST_CASE("A static space and its dynamic form are the same search") {
  hpo::Space space{hpo::Real{"rate", 1e-4, 1e-1, hpo::log_scale}, hpo::Integer{"k", 1, 9, {.step = 2}},
                   hpo::Categorical{"shape", {Shape::round, Shape::square}, {.names = {"o", "#"}}},
                   hpo::Ordinal{"batch", {16, 32}}, hpo::Categorical{"flag", {true, false}}};
  CHECK(hpo::to_dynamic(space).fingerprint() == space.fingerprint());
  space.fix("shape", Shape::square).fix("batch", 32);
  const auto dynamic = hpo::to_dynamic(space);
  CHECK(dynamic.fingerprint() == space.fingerprint());
  REQUIRE(dynamic.encoded().size() == space.encoded().size());
  const hpo::EncodedPoint row = hpo::EncodedPoint::Constant(3, 0.7);
  CHECK(to_text(dynamic.decode(row)) == to_text(space.decode(row)));
}
