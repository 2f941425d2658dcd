#include <cstdint>
#include <string>
#include <string_view>

#include <support/catch.hpp>
#include <support/thrown.hpp>

#include <hposearch/space/dynamic_point.hpp>
#include <hposearch/space/dynamic_space.hpp>

namespace hpo = hposearch;
using support::thrown;

namespace {

[[nodiscard]] hpo::DynamicPoint example() {
  const hpo::DynamicSpace space{{hpo::Real{"rate", 0, 1}, hpo::Integer{"channel", -1, 700},
                                 hpo::Categorical{"pool", {"max", "avg"}}, hpo::Categorical{"flag", {true, false}}}};
  return space.make_point({{"rate", 0.25}, {"channel", 300}, {"pool", "max"}, {"flag", false}});
}

}  // namespace

TEST_CASE("A dynamic point gives values by name and by place") {
  const auto point = example();
  CHECK(point.get<double>("rate") == 0.25);
  CHECK(point.get<short>("channel") == 300);
  CHECK(point.get<std::string>("pool") == "max");
  CHECK(point.get<std::string_view>("pool") == "max");
  CHECK(point.get<bool>("flag") == false);
  CHECK(point["channel"] == hpo::DynamicValue{300});
  REQUIRE(point.size() == 4);
  CHECK(point.name(2) == "pool");
  CHECK(point.value(2) == hpo::DynamicValue{"max"});
}

TEST_CASE("A dynamic point refuses unknown names and other types") {
  const auto point = example();
  CHECK(thrown<hpo::InvalidPoint>([&] { return point.get<double>("rat"); }) ==
        "\"rat\" = ?: there is no dimension of this name; there are \"rate\" \"channel\" \"pool\" \"flag\"");
  CHECK(thrown<hpo::InvalidPoint>([&] { return point.get<std::int8_t>("channel"); }) ==
        "\"channel\" = 300: the type asked for cannot hold this value");
  CHECK_THROWS_AS(point.get<double>("channel"), hpo::InvalidPoint);
  CHECK_THROWS_AS(point.get<int>("flag"), hpo::InvalidPoint);
}

TEST_CASE("A dynamic point has a text and is comparable") {
  CHECK(to_text(example()) == "rate=0.25 channel=300 pool=max flag=false");
  CHECK(example() == example());
}
