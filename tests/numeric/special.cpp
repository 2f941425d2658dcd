#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include <support/catch.hpp>
#include <support/floating.hpp>
#include <support/numeric_reference.hpp>

#include <hposearch/numeric/special.hpp>

namespace numeric = hposearch::numeric;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

}  // namespace

TEST_CASE("log1mexp and log1p_exp agree with mpmath") {
  for (const auto& [x, value] : numeric_reference::log1mexp) {
    CAPTURE(x);
    REQUIRE(relative_error(numeric::log1mexp(x), value) < 5e-16);
  }
  for (const auto& [x, value] : numeric_reference::log1p_exp) {
    CAPTURE(x);
    REQUIRE(relative_error(numeric::log1p_exp(x), value) < 5e-16);
  }
}

TEST_CASE("log1mexp and log1p_exp at their ends") {
  REQUIRE(numeric::log1mexp(0.0) == -infinity);
  REQUIRE(numeric::log1mexp(-infinity) == 0);
  REQUIRE(std::isnan(numeric::log1mexp(1.0)));
  REQUIRE(std::isnan(numeric::log1mexp(not_a_number)));
  REQUIRE(numeric::log1p_exp(infinity) == infinity);
  REQUIRE(numeric::log1p_exp(-infinity) == 0);
  REQUIRE(std::isnan(numeric::log1p_exp(not_a_number)));
}

TEST_CASE("log_add_exp adds what is known by its logarithm") {
  REQUIRE(numeric::log_add_exp(std::log(2.0), std::log(3.0)) == Approx(std::log(5.0)).epsilon(1e-15));
  REQUIRE(numeric::log_add_exp(std::log(3.0), std::log(2.0)) == Approx(std::log(5.0)).epsilon(1e-15));
  REQUIRE(numeric::log_add_exp(-1e5, -1e5 - 1) == Approx(-1e5 + std::log(1 + std::exp(-1.0))).epsilon(1e-15));
  REQUIRE(numeric::log_add_exp(1e5, 1e5) == Approx(1e5 + std::log(2.0)).epsilon(1e-15));
  REQUIRE(numeric::log_add_exp(-infinity, 7.5) == 7.5);
  REQUIRE(numeric::log_add_exp(7.5, -infinity) == 7.5);
  REQUIRE(numeric::log_add_exp(-infinity, -infinity) == -infinity);
  REQUIRE(numeric::log_add_exp(infinity, infinity) == infinity);
  REQUIRE(numeric::log_add_exp(infinity, -infinity) == infinity);
  REQUIRE(std::isnan(numeric::log_add_exp(not_a_number, 0.0)));
  REQUIRE(std::isnan(numeric::log_add_exp(0.0, not_a_number)));
}

TEST_CASE("log_sum_exp neither overflows nor loses small terms") {
  const std::array moderate{std::log(1.0), std::log(2.0), std::log(3.5)};
  REQUIRE(numeric::log_sum_exp(moderate) == Approx(std::log(6.5)).epsilon(1e-15));
  const std::array huge{1000.0, 1001.0};
  REQUIRE(numeric::log_sum_exp(huge) == Approx(1001 + std::log1p(std::exp(-1.0))).epsilon(1e-15));
  const std::array tiny{-1000.0, -1001.0, -infinity};
  REQUIRE(numeric::log_sum_exp(tiny) == Approx(-1000 + std::log1p(std::exp(-1.0))).epsilon(1e-15));
}

TEST_CASE("log_sum_exp of nothing, of zeros, of infinity and of nan") {
  REQUIRE(numeric::log_sum_exp({}) == -infinity);
  REQUIRE(numeric::log_sum_exp(std::vector{-infinity, -infinity}) == -infinity);
  REQUIRE(numeric::log_sum_exp(std::vector{1.0, infinity}) == infinity);
  REQUIRE(std::isnan(numeric::log_sum_exp(std::vector{1.0, not_a_number, 2.0})));
  REQUIRE(std::isnan(numeric::log_sum_exp(std::vector{not_a_number, infinity})));
}
