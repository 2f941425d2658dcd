#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include <support/catch.hpp>
#include <support/thrown.hpp>

#include <hposearch/space/categorical.hpp>
#include <hposearch/space/integer.hpp>
#include <hposearch/space/ordinal.hpp>
#include <hposearch/space/real.hpp>
#include <hposearch/space/space.hpp>

namespace hpo = hposearch;
using support::thrown;

namespace {

[[nodiscard]] auto notebook() {
  return hpo::Space{hpo::Real{"learning_rate", 1e-6, 1e+1, hpo::log_scale},
                    hpo::Real{"keep_prob", 0.1, 1.0, hpo::log_scale}, hpo::Integer{"channel", 3, 7},
                    hpo::Categorical{"pool", {"max", "avg"}}};
}

[[nodiscard]] hpo::EncodedPoint row(std::initializer_list<double> coordinates) {
  hpo::EncodedPoint result(static_cast<Eigen::Index>(coordinates.size()));
  std::copy(coordinates.begin(), coordinates.end(), result.data());
  return result;
}

}  // namespace

TEST_CASE("A space encodes its dimensions in order") {
  const auto space = notebook();
  STATIC_REQUIRE(space.size() == 4);
  CHECK(space.names() == std::vector<std::string>{"learning_rate", "keep_prob", "channel", "pool"});
  REQUIRE(space.encoded().size() == 4);
  CHECK(space.encoded()[1].name == "keep_prob");
  CHECK(space.encoded()[2].cells == 5);
  CHECK(space.encoded()[3].kind == hpo::DimensionKind::categorical);
}

TEST_CASE("Points go into the unit cube and back") {
  const auto space = notebook();
  const auto point = space.make_point(1e-3, 0.5, 4, "avg");
  const auto encoded = space.encode(point);
  REQUIRE(encoded.size() == 4);
  CHECK(encoded[0] == Approx(3.0 / 7));
  CHECK(encoded[2] == Approx(0.3));
  CHECK(encoded[3] == 0.75);
  const auto back = space.decode(encoded);
  CHECK(get<0>(back) == Approx(1e-3));
  CHECK(get<2>(back) == 4);
  CHECK(get<3>(back) == "avg");
}

TEST_CASE("Coordinates outside the cube are clamped, NaN and wrong numbers of them refused") {
  const auto space = notebook();
  CHECK(space.decode(row({-1, 2, 0.5, 0.1})) == space.make_point(1e-6, 1.0, 5, "max"));
  CHECK(thrown<hpo::InvalidPoint>([&] {
          return space.decode(row({0.1, 0.2}));
        }) == "\"coordinates\" = 2 numbers: there must be one for each of the 4 free dimensions");
  CHECK(thrown<hpo::InvalidPoint>([&] {
          return space.decode(row({0.1, std::numeric_limits<double>::quiet_NaN(), 0.5, 0.5}));
        }) == "\"keep_prob\" = nan: a coordinate must be a number in [0, 1]");
}

TEST_CASE("Points of matrices and maps are decoded without a copy of one's own") {
  const auto space = notebook();
  hpo::EncodedPoints points(2, 4);
  points << 0, 0, 0, 0, 1, 1, 1, 1;
  CHECK(space.decode(points.row(0)) == space.make_point(1e-6, 0.1, 3, "max"));
  CHECK(space.decode(points.row(1)) == space.make_point(10.0, 1.0, 7, "avg"));
}

TEST_CASE("Points are checked on their way in") {
  const auto space = notebook();
  CHECK(thrown<hpo::InvalidPoint>([&] { return space.make_point(20.0, 0.5, 4, "max"); }) ==
        "\"learning_rate\" = 20: must be in [1e-06, 10]");
  CHECK(thrown<hpo::InvalidPoint>([&] { return space.make_point(1.0, 0.5, 8, "max"); }) ==
        "\"channel\" = 8: must be in [3, 7]");
  CHECK(thrown<hpo::InvalidPoint>([&] { return space.make_point(1.0, 0.5, 4, "sum"); }) ==
        "\"pool\" = \"sum\": must be one of max, avg");
  CHECK_THROWS_AS(space.make_point(1.0, 0.5, std::numeric_limits<std::uint64_t>::max(), "max"), hpo::InvalidPoint);
  // A point of another space of the same type.
  const hpo::Space wide{hpo::Integer{"a", 0, 100}}, narrow{hpo::Integer{"a", 0, 10}};
  CHECK_THROWS_AS(narrow.encode(wide.make_point(50)), hpo::InvalidPoint);
}

TEST_CASE("Values that rounding moved are put back on their grid") {
  const hpo::Space space{hpo::Real{"x", 0, 1, {.step = 0.1}}};
  CHECK(get<0>(space.make_point(0.1 + 0.2)) == 0.3);
}

TEST_CASE("Fixed dimensions leave the search and stay in the points") {
  auto space = notebook();
  space.fix("pool", "avg").fix("keep_prob", 0.5);
  REQUIRE(space.encoded().size() == 2);
  CHECK(space.encoded()[0].name == "learning_rate");
  CHECK(space.encoded()[1].name == "channel");
  const auto point = space.decode(row({0, 1}));
  CHECK(point == space.make_point(1e-6, 0.5, 7, "avg"));
  CHECK(space.encode(point) == row({0, 0.9}));
  CHECK(thrown<hpo::InvalidPoint>([&] { return space.make_point(0.1, 0.5, 4, "max"); }) ==
        "\"pool\" = max: must be the fixed value avg");
  CHECK_THROWS_AS(space.encode(notebook().make_point(0.1, 0.5, 4, "max")), hpo::InvalidPoint);
}

TEST_CASE("A dimension can be fixed anew, and a space with all fixed has one point") {
  hpo::Space space{hpo::Integer{"a", 0, 9}};
  space.fix("a", 3);
  space.fix("a", 4u);
  CHECK(space.encoded().size() == 0);
  CHECK(space.encoded().cardinality() == 1u);
  CHECK(get<0>(space.decode(row({}))) == 4);
}

TEST_CASE("Fixing goes wrong with a reason, and changes nothing then") {
  auto space = notebook();
  const auto before = space.fingerprint();
  CHECK(thrown<hpo::InvalidSpace>([&] { return space.fix("poo", "max"); }) ==
        "\"poo\" = \"max\": there is no dimension of this name; there are \"learning_rate\" \"keep_prob\" \"channel\" "
        "\"pool\"");
  CHECK(thrown<hpo::InvalidPoint>([&] { return space.fix("pool", "sum"); }) ==
        "\"pool\" = \"sum\": must be one of max, avg");
  CHECK(thrown<hpo::InvalidPoint>([&] { return space.fix("pool", 1); }) ==
        "\"pool\" = 1: not of the type of this dimension");
  CHECK_THROWS_AS(space.fix("channel", 4.0), hpo::InvalidPoint);
  CHECK_THROWS_AS(space.fix("channel", 8), hpo::InvalidPoint);
  CHECK_THROWS_AS(space.fix("keep_prob", true), hpo::InvalidPoint);
  CHECK(space.fingerprint() == before);
  CHECK(space.encoded().size() == 4);
}

TEST_CASE("A single choice is a constant") {
  const hpo::Space space{hpo::Categorical{"only", {"this"}}, hpo::Integer{"a", 0, 1}, hpo::Ordinal{"one", {7}}};
  REQUIRE(space.encoded().size() == 1);
  CHECK(to_text(space.decode(row({0.1}))) == "only=this a=0 one=7");
}

TEST_CASE("Two dimensions of one name are refused") {
  CHECK(thrown<hpo::InvalidSpace>([] {
          return hpo::Space{hpo::Real{"a", 0, 1}, hpo::Integer{"a", 0, 1}};
        }) == "\"a\" = \"a\": two dimensions have this name");
}

TEST_CASE("Copies of a space are spaces of their own") {
  const hpo::Space single{hpo::Integer{"a", 0, 9}};
  STATIC_REQUIRE(std::same_as<decltype(hpo::Space{single}), hpo::Space<hpo::Integer>>);
  const auto space = notebook();
  auto copy = hpo::Space{space};
  copy.fix("channel", 3);
  CHECK(space.encoded().size() == 4);
  CHECK(copy.encoded().size() == 3);
}

TEST_CASE("Equal searches have equal fingerprints, others others") {
  const auto print = notebook().fingerprint();
  CHECK(print == notebook().fingerprint());
  CHECK(print == 0xee5e6cf11264f801);  // on every machine
  CHECK(notebook().fix("pool", "max").fingerprint() != print);
  CHECK(notebook().fix("pool", "max").fingerprint() != notebook().fix("pool", "avg").fingerprint());
  using hpo::Integer;
  CHECK(hpo::Space{Integer{"a", 0, 1}}.fingerprint() != hpo::Space{Integer{"b", 0, 1}}.fingerprint());
  CHECK(hpo::Space{Integer{"a", 0, 1}}.fingerprint() != hpo::Space{Integer{"a", 0, 2}}.fingerprint());
  CHECK(hpo::Space{Integer{"a", 0, 1}, Integer{"b", 0, 1}}.fingerprint() !=
        hpo::Space{Integer{"b", 0, 1}, Integer{"a", 0, 1}}.fingerprint());
}
