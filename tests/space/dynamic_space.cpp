#include <cstddef>
#include <string>
#include <vector>

#include <support/catch.hpp>
#include <support/spaces.hpp>
#include <support/thrown.hpp>

#include <hposearch/space/dynamic_space.hpp>

namespace hpo = hposearch;
using support::thrown;

namespace {

[[nodiscard]] hpo::DynamicSpace example() {
  return hpo::DynamicSpace{{hpo::Real{"rate", 1e-4, 1e-1, hpo::log_scale}, hpo::Integer{"k", 1, 4},
                            hpo::Categorical{"pool", {"max", "avg"}}}};
}

}  // namespace

TEST_CASE("A dynamic space takes points by name, in any order") {
  const auto space = example();
  const auto point = space.make_point({{"pool", "max"}, {"rate", 0.01}, {"k", 2}});
  CHECK(to_text(point) == "rate=0.01 k=2 pool=max");
  const auto encoded = space.encode(point);
  CHECK(encoded[0] == Approx(2.0 / 3));
  CHECK(encoded[1] == 0.375);
  CHECK(encoded[2] == 0.25);
}

TEST_CASE("A dynamic space refuses incomplete and wrong points") {
  const auto space = example();
  CHECK(thrown<hpo::InvalidPoint>([&] {
          return space.make_point({{"rate", 0.01}, {"k", 2}});
        }) == "\"pool\" = nothing: must have a value");
  CHECK(thrown<hpo::InvalidPoint>([&] {
          return space.make_point({{"rate", 0.01}, {"rate", 0.02}});
        }) == "\"rate\" = 0.02: was given before");
  CHECK(thrown<hpo::InvalidPoint>([&] {
          return space.make_point({{"rat", 0.01}});
        }) == "\"rat\" = 0.01: there is no dimension of this name; there are \"rate\" \"k\" \"pool\"");
  CHECK_THROWS_AS(space.make_point({{"rate", 0.01}, {"k", 5}, {"pool", "max"}}), hpo::InvalidPoint);
}

TEST_CASE("A point of a space with other dimensions is refused") {
  const auto other = hpo::DynamicSpace{{hpo::Integer{"k", 1, 4}}}.make_point({{"k", 2}});
  CHECK(thrown<hpo::InvalidPoint>([&] { return example().encode(other); }) ==
        "\"point\" = 1 values: there must be one for each of the 3 dimensions");
}

TEST_CASE("Bad dynamic spaces are refused") {
  CHECK(thrown<hpo::InvalidSpace>([] { return hpo::DynamicSpace{{}}; }) ==
        "\"space\" = {}: there must be at least one dimension");
  CHECK(thrown<hpo::InvalidSpace>([] {
          return hpo::DynamicSpace{{hpo::Integer{"k", 1, 4}, hpo::Real{"k", 1, 4}}};
        }) == "\"k\" = \"k\": two dimensions have this name");
}

TEST_CASE("Fixed dimensions leave a dynamic search and stay in its points") {
  auto space = example();
  space.fix("rate", 0.01).fix("pool", "avg");
  REQUIRE(space.encoded().size() == 1);
  CHECK(to_text(space.make_point({{"k", 3}})) == "rate=0.01 k=3 pool=avg");
  CHECK_THROWS_AS(space.make_point({{"k", 3}, {"pool", "max"}}), hpo::InvalidPoint);
  CHECK_THROWS_AS(space.encode(example().make_point({{"rate", 0.01}, {"k", 3}, {"pool", "max"}})), hpo::InvalidPoint);
  CHECK_THROWS_AS(space.fix("poo", "max"), hpo::InvalidSpace);
  CHECK_THROWS_AS(space.fix("pool", "sum"), hpo::InvalidPoint);
  CHECK_THROWS_AS(space.fix("pool", 1), hpo::InvalidPoint);
  CHECK(space.encoded().size() == 1);
}

TEST_CASE("Random spaces take their points through the cube and back") {
  support::RandomSpaces random{2};
  for (int i = 0; i < 500; ++i) {
    const auto space = random.space();
    const auto& encoded = space.encoded();
    for (int j = 0; j < 10; ++j) {
      hpo::EncodedPoint row(static_cast<Eigen::Index>(encoded.size()));
      for (auto& u : row) u = random.uniform();
      const auto point = space.decode(row);
      const auto canonical = space.encode(point);
      REQUIRE(canonical.size() == row.size());
      encoded.snap(row);
      for (std::size_t d = 0; d < encoded.size(); ++d) {
        const auto index = static_cast<Eigen::Index>(d);
        if (encoded[d].discrete()) REQUIRE(canonical[index] == row[index]);
        REQUIRE(canonical[index] == Approx(row[index]).margin(1e-8));
      }
      std::vector<hpo::NamedValue> values;
      for (std::size_t d = 0; d < space.size(); ++d) values.push_back({point.name(d), point.value(d)});
      REQUIRE(space.make_point(values) == point);
    }
  }
}

TEST_CASE("Random spaces have fingerprints of their own") {
  support::RandomSpaces first{3}, second{3}, other{4};
  for (int i = 0; i < 200; ++i) {
    const auto print = first.space().fingerprint();
    REQUIRE(print == second.space().fingerprint());
    REQUIRE(print != other.space().fingerprint());
  }
}
