#include <cmath>
#include <vector>

#include <support/catch.hpp>

#include <hposearch/numeric/elementwise.hpp>
#include <hposearch/numeric/random.hpp>

using namespace hposearch;

namespace {

std::vector<double> random_values(std::size_t n, std::uint64_t seed) {
  numeric::Random random{seed};
  std::vector<double> values(n);
  for (double& value : values) value = random.normal();
  return values;
}

}  // namespace

TEST_CASE("A loop over registers gives every element the bits it has alone") {
  for (std::size_t n = 0; n < 37; ++n) {
    const auto a = random_values(n, 1), b = random_values(n, 2);
    std::vector<double> result(n + 1, 7.0);
    numeric::for_each_element(static_cast<Eigen::Index>(n), [&](auto at) {
      const auto difference = at.of(a.data()) - 0.25;
      at.set(result.data(), difference * difference * at.of(b.data()));
    });
    for (std::size_t i = 0; i < n; ++i) {
      const double difference = a[i] - 0.25;
      CHECK(result[i] == difference * difference * b[i]);
    }
    CHECK(result[n] == 7.0);
  }
}

TEST_CASE("An ordered sum adds in the documented order") {
  for (std::size_t n = 0; n < 37; ++n) {
    const auto a = random_values(n, 3);
    double partial[4] = {};
    const std::size_t whole = n / 4 * 4;
    for (std::size_t i = 0; i < whole; ++i) partial[i % 4] += a[i];
    double expected = (partial[0] + partial[1]) + (partial[2] + partial[3]);
    for (std::size_t i = whole; i < n; ++i) expected += a[i];
    CHECK(numeric::ordered_sum(static_cast<Eigen::Index>(n), [&](auto at) { return at.of(a.data()); }) == expected);
  }
}

TEST_CASE("Square roots in place are those one by one") {
  for (const std::size_t n : {0, 1, 5, 16, 23}) {
    auto values = random_values(n, 4);
    for (double& value : values) value *= value;
    auto expected = values;
    for (double& value : expected) value = std::sqrt(value);
    numeric::sqrt_in_place(values.data(), static_cast<Eigen::Index>(n));
    CHECK(values == expected);
  }
}
