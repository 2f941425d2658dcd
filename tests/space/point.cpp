#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include <support/catch.hpp>
#include <support/thrown.hpp>

#include <hposearch/space/categorical.hpp>
#include <hposearch/space/integer.hpp>
#include <hposearch/space/point.hpp>
#include <hposearch/space/real.hpp>
#include <hposearch/space/space.hpp>

namespace hpo = hposearch;
using support::thrown;

namespace {

enum class Shape { round, square };

const hpo::Space space{hpo::Real{"rate", 0, 1}, hpo::Integer{"channel", -1, 700},
                       hpo::Categorical{"pool", {"max", "avg"}},
                       hpo::Categorical{"shape", {Shape::round, Shape::square}, {.names = {"round", "square"}}}};
using Point = decltype(space)::point_type;

static_assert(std::tuple_size_v<Point> == 4);
static_assert(std::same_as<std::tuple_element_t<0, Point>, const double>);
static_assert(std::same_as<std::tuple_element_t<1, Point>, const std::int64_t>);
static_assert(std::same_as<std::tuple_element_t<2, Point>, const std::string>);
static_assert(std::same_as<std::tuple_element_t<3, Point>, const Shape>);

}  // namespace

TEST_CASE("A point comes apart in the order of the dimensions") {
  const auto point = space.make_point(0.25, 4, "max", Shape::square);
  const auto [rate, channel, pool, shape] = point;
  CHECK(rate == 0.25);
  CHECK(channel == 4);
  CHECK(pool == "max");
  CHECK(shape == Shape::square);
  const auto& [rate_in_place, c, p, s] = point;
  CHECK(&rate_in_place == &get<0>(point));
  CHECK(get<2>(point) == "max");
  CHECK(point.values() == std::tuple{0.25, std::int64_t{4}, std::string{"max"}, Shape::square});
}

TEST_CASE("A point gives values by name") {
  const auto point = space.make_point(0.25, 4, "max", Shape::square);
  CHECK(point.get<double>("rate") == 0.25);
  CHECK(point.get<std::int64_t>("channel") == 4);
  CHECK(point.get<std::uint8_t>("channel") == 4);
  CHECK(point.get<std::string>("pool") == "max");
  CHECK(point.get<std::string_view>("pool") == "max");
  CHECK(point.get<Shape>("shape") == Shape::square);
}

TEST_CASE("A point refuses unknown names and other types") {
  const auto point = space.make_point(0.25, 300, "max", Shape::square);
  CHECK(thrown<hpo::InvalidPoint>([&] { return point.get<double>("rat"); }) ==
        "\"rat\" = ?: there is no dimension of this name; there are \"rate\" \"channel\" \"pool\" \"shape\"");
  CHECK(thrown<hpo::InvalidPoint>([&] { return point.get<float>("rate"); }) ==
        "\"rate\" = 0.25: the type asked for cannot hold this value");
  CHECK(thrown<hpo::InvalidPoint>([&] { return point.get<std::uint8_t>("channel"); }) ==
        "\"channel\" = 300: the type asked for cannot hold this value");
  CHECK_THROWS_AS(point.get<double>("channel"), hpo::InvalidPoint);
  CHECK_THROWS_AS(point.get<int>("rate"), hpo::InvalidPoint);
  CHECK_THROWS_AS(point.get<int>("shape"), hpo::InvalidPoint);
}

TEST_CASE("A point has a text") {
  CHECK(to_text(space.make_point(0.25, 4, "max", Shape::square)) == "rate=0.25 channel=4 pool=max shape=square");
}

TEST_CASE("Points are equal when their values are") {
  const auto point = space.make_point(0.25, 4, "max", Shape::square);
  const hpo::Space copy = space;
  CHECK(point == copy.make_point(0.25, 4, "max", Shape::square));
  CHECK_FALSE(point == space.make_point(0.25, 5, "max", Shape::square));
}

TEST_CASE("Points outlive their space") {
  const auto point = [] { return hpo::Space{hpo::Real{"rate", 0, 1}}.make_point(0.5); }();
  CHECK(to_text(point) == "rate=0.5");
}
