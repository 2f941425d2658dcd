#include <array>
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <support/catch.hpp>
#include <support/thrown.hpp>

#include <hposearch/space/categorical.hpp>

namespace hpo = hposearch;
using hpo::Categorical;

namespace {

enum class Shape { round, square };

template <class T>
void check_round_trip(const Categorical<T>& dimension) {
  const auto axis = dimension.encoded();
  REQUIRE(axis.kind == hpo::DimensionKind::categorical);
  REQUIRE(axis.cells == dimension.choices().size());
  for (std::size_t k = 0; k < axis.cells; ++k) {
    const T choice = dimension.choices()[k];
    CHECK(dimension.contains(choice));
    CHECK(dimension.encode(choice) == axis.centre(k));
    CHECK(dimension.decode(axis.centre(k)) == choice);
  }
}

}  // namespace

TEST_CASE("Choices of any type are deduced") {
  const Categorical literals{"x", {"max", "avg"}};
  STATIC_REQUIRE(std::same_as<decltype(literals), const Categorical<std::string>>);
  const Categorical single{"x", {"max"}};
  STATIC_REQUIRE(std::same_as<decltype(single), const Categorical<std::string>>);
  const Categorical views{"x", {std::string_view{"max"}, std::string_view{"avg"}}};
  STATIC_REQUIRE(std::same_as<decltype(views), const Categorical<std::string>>);
  const Categorical flags{"x", {true, false}};
  STATIC_REQUIRE(std::same_as<decltype(flags), const Categorical<bool>>);
  const Categorical integers{"x", {16, 32}};
  STATIC_REQUIRE(std::same_as<decltype(integers), const Categorical<int>>);
  const Categorical reals{"x", {0.1, 0.5}};
  STATIC_REQUIRE(std::same_as<decltype(reals), const Categorical<double>>);
  const Categorical shapes{"x", {Shape::round, Shape::square}};
  STATIC_REQUIRE(std::same_as<decltype(shapes), const Categorical<Shape>>);
  check_round_trip(literals);
  check_round_trip(single);
  check_round_trip(views);
  check_round_trip(flags);
  check_round_trip(integers);
  check_round_trip(reals);
  check_round_trip(shapes);
}

TEST_CASE("Choices come from lists, arrays and vectors") {
  const std::vector<std::string> names{"relu", "tanh"};
  check_round_trip(Categorical{"x", names});
  check_round_trip(Categorical{"x", std::vector{true, false}});
  check_round_trip(Categorical{"x", std::array{"relu", "tanh"}, {.initial = "tanh"}});
  const char* const array[] = {"relu", "tanh"};
  const Categorical from_array{"x", array};
  STATIC_REQUIRE(std::same_as<decltype(from_array), const Categorical<std::string>>);
  check_round_trip(from_array);
  check_round_trip(Categorical<std::string>{"x", {"relu", "tanh"}});
}

TEST_CASE("Enumerations have their numbers as text unless they are named") {
  CHECK(Categorical{"x", {Shape::round, Shape::square}}.text(Shape::square) == "1");
  CHECK(Categorical{"x", {Shape::round, Shape::square}, {.names = {"round", "square"}}}.text(Shape::square) ==
        "square");
}

TEST_CASE("A categorical refuses what is none of its choices") {
  const Categorical pool{"pool", {"max", "avg"}};
  CHECK_FALSE(pool.contains("sum"));
  CHECK(support::thrown<hpo::InvalidPoint>([&] { return pool.encode("sum"); }) ==
        "\"pool\" = \"sum\": must be one of max, avg");
}

TEST_CASE("A declared default is the initial coordinate") {
  const auto axis = Categorical{"pool", {"max", "avg"}, {.initial = "avg"}}.encoded();
  CHECK(axis.initial == 0.75);
  CHECK(axis.name == "pool");
}
