#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <string>

#include <support/catch.hpp>
#include <support/thrown.hpp>

#include <hposearch/space/integer.hpp>

namespace hpo = hposearch;
using support::thrown;

namespace {

constexpr auto lowest = std::numeric_limits<std::int64_t>::min();
constexpr auto highest = std::numeric_limits<std::int64_t>::max();

void check_cell(const hpo::Integer& integer, const hpo::EncodedDimension& axis, std::size_t k) {
  const double u = axis.centre(k);
  REQUIRE(u >= 0);
  REQUIRE(u <= 1);
  REQUIRE(axis.cell(u) == k);
  const std::int64_t value = integer.decode(u);
  REQUIRE(integer.contains(value));
  REQUIRE(static_cast<std::uint64_t>(value) - static_cast<std::uint64_t>(integer.low()) ==
          k * static_cast<std::uint64_t>(integer.step()));
  REQUIRE(integer.encode(value) == u);
}

// Each cell has its value and leads back to it: all of them, or the ends and a sample where there are many.
void check_cells(const hpo::Integer& integer) {
  const auto axis = integer.encoded();
  const std::size_t ends = axis.cells < 4000 ? axis.cells : 1000;
  for (std::size_t k = 0; k < ends; ++k) {
    check_cell(integer, axis, k);
    check_cell(integer, axis, axis.cells - 1 - k);
  }
  std::mt19937_64 random{axis.cells};
  for (int i = 0; i < 1000; ++i) check_cell(integer, axis, random() % axis.cells);
  CHECK(integer.decode(0) == integer.low());
  CHECK(integer.decode(1) == integer.high());
}

}  // namespace

TEST_CASE("Every integer of a range has a cell of its own") {
  check_cells(hpo::Integer{"channel", 3, 7});
  check_cells(hpo::Integer{"x", -5, 5});
  check_cells(hpo::Integer{"x", 0, 1});
  check_cells(hpo::Integer{"x", -100, 1000, {.step = 11}});
  check_cells(hpo::Integer{"x", 0, (std::int64_t{1} << 50) - 1});
  check_cells(hpo::Integer{"x", highest - 1000, highest});
  check_cells(hpo::Integer{"x", lowest, lowest + 1000});
}

TEST_CASE("Every integer of a logarithmic range has a cell of its own") {
  check_cells(hpo::Integer{"x", 1, 2, hpo::log_scale});
  check_cells(hpo::Integer{"x", 1, 1000, hpo::log_scale});
  check_cells(hpo::Integer{"x", 16, 1024, hpo::log_scale, {.step = 16}});
  check_cells(hpo::Integer{"x", 1, 1001, hpo::log_scale, {.step = 100}});
  check_cells(hpo::Integer{"x", 1, (std::int64_t{1} << 42) - 1, hpo::log_scale});
  check_cells(hpo::Integer{"x", (std::int64_t{1} << 42) - 1000, (std::int64_t{1} << 42) - 1, hpo::log_scale});
}

TEST_CASE("A range as wide as 64 bits works with a step") {
  const std::int64_t step = (std::int64_t{1} << 32) - 1;  // divides 2^64 - 1
  check_cells(hpo::Integer{"x", lowest, highest, {.step = step}});
}

TEST_CASE("A logarithmic integer spreads ratios evenly") {
  const hpo::Integer integer{"x", 1, 1000, hpo::log_scale};
  const double decade = integer.encode(100) - integer.encode(10);
  CHECK(decade == Approx(integer.encode(500) - integer.encode(50)));
  CHECK(decade == Approx(0.303).margin(0.001));  // 1 / log10(1000.5 / 0.5)
}

TEST_CASE("Integers take bounds of any integral type") {
  CHECK(hpo::Integer{"x", 1u, std::size_t{7}}.high() == 7);
  CHECK(hpo::Integer{"x", std::int8_t{-1}, short{3}}.low() == -1);
}

TEST_CASE("An integer tells samplers about itself") {
  const auto axis = hpo::Integer{"channel", 3, 7, {.initial = 5}}.encoded();
  CHECK(axis.name == "channel");
  CHECK(axis.kind == hpo::DimensionKind::ordered);
  CHECK(axis.cells == 5);
  CHECK(axis.initial == 0.5);
  CHECK_FALSE(axis.log);
}

TEST_CASE("An integer refuses values outside it") {
  const hpo::Integer integer{"x", 1, 9, {.step = 2}};
  CHECK(thrown<hpo::InvalidPoint>([&] { return integer.encode(4); }) == "\"x\" = 4: must be in [1, 9] in steps of 2");
  CHECK(thrown<hpo::InvalidPoint>([] {
          return hpo::Integer{"x", 1, 9}.encode(10);
        }) == "\"x\" = 10: must be in [1, 9]");
  CHECK_FALSE(integer.contains(lowest));
  CHECK_FALSE(integer.contains(highest));
}

TEST_CASE("Bad integers are refused with name, value and rule") {
  using hpo::Integer;
  using hpo::InvalidSpace;
  CHECK_THROWS_AS((Integer{"", 0, 1}), InvalidSpace);
  CHECK(thrown<InvalidSpace>([] { return Integer{"x", 1, 1}; }) == "\"x\" = [1, 1]: low must be below high");
  CHECK(thrown<InvalidSpace>([] { return Integer{"x", 2, 1}; }) == "\"x\" = [2, 1]: low must be below high");
  CHECK(thrown<InvalidSpace>([] {
          return Integer{"x", 0, 9, hpo::log_scale};
        }) == "\"x\" = [0, 9]: a log scale needs low above 0");
  CHECK(thrown<InvalidSpace>([] {
          return Integer{"x", 0, std::numeric_limits<std::uint64_t>::max()};
        }) == "\"x\" = [0, 18446744073709551615]: the bounds must fit 64 bits with a sign");
  CHECK(thrown<InvalidSpace>([] {
          return Integer{"x", lowest, highest};
        }) == "\"x\" = [-9223372036854775808, 9223372036854775807]: more than 2^50 values");
  CHECK_THROWS_AS((Integer{"x", 1, std::int64_t{1} << 42, hpo::log_scale}), InvalidSpace);
  CHECK(thrown<InvalidSpace>([] {
          return Integer{"x", 0, 9, {.step = 2}};
        }) == "\"x\" = step 2: the step must divide the range [0, 9]");
  CHECK(thrown<InvalidSpace>([] {
          return Integer{"x", 0, 9, {.step = 0}};
        }) == "\"x\" = step 0: the step must be above 0");
  CHECK_THROWS_AS((Integer{"x", 0, 9, {.step = -3}}), InvalidSpace);
  CHECK_THROWS_AS((Integer{"x", 0, 9, {.step = 18}}), InvalidSpace);
  CHECK(thrown<InvalidSpace>([] {
          return Integer{"x", 0, 9, {.initial = 10}};
        }) == "\"x\" = initial 10: the initial value must be in [0, 9]");
  CHECK_THROWS_AS((Integer{"x", 0, 9, {.step = 3, .initial = 4}}), InvalidSpace);
}

TEST_CASE("Signatures of integers differ where their searches do") {
  const std::string signature = hpo::Integer{"x", 1, 9}.signature();
  CHECK(signature == hpo::Integer{"y", 1, 9, {.initial = 3}}.signature());
  CHECK(signature != hpo::Integer{"x", 1, 10}.signature());
  CHECK(signature != hpo::Integer{"x", 1, 9, hpo::log_scale}.signature());
  CHECK(signature != hpo::Integer{"x", 1, 9, {.step = 2}}.signature());
}
