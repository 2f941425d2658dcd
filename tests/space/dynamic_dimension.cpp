#include <cstdint>
#include <limits>
#include <string>

#include <support/catch.hpp>
#include <support/spaces.hpp>
#include <support/thrown.hpp>

#include <hposearch/space/dynamic_dimension.hpp>

namespace hpo = hposearch;
using hpo::DynamicDimension;
using hpo::DynamicValue;
using support::thrown;

namespace {

enum class Shape { round, square };

}  // namespace

TEST_CASE("A dynamic dimension is the typed one with its type forgotten") {
  const hpo::Integer channel{"channel", 3, 7, {.initial = 4}};
  const DynamicDimension dynamic = channel;
  CHECK(dynamic.name() == "channel");
  CHECK(dynamic.signature() == channel.signature());
  CHECK(dynamic.encoded().initial == channel.encoded().initial);
  CHECK(dynamic.initial() == DynamicValue{4});
  CHECK(dynamic.decode(0.5) == DynamicValue{5});
  CHECK(dynamic.encode(5) == 0.5);
  CHECK(dynamic.text(5) == "5");
  CHECK(dynamic.contains(7));
  CHECK_FALSE(dynamic.contains(8));
  CHECK_FALSE(dynamic.contains("7"));
}

TEST_CASE("Choices of every type become dynamic") {
  CHECK(DynamicDimension{hpo::Categorical{"x", {"a", "b"}}}.decode(0.9) == DynamicValue{"b"});
  CHECK(DynamicDimension{hpo::Categorical{"x", {true, false}}}.decode(0.9) == DynamicValue{false});
  CHECK(DynamicDimension{hpo::Ordinal{"x", {16u, 32u}}}.decode(0.9) == DynamicValue{32});
  CHECK(DynamicDimension{hpo::Ordinal{"x", {0.5f, 1.5f}}}.decode(0.9) == DynamicValue{1.5});
  const hpo::Categorical shapes{"x", {Shape::round, Shape::square}, {.initial = Shape::square, .names = {"o", "#"}}};
  const DynamicDimension dynamic = shapes;
  CHECK(dynamic.decode(0.9) == DynamicValue{"#"});
  CHECK(dynamic.initial() == DynamicValue{"#"});
  CHECK(dynamic.signature() == shapes.signature());
  CHECK_THROWS_AS((DynamicDimension{hpo::Ordinal{"x", {std::numeric_limits<std::uint64_t>::max()}}}),
                  hpo::InvalidPoint);
}

TEST_CASE("Dynamic values take the dimension's own form") {
  CHECK(DynamicDimension{hpo::Real{"x", 0, 9}}.canonical(3) == DynamicValue{3.0});
  CHECK(DynamicDimension{hpo::Real{"x", 0, 1, {.step = 0.1}}}.canonical(0.1 + 0.2) == DynamicValue{0.3});
  CHECK(DynamicDimension{hpo::Real{"x", 0, 9}}.text(3) == "3");
}

TEST_CASE("Dynamic values of another type are refused") {
  CHECK(thrown<hpo::InvalidPoint>([] {
          return DynamicDimension{hpo::Real{"x", 0, 9}}.encode("a");
        }) == "\"x\" = \"a\": must be a number");
  CHECK(thrown<hpo::InvalidPoint>([] {
          return DynamicDimension{hpo::Integer{"x", 0, 9}}.encode(1.0);
        }) == "\"x\" = 1: must be an integer");
  CHECK(thrown<hpo::InvalidPoint>([] {
          return DynamicDimension{hpo::Categorical{"x", {1, 2}}}.encode("1");
        }) == "\"x\" = \"1\": must be one of 1, 2");
  CHECK_THROWS_AS(DynamicDimension(hpo::Real{"x", 0, 9}).encode(true), hpo::InvalidPoint);
}

TEST_CASE("Random dimensions lead every cell and coordinate back to itself") {
  support::RandomSpaces random{1};
  for (int i = 0; i < 2000; ++i) {
    const auto dimension = random.dimension("x");
    const auto axis = dimension.encoded();
    for (int j = 0; j < 20; ++j) {
      const double u = axis.discrete() ? axis.centre(random.below(axis.cells)) : random.uniform();
      const auto value = dimension.decode(u);
      REQUIRE(dimension.contains(value));
      REQUIRE(dimension.canonical(value) == value);
      const double back = dimension.encode(value);
      REQUIRE(back >= 0);
      REQUIRE(back <= 1);
      if (axis.discrete()) {
        REQUIRE(back == u);
      } else {
        REQUIRE(back == Approx(u).margin(1e-8));
      }
      const double any = random.uniform();
      REQUIRE(dimension.encode(dimension.decode(any)) == Approx(axis.snap(any)).margin(1e-8));
    }
  }
}
