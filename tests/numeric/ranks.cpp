#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include <support/catch.hpp>

#include <hposearch/numeric/random.hpp>
#include <hposearch/numeric/ranks.hpp>

namespace numeric = hposearch::numeric;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

std::vector<double> random_values(std::size_t n, std::uint64_t seed, std::uint64_t distinct) {
  numeric::Random random{seed};
  std::vector<double> values(n);
  for (double& x : values) x = static_cast<double>(random.below(distinct));
  return values;
}

}  // namespace

TEST_CASE("argsort puts values in order and keeps the order of equal ones") {
  REQUIRE(numeric::argsort(std::vector{3.0, 1.0, 2.0}) == std::vector<std::size_t>{1, 2, 0});
  REQUIRE(numeric::argsort(std::vector{1.0, 0.0, 1.0, 0.0}) == std::vector<std::size_t>{1, 3, 0, 2});
  REQUIRE(numeric::argsort(std::vector{not_a_number, infinity, -infinity, not_a_number, 0.0}) ==
          std::vector<std::size_t>{2, 4, 1, 0, 3});
  REQUIRE(numeric::argsort({}).empty());
}

TEST_CASE("argsort keeps the order of equal values in a long list") {
  const auto values = random_values(1000, 3, 10);
  const auto order = numeric::argsort(values);
  for (std::size_t i = 1; i < order.size(); ++i) {
    const double before = values[order[i - 1]], here = values[order[i]];
    REQUIRE((before < here || (before == here && order[i - 1] < order[i])));
  }
}

TEST_CASE("equal values share the average of their ranks, as in scipy.stats.rankdata") {
  REQUIRE(numeric::average_ranks(std::vector{0.0, 2.0, 3.0, 2.0}) == std::vector{1.0, 2.5, 4.0, 2.5});
  REQUIRE(numeric::average_ranks(std::vector{5.0, 5.0, 5.0}) == std::vector{2.0, 2.0, 2.0});
  REQUIRE(numeric::average_ranks(std::vector{0.0, -0.0}) == std::vector{1.5, 1.5});
  REQUIRE(numeric::average_ranks(std::vector{not_a_number, 1.0, not_a_number}) == std::vector{2.5, 1.0, 2.5});
  REQUIRE(numeric::average_ranks({}).empty());
}

TEST_CASE("ranks count the smaller values, and half of the equal ones") {
  const auto values = random_values(300, 1, 40);
  const auto ranks = numeric::average_ranks(values);
  for (std::size_t i = 0; i < values.size(); ++i) {
    double expected = 0.5;
    for (const double other : values) expected += other < values[i] ? 1 : other == values[i] ? 0.5 : 0;
    REQUIRE(ranks[i] == expected);
  }
}

TEST_CASE("the median is the middle value, or the mean of the two in the middle") {
  REQUIRE(numeric::median(std::vector{3.0, 1.0, 2.0}) == 2);
  REQUIRE(numeric::median(std::vector{4.0, 1.0, 2.0, 3.0}) == 2.5);
  REQUIRE(numeric::median(std::vector{7.0}) == 7);
  REQUIRE(numeric::median(std::vector{infinity, infinity, 1.0}) == infinity);
  REQUIRE(numeric::median(std::vector{infinity, infinity}) == infinity);
}

TEST_CASE("quantiles interpolate linearly, as numpy.quantile does") {
  const std::vector values{15.0, 20.0, 35.0, 40.0, 50.0};
  REQUIRE(numeric::quantile(values, 0) == 15);
  REQUIRE(numeric::quantile(values, 1) == 50);
  REQUIRE(numeric::quantile(values, 0.4) == Approx(29).epsilon(1e-15));
  REQUIRE(numeric::quantile(values, 0.05) == Approx(16).epsilon(1e-15));
  REQUIRE(numeric::quantile(values, 0.25) == 20);
}

TEST_CASE("quantiles agree with sorting") {
  const auto values = random_values(101, 2, 1'000'000);
  auto sorted = values;
  std::sort(sorted.begin(), sorted.end());
  for (std::size_t k = 0; k <= 100; ++k) {
    REQUIRE(numeric::quantile(values, static_cast<double>(k) / 100) == Approx(sorted[k]).epsilon(1e-12));
  }
}

TEST_CASE("quantiles refuse an empty list and levels outside of [0, 1]") {
  REQUIRE_THROWS_WITH(numeric::median({}), "\"values\" = empty: must have at least one element");
  const std::vector one{1.0};
  for (const double level : {-0.1, 1.1, not_a_number}) {
    REQUIRE_THROWS_AS(numeric::quantile(one, level), hposearch::InvalidArgument);
  }
  REQUIRE_THROWS_WITH(numeric::quantile(one, 1.5), "\"level\" = 1.5: must be in [0, 1]");
}
