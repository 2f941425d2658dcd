#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <support/catch.hpp>
#include <support/thrown.hpp>

#include <hposearch/space/integer.hpp>
#include <hposearch/space/rules.hpp>

namespace hpo = hposearch;
using support::thrown;

TEST_CASE("Names must not be empty and must differ") {
  CHECK(thrown<hpo::InvalidSpace>([] { return hpo::check_name(""), 0; }) ==
        "\"\" = \"\": the name of a dimension must not be empty");
  CHECK_NOTHROW(hpo::check_distinct_names({"a", "b"}));
  CHECK(thrown<hpo::InvalidSpace>([] {
          return hpo::check_distinct_names({"a", "b", "a"}), 0;
        }) == "\"a\" = \"a\": two dimensions have this name");
}

TEST_CASE("Coordinates must be as many as there are free dimensions, and numbers") {
  const hpo::EncodedSpace space{{hpo::Integer{"a", 0, 3}.encoded(), hpo::Integer{"b", 0, 3}.encoded()}};
  hpo::EncodedPoint row(2);
  row << 0.5, 2.0;
  CHECK_NOTHROW(hpo::check_coordinates(space, row));
  CHECK_THROWS_AS(hpo::check_coordinates(space, row.head(1)), hpo::InvalidPoint);
  row << 0.5, std::numeric_limits<double>::quiet_NaN();
  CHECK(thrown<hpo::InvalidPoint>([&] { return hpo::check_coordinates(space, row), 0; }) ==
        "\"b\" = nan: a coordinate must be a number in [0, 1]");
}

TEST_CASE("A fixed dimension has one value") {
  const hpo::Integer dimension{"a", 0, 3};
  CHECK_NOTHROW(hpo::check_fixed(dimension, std::nullopt, 1));
  CHECK_NOTHROW(hpo::check_fixed(dimension, std::optional<std::int64_t>{1}, 1));
  CHECK(thrown<hpo::InvalidPoint>([&] { return hpo::check_fixed(dimension, std::optional<std::int64_t>{2}, 1), 0; }) ==
        "\"a\" = 1: must be the fixed value 2");
}

TEST_CASE("An unknown name is answered with the known ones") {
  CHECK(std::string{hpo::unknown_name<hpo::InvalidPoint>("c", "1", {"a", "b"}).what()} ==
        "\"c\" = 1: there is no dimension of this name; there are \"a\" \"b\"");
}
