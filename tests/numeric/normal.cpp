#include <cmath>
#include <limits>

#include <support/catch.hpp>
#include <support/floating.hpp>
#include <support/numeric_reference.hpp>

#include <hposearch/numeric/normal.hpp>

namespace numeric = hposearch::numeric;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

/// The largest relative error over a table of mpmath's values.
template <class Function, class Table>
double worst(Function function, const Table& table) {
  double error = 0;
  for (const auto& [x, value] : table) {
    const double here = relative_error(function(x), value);
    if (!(here <= error)) error = here;
  }
  return error;
}

}  // namespace

TEST_CASE("erfc and erfcx agree with mpmath to the last digits") {
  REQUIRE(worst(numeric::erfc, numeric_reference::erfc) < 1e-15);
  REQUIRE(worst(numeric::erfcx, numeric_reference::erfcx) < 1e-15);
}

TEST_CASE("the normal density, cdf and their logarithms agree with mpmath to the last digits") {
  REQUIRE(worst(numeric::pdf, numeric_reference::pdf) < 1e-15);
  REQUIRE(worst(numeric::cdf, numeric_reference::cdf) < 1e-15);
  REQUIRE(worst(numeric::log_cdf, numeric_reference::log_cdf) < 1e-15);
}

TEST_CASE("the normal quantile agrees with mpmath to the last digits") {
  const auto quantile = [](double p) { return numeric::quantile(p); };
  REQUIRE(worst(quantile, numeric_reference::quantile) < 1e-15);
}

TEST_CASE("log_h and its derivative agree with mpmath from 30 down to -1e150") {
  REQUIRE(worst(numeric::log_h, numeric_reference::log_h) < 1e-13);
  REQUIRE(worst(numeric::log_h_derivative, numeric_reference::log_h_derivative) < 1e-13);
  for (const auto& [z, value] : numeric_reference::log_h_derivative) {
    CAPTURE(z);
    if (z <= -8) REQUIRE(relative_error(numeric::log_h_derivative(z), value) < 5e-16);
  }
}

TEST_CASE("erfc and the cdf are symmetric") {
  for (double x = 0; x < 40; x += 0.037) {
    REQUIRE(numeric::erfc(x) + numeric::erfc(-x) == Approx(2).epsilon(1e-15));
    REQUIRE(numeric::cdf(x) + numeric::cdf(-x) == Approx(1).epsilon(1e-15));
    REQUIRE(numeric::pdf(x) == numeric::pdf(-x));
  }
}

TEST_CASE("erfcx is erfc without its exponential") {
  for (double x = -5; x < 25; x += 0.17) {
    REQUIRE(relative_error(numeric::erfcx(x) * std::exp(-x * x), numeric::erfc(x)) < 4e-16 * (1 + x * x));
  }
}

TEST_CASE("the logarithms are those of the density and the cdf") {
  for (double z = -37; z < 37; z += 0.13) {
    REQUIRE(relative_error(std::exp(numeric::log_pdf(z)), numeric::pdf(z)) < 2e-16 * (4 + z * z));
    REQUIRE(relative_error(std::exp(numeric::log_cdf(z)), numeric::cdf(z)) < 2e-16 * (4 + z * z));
  }
}

TEST_CASE("the cdf never decreases, and its logarithm always increases until it rounds to 0") {
  for (double z = -40; z < 37; z += 1e-3) {
    REQUIRE(numeric::cdf(z) <= numeric::cdf(z + 1e-3));
    REQUIRE(numeric::log_cdf(z) < numeric::log_cdf(z + 1e-3));
  }
}

TEST_CASE("the quantile and the cdf undo each other") {
  for (double exponent = -1020; exponent < 0; exponent += 0.7) {
    const double p = std::exp2(exponent), z = numeric::quantile(p);
    REQUIRE(relative_error(numeric::cdf(z), p) < 8e-16 * (4 + z * z));
  }
  for (double z = -37; z < 5; z += 0.011) {
    // Near 1 the cdf itself rounds away what would tell z.
    const double allowed = 1e-15 * (2 + std::fabs(z)) + (z < 0 ? 0 : 4e-16 / numeric::pdf(z));
    REQUIRE(std::fabs(numeric::quantile(numeric::cdf(z)) - z) < allowed);
  }
}

TEST_CASE("the quantile is odd about one half and increases across its three pieces") {
  REQUIRE(numeric::quantile(0.5) == 0);
  for (const double p : {0x1.fffp-2, 0x1.3p-2, 0x1.34p-4, 0x1.33p-4, 0x1p-20, 0x1p-36, 0x1p-37, 0x1p-50}) {
    REQUIRE(numeric::quantile(1 - p) == -numeric::quantile(p));
  }
  for (const double border : {0.075, 0.925, std::exp(-25.0)}) {
    for (double p = border * (1 - 1e-11); p < border * (1 + 1e-11); p += border * 1e-13) {
      REQUIRE(numeric::quantile(p) <= numeric::quantile(p + border * 1e-13));
    }
  }
}

TEST_CASE("the normal distribution at infinity, at nan and outside of its range") {
  REQUIRE(numeric::pdf(infinity) == 0);
  REQUIRE(numeric::log_pdf(-infinity) == -infinity);
  REQUIRE(numeric::cdf(-infinity) == 0);
  REQUIRE(numeric::cdf(infinity) == 1);
  REQUIRE(numeric::log_cdf(-infinity) == -infinity);
  REQUIRE(numeric::log_cdf(infinity) == 0);
  REQUIRE(numeric::log_cdf(-1e150) == Approx(-5e299));
  REQUIRE(numeric::erfc(infinity) == 0);
  REQUIRE(numeric::erfc(-infinity) == 2);
  REQUIRE(numeric::erfcx(infinity) == 0);
  REQUIRE(numeric::erfcx(-27.0) == infinity);
  REQUIRE(numeric::quantile(0.0) == -infinity);
  REQUIRE(numeric::quantile(1.0) == infinity);
  for (const double p : {-1e-300, 1.0000001, infinity, -infinity, not_a_number})
    REQUIRE(std::isnan(numeric::quantile(p)));
  for (auto* function : {numeric::pdf, numeric::log_pdf, numeric::cdf, numeric::log_cdf, numeric::erfc, numeric::erfcx,
                         numeric::log_h, numeric::log_h_derivative}) {
    REQUIRE(std::isnan(function(not_a_number)));
  }
}

TEST_CASE("log_h increases and its slope falls, across all of its branches") {
  double value = -infinity, slope = infinity;
  for (double z = -60; z < 30; z += 1e-3) {
    const auto [next_value, next_slope] = numeric::log_h_with_derivative(z);
    REQUIRE(next_value > value);
    REQUIRE(next_slope < slope);
    value = next_value;
    slope = next_slope;
  }
}

TEST_CASE("log_h has no step where its branches meet") {
  for (const double border : {-1.0, -8.0}) {
    const auto below = numeric::log_h_with_derivative(std::nextafter(border, -100.0));
    const auto above = numeric::log_h_with_derivative(std::nextafter(border, 100.0));
    REQUIRE(relative_error(below.value, above.value) < 1e-14);
    REQUIRE(relative_error(below.derivative, above.derivative) < 1e-13);
  }
}

TEST_CASE("the derivative of log_h is its slope") {
  for (double z = -50; z < 20; z += 0.23) {
    const double step = 1e-4;
    const double slope = (numeric::log_h(z + step) - numeric::log_h(z - step)) / (2 * step);
    REQUIRE(numeric::log_h_derivative(z) == Approx(slope).epsilon(1e-6));
  }
}

TEST_CASE("log_h at its ends") {
  REQUIRE(numeric::log_h(infinity) == infinity);
  REQUIRE(numeric::log_h(-infinity) == -infinity);
  REQUIRE(numeric::log_h_derivative(infinity) == 0);
  REQUIRE(numeric::log_h_derivative(-infinity) == infinity);
  REQUIRE(numeric::log_h_derivative(-1e200) == 1e200);
  REQUIRE(numeric::log_h(1e300) == Approx(300 * std::log(10.0)));
}
