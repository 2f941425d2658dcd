#include <cmath>
#include <cstddef>
#include <limits>
#include <string>

#include <support/catch.hpp>
#include <support/thrown.hpp>

#include <hposearch/space/real.hpp>

namespace hpo = hposearch;
using support::thrown;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

// Decoded values lie within the bounds and lead back to their coordinate.
void check_continuum(const hpo::Real& real, double tolerance) {
  for (int i = 0; i <= 1000; ++i) {
    const double u = i / 1000.0;
    const double value = real.decode(u);
    REQUIRE(value >= real.low());
    REQUIRE(value <= real.high());
    REQUIRE(real.encode(value) == Approx(u).margin(tolerance));
  }
  CHECK(real.decode(0) == real.low());
  CHECK(real.decode(1) == real.high());
  CHECK(real.encode(real.low()) == 0);
  CHECK(real.encode(real.high()) == 1);
}

// Each cell has a value of its own, and leads back to it.
void check_cells(const hpo::Real& real) {
  const auto axis = real.encoded();
  double previous = -infinity;
  for (std::size_t k = 0; k < axis.cells; ++k) {
    const double value = real.decode(axis.centre(k));
    REQUIRE(value > previous);
    REQUIRE(real.contains(value));
    REQUIRE(real.encode(value) == axis.centre(k));
    previous = value;
  }
  CHECK(real.decode(0) == real.low());
  CHECK(real.decode(1) == real.high());
}

}  // namespace

TEST_CASE("A linear real spreads its values evenly") {
  const hpo::Real real{"x", -2, 6};
  CHECK(real.decode(0.25) == 0);
  CHECK(real.encode(4) == 0.75);
  check_continuum(real, 1e-15);
  check_continuum(hpo::Real{"x", 1e-300, 1e300}, 1e-15);
  check_continuum(hpo::Real{"x", -1e-310, 1e-310}, 1e-12);
}

TEST_CASE("A logarithmic real spreads the ratios of its values evenly") {
  const hpo::Real real{"learning_rate", 1e-6, 1e+1, hpo::log_scale};
  CHECK(real.decode(5.0 / 7) == Approx(0.1));
  CHECK(real.encode(1e-3) == Approx(3.0 / 7));
  check_continuum(real, 1e-13);
  check_continuum(hpo::Real{"x", 1e-300, 1e300, hpo::log_scale}, 1e-13);
  check_continuum(hpo::Real{"x", 5e-324, 1, hpo::log_scale}, 2e-3);  // the smallest numbers are far apart
}

TEST_CASE("Coordinates outside the unit interval are clamped") {
  const hpo::Real real{"x", 1, 2};
  CHECK(real.decode(-3) == 1);
  CHECK(real.decode(1.5) == 2);
  CHECK(hpo::Real{"x", 1, 2, {.step = 0.5}}.decode(7) == 2);
}

TEST_CASE("A real with a step has the decimal values on it") {
  const hpo::Real real{"dropout", 0, 0.5, {.step = 0.1}};
  const auto axis = real.encoded();
  CHECK(axis.kind == hpo::DimensionKind::ordered);
  REQUIRE(axis.cells == 6);
  CHECK(real.decode(axis.centre(3)) == 0.3);
  check_cells(real);
  check_cells(hpo::Real{"x", 0.1, 1, hpo::log_scale, {.step = 0.1}});
  check_cells(hpo::Real{"x", 1e-3, 1.001, hpo::log_scale, {.step = 0.5}});
  check_cells(hpo::Real{"x", 0, 1, {.step = 1.0 / 3}});
  check_cells(hpo::Real{"x", -1, 1, {.step = 1e-3}});
}

TEST_CASE("A real with a step takes values that rounding moved off it") {
  const hpo::Real real{"x", 0, 1, {.step = 0.1}};
  CHECK(real.contains(0.1 + 0.2));
  CHECK(real.encode(0.1 + 0.2) == real.encode(0.3));
  CHECK_FALSE(real.contains(0.35));
}

TEST_CASE("A real tells samplers about itself") {
  const auto continuum = hpo::Real{"x", 1, 3, {.initial = 2}}.encoded();
  CHECK(continuum.name == "x");
  CHECK(continuum.kind == hpo::DimensionKind::real);
  CHECK_FALSE(continuum.discrete());
  CHECK(continuum.initial == 0.5);
  CHECK_FALSE(hpo::Real{"x", 1, 3}.encoded().initial);
  CHECK(hpo::Real{"x", 1, 4, hpo::log_scale, {.step = 1, .initial = 2}}.encoded().log);
}

TEST_CASE("A real refuses values outside it") {
  const hpo::Real real{"x", 1, 2};
  CHECK(thrown<hpo::InvalidPoint>([&] { return real.encode(2.5); }) == "\"x\" = 2.5: must be in [1, 2]");
  CHECK_THROWS_AS(real.encode(not_a_number), hpo::InvalidPoint);
  CHECK_THROWS_AS(real.encode(infinity), hpo::InvalidPoint);
  CHECK_THROWS_AS(real.encode(std::nextafter(1.0, 0.0)), hpo::InvalidPoint);
  const hpo::Real stepped{"x", 0, 1, {.step = 0.5}};
  CHECK(thrown<hpo::InvalidPoint>([&] { return stepped.encode(0.3); }) ==
        "\"x\" = 0.3: must be in [0, 1] in steps of 0.5");
}

TEST_CASE("Bad reals are refused with name, value and rule") {
  using hpo::InvalidSpace;
  using hpo::Real;
  CHECK(thrown<InvalidSpace>([] {
          return Real{"", 0, 1};
        }) == "\"\" = \"\": the name of a dimension must not be empty");
  CHECK(thrown<InvalidSpace>([] { return Real{"x", 1, 1}; }) == "\"x\" = [1, 1]: low must be below high");
  CHECK(thrown<InvalidSpace>([] { return Real{"x", 2, 1}; }) == "\"x\" = [2, 1]: low must be below high");
  CHECK(thrown<InvalidSpace>([] {
          return Real{"x", not_a_number, 1};
        }) == "\"x\" = [nan, 1]: the bounds must be finite");
  CHECK(thrown<InvalidSpace>([] { return Real{"x", 0, infinity}; }) == "\"x\" = [0, inf]: the bounds must be finite");
  CHECK(thrown<InvalidSpace>([] {
          return Real{"x", 0, 1, hpo::log_scale};
        }) == "\"x\" = [0, 1]: a log scale needs low above 0");
  CHECK(thrown<InvalidSpace>([] {
          return Real{"x", -1e308, 1e308};
        }) == "\"x\" = [-1e+308, 1e+308]: low and high must differ by a finite amount");
  // Neighbours whose logarithms are the same double.
  CHECK_THROWS_AS((Real{"x", 1e300, std::nextafter(1e300, infinity), hpo::log_scale}), InvalidSpace);
}

TEST_CASE("Bad steps and initial values are refused with name, value and rule") {
  using hpo::InvalidSpace;
  using hpo::Real;
  CHECK(thrown<InvalidSpace>([] {
          return Real{"x", 0, 1, {.step = 0.3}};
        }) == "\"x\" = step 0.3: the step must divide the range [0, 1]");
  CHECK(thrown<InvalidSpace>([] {
          return Real{"x", 0, 1, {.step = 0}};
        }) == "\"x\" = step 0: the step must be finite and above 0");
  CHECK_THROWS_AS((Real{"x", 0, 1, {.step = -0.1}}), InvalidSpace);
  CHECK_THROWS_AS((Real{"x", 0, 1, {.step = not_a_number}}), InvalidSpace);
  CHECK_THROWS_AS((Real{"x", 0, 1, {.step = 2}}), InvalidSpace);
  CHECK_THROWS_AS((Real{"x", 0, 1, {.step = 0x1p-51}}), InvalidSpace);
  CHECK_THROWS_AS((Real{"x", 1, 2, hpo::log_scale, {.step = 0x1p-43}}), InvalidSpace);
  CHECK(thrown<InvalidSpace>([] {
          return Real{"x", 0, 1, {.initial = 2}};
        }) == "\"x\" = initial 2: the initial value must be in [0, 1]");
  CHECK_THROWS_AS((Real{"x", 0, 1, {.step = 0.5, .initial = 0.2}}), InvalidSpace);
  CHECK_THROWS_AS((Real{"x", 0, 1, {.initial = not_a_number}}), InvalidSpace);
}

TEST_CASE("Signatures of reals differ where their searches do") {
  const std::string signature = hpo::Real{"x", 1, 2}.signature();
  CHECK(signature == hpo::Real{"y", 1, 2, {.initial = 1.5}}.signature());
  CHECK(signature != hpo::Real{"x", 1, 3}.signature());
  CHECK(signature != hpo::Real{"x", 0.5, 2}.signature());
  CHECK(signature != hpo::Real{"x", 1, 2, hpo::log_scale}.signature());
  CHECK(signature != hpo::Real{"x", 1, 2, {.step = 0.5}}.signature());
}
