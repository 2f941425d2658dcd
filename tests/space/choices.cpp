#include <array>
#include <limits>
#include <string>
#include <vector>

#include <support/catch.hpp>
#include <support/thrown.hpp>

#include <hposearch/space/categorical.hpp>
#include <hposearch/space/choices.hpp>

namespace hpo = hposearch;
using hpo::Categorical;
using hpo::InvalidSpace;
using support::thrown;

namespace {

enum class Shape { round, square };

struct Opaque {
  int id;
  bool operator==(const Opaque&) const = default;
};

}  // namespace

TEST_CASE("Bad choices are refused with name, value and rule") {
  CHECK_THROWS_AS((Categorical{"", {1, 2}}), InvalidSpace);
  CHECK(thrown<InvalidSpace>([] {
          return Categorical{"pool", std::vector<int>{}};
        }) == "\"pool\" = {}: there must be at least one choice");
  CHECK(thrown<InvalidSpace>([] {
          return Categorical{"pool", {"max", "avg", "max"}};
        }) == "\"pool\" = \"max\": the choices must differ");
  CHECK_THROWS_AS((Categorical{"x", {0.0, -0.0}}), InvalidSpace);
  CHECK(thrown<InvalidSpace>([] {
          return Categorical{"x", {std::numeric_limits<double>::quiet_NaN()}};
        }) == "\"x\" = nan: a choice must equal itself");
  CHECK(thrown<InvalidSpace>([] {
          return Categorical{"pool", {"max", "avg"}, {.initial = "sum"}};
        }) == "\"pool\" = initial \"sum\": the initial value must be one of max, avg");
}

TEST_CASE("Names of choices are as many as these and differ") {
  CHECK(Categorical{"shape", {Shape::round, Shape::square}, {.names = {"o", "#"}}}.text(Shape::square) == "#");
  CHECK(thrown<InvalidSpace>([] {
          return Categorical{"x", {1, 2}, {.names = {"one"}}};
        }) == "\"x\" = 1 names: each of the 2 choices needs one name");
  CHECK(thrown<InvalidSpace>([] {
          return Categorical{"x", {1, 2}, {.names = {"a", "a"}}};
        }) == "\"x\" = \"a\": the names of the choices must differ");
}

TEST_CASE("Choices without a text are numbered") {
  const Categorical opaque{"x", {Opaque{7}, Opaque{5}}};
  CHECK(opaque.names() == std::vector<std::string>{"#0", "#1"});
  CHECK(opaque.decode(opaque.encode(Opaque{5})) == Opaque{5});
  CHECK(opaque.text(Opaque{1}) == "?");
}

TEST_CASE("A long list of choices is cut short in messages") {
  std::vector<int> many(1000);
  for (int i = 0; i < 1000; ++i) many[static_cast<std::size_t>(i)] = i;
  CHECK(thrown<hpo::InvalidPoint>([&] {
          return Categorical{"x", many}.encode(-1);
        }) == "\"x\" = -1: must be one of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, ... (1000 choices)");
}

TEST_CASE("Signatures of choices cannot be confused") {
  CHECK(Categorical{"x", {"a b", "c"}}.signature() != Categorical{"x", {"a", "b c"}}.signature());
  CHECK(Categorical{"x", {"a", "b"}}.signature() != Categorical{"x", {"b", "a"}}.signature());
  CHECK(Categorical{"x", {"a", "b"}, {.initial = "b"}}.signature() == Categorical{"y", {"a", "b"}}.signature());
}
