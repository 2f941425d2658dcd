#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include <support/catch.hpp>
#include <support/floating.hpp>
#include <support/numeric_reference.hpp>

#include <hposearch/numeric/elementary.hpp>
#include <hposearch/numeric/random.hpp>

namespace numeric = hposearch::numeric;
using numeric::Random;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double smallest = std::numeric_limits<double>::denorm_min();
constexpr double largest = std::numeric_limits<double>::max();

double uniform(Random& random, double low, double high) { return low + (high - low) * random.uniform(); }

/// Any finite double, every exponent as likely as any other.
double any_double(Random& random) {
  while (true) {
    const double x = std::bit_cast<double>(random.next());
    if (std::isfinite(x)) return x;
  }
}

/// The largest distance from the table's correctly rounded values.
template <class Function, class Table>
std::uint64_t worst(Function function, const Table& table) {
  std::uint64_t distance = 0;
  for (const auto& [x, value] : table) distance = std::max(distance, ulp_distance(function(x), value));
  return distance;
}

}  // namespace

TEST_CASE("exp, expm1, log and log1p are the correctly rounded value or its neighbour") {
  REQUIRE(worst(numeric::exp, numeric_reference::exp) <= 1);
  REQUIRE(worst(numeric::expm1, numeric_reference::expm1) <= 1);
  REQUIRE(worst(numeric::log, numeric_reference::log) <= 1);
  REQUIRE(worst(numeric::log1p, numeric_reference::log1p) <= 1);
}

TEST_CASE("exp, expm1, log and log1p are within two units of the C library's everywhere") {
  Random random{1};
  const auto agree = [](double value, double reference) { return ulp_distance(value, reference) <= 2; };
  int failures = 0;
  for (int i = 0; i < 50'000; ++i) {
    const double near_zero = uniform(random, -2, 2), wide = uniform(random, -750, 715);
    const double positive = std::fabs(any_double(random)), any = any_double(random),
                 near_one = uniform(random, 0.4, 2.5);
    for (const double x : {near_zero, wide, any}) {
      failures += !agree(numeric::exp(x), std::exp(x));
      failures += !agree(numeric::expm1(x), std::expm1(x));
    }
    for (const double x : {positive, near_one}) failures += !agree(numeric::log(x), std::log(x));
    for (const double x : {positive, near_zero / 2, any, near_one}) {
      failures += !agree(numeric::log1p(x), std::log1p(x));
    }
  }
  REQUIRE(failures == 0);
}

TEST_CASE("exp at the edges of its range") {
  REQUIRE(numeric::exp(0.0) == 1);
  REQUIRE(numeric::exp(-0.0) == 1);
  REQUIRE(numeric::exp(smallest) == 1);
  REQUIRE(numeric::exp(infinity) == infinity);
  REQUIRE(numeric::exp(-infinity) == 0);
  REQUIRE(std::isnan(numeric::exp(not_a_number)));
  REQUIRE(numeric::exp(largest) == infinity);
  REQUIRE(numeric::exp(-largest) == 0);
  REQUIRE(numeric::exp(0x1.62e42fefa39efp+9) == Approx(largest).epsilon(1e-12));  // log of the largest double
  REQUIRE(numeric::exp(0x1.62e42fefa39f0p+9) == infinity);
  REQUIRE(numeric::exp(-745.13) == smallest);
  REQUIRE(numeric::exp(-745.14) == 0);
  REQUIRE(numeric::exp(std::nextafter(708.0, 709.0)) >= numeric::exp(708.0));
}

TEST_CASE("expm1 at the edges of its range") {
  REQUIRE(ulp_distance(numeric::expm1(-0.0), -0.0) == 0);
  REQUIRE(ulp_distance(numeric::expm1(0.0), 0.0) == 0);
  REQUIRE(numeric::expm1(smallest) == smallest);
  REQUIRE(numeric::expm1(infinity) == infinity);
  REQUIRE(numeric::expm1(-infinity) == -1);
  REQUIRE(numeric::expm1(-50.0) == -1);
  REQUIRE(std::isnan(numeric::expm1(not_a_number)));
  REQUIRE(numeric::expm1(709.79) == infinity);
}

TEST_CASE("log at the edges of its range") {
  REQUIRE(ulp_distance(numeric::log(1.0), 0.0) == 0);
  REQUIRE(numeric::log(0.0) == -infinity);
  REQUIRE(numeric::log(-0.0) == -infinity);
  REQUIRE(numeric::log(infinity) == infinity);
  REQUIRE(std::isnan(numeric::log(-infinity)));
  REQUIRE(std::isnan(numeric::log(-1.0)));
  REQUIRE(std::isnan(numeric::log(-smallest)));
  REQUIRE(std::isnan(numeric::log(not_a_number)));
  REQUIRE(numeric::log(smallest) == Approx(-744.4400719213812).epsilon(1e-15));
  REQUIRE(numeric::log(largest) == Approx(709.782712893384).epsilon(1e-15));
}

TEST_CASE("log1p at the edges of its range") {
  REQUIRE(ulp_distance(numeric::log1p(-0.0), -0.0) == 0);
  REQUIRE(ulp_distance(numeric::log1p(0.0), 0.0) == 0);
  REQUIRE(numeric::log1p(smallest) == smallest);
  REQUIRE(numeric::log1p(-1.0) == -infinity);
  REQUIRE(numeric::log1p(infinity) == infinity);
  REQUIRE(std::isnan(numeric::log1p(-infinity)));
  REQUIRE(std::isnan(numeric::log1p(std::nextafter(-1.0, -2.0))));
  REQUIRE(std::isnan(numeric::log1p(not_a_number)));
  REQUIRE(numeric::log1p(largest) == Approx(709.782712893384).epsilon(1e-15));
}

TEST_CASE("exp and log undo each other, expm1 and log1p too") {
  Random random{2};
  for (int i = 0; i < 10'000; ++i) {
    const double x = uniform(random, -700, 700), small = uniform(random, -0.5, 0.5);
    REQUIRE(relative_error(numeric::log(numeric::exp(x)), x) < 1e-15 + 2e-16 / std::fabs(x));
    REQUIRE(relative_error(numeric::log1p(numeric::expm1(small)), small) < 1e-15);
  }
}

TEST_CASE("exp and log of an array have the bits of exp and log one by one") {
  Random random{3};
  const std::vector<double> odd{0.0,      -0.0,  infinity, -infinity, not_a_number, -1.0,
                                smallest, 709.0, -709.0,   1e308,     -1e308};
  for (std::size_t size = 0; size < 200; ++size) {
    std::vector<double> values(size), positive(size);
    for (double& x : values) x = uniform(random, -710, 710);
    for (double& x : positive) x = std::fabs(any_double(random));
    if (size % 3 == 1) values[random.below(size)] = positive[random.below(size)] = odd[random.below(odd.size())];
    auto exps = values, logs = positive;
    numeric::exp_in_place(exps);
    numeric::log_in_place(logs);
    for (std::size_t i = 0; i < size; ++i) {
      REQUIRE(ulp_distance(exps[i], numeric::exp(values[i])) == 0);
      REQUIRE(ulp_distance(logs[i], numeric::log(positive[i])) == 0);
    }
  }
}

TEST_CASE("exp of an array takes the careful path at exactly the right places") {
  for (const double edge : {708.0, -708.0}) {
    for (const double x : {edge, std::nextafter(edge, 0.0), std::nextafter(edge, 2 * edge)}) {
      std::vector<double> values(32, 1.0);
      values[17] = x;
      numeric::exp_in_place(values);
      REQUIRE(values[17] == numeric::exp(x));
      REQUIRE(values[0] == numeric::exp(1.0));
    }
  }
}

TEST_CASE("the bits of exp, expm1, log and log1p are the same on every machine") {
  // Fused multiplications (-mfma without -ffp-contract=off) break this, as elementary.hpp warns.
  Random random{4};
  std::uint64_t hash = 0;
  const auto add = [&](double value) { hash = numeric::mix_bits(hash ^ std::bit_cast<std::uint64_t>(value)) + 1; };
  for (int i = 0; i < 20'000; ++i) {
    const double x = uniform(random, -745, 709), positive = std::fabs(any_double(random)),
                 small = uniform(random, -1, 1);
    add(numeric::exp(x));
    add(numeric::exp(small));
    add(numeric::expm1(x));
    add(numeric::expm1(small));
    add(numeric::log(positive));
    add(numeric::log(1 + small / 2));
    add(numeric::log1p(positive));
    add(numeric::log1p(small));
  }
  REQUIRE(hash == 0xd484e4ce131aa11bu);
}
