#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <vector>

#include <support/catch.hpp>
#include <support/sobol_reference.hpp>

#include <hposearch/numeric/sobol.hpp>

namespace hpo = hposearch;
using hpo::numeric::Sobol;

namespace {

std::vector<double> point(const Sobol& sequence, std::uint64_t index) {
  std::vector<double> out(sequence.dimensions());
  sequence.at(index, out);
  return out;
}

/// How many of the first `count` points fall into each of `rows` x `columns` equal boxes of axes 0 and 1.
std::vector<int> box_counts(const Sobol& sequence, std::size_t count, std::size_t rows, std::size_t columns) {
  std::vector<int> counts(rows * columns);
  for (std::size_t i = 0; i < count; ++i) {
    const auto x = point(sequence, i);
    const auto row = static_cast<std::size_t>(x[0] * static_cast<double>(rows));
    const auto column = static_cast<std::size_t>(x[1] * static_cast<double>(columns));
    ++counts.at(row * columns + column);
  }
  return counts;
}

}  // namespace

TEST_CASE("the plain sequence equals SciPy's point for point") {
  using namespace sobol_reference;
  const auto sequence = Sobol::unscrambled(few_dimensions[0].size());
  for (std::size_t i = 0; i < few_indices.size(); ++i) {
    const auto x = point(sequence, few_indices[i]);
    for (std::size_t j = 0; j < x.size(); ++j) REQUIRE(x[j] == few_dimensions[i][j] * 0x1p-32);
  }
}

TEST_CASE("the plain sequence equals SciPy's in every dimension there is") {
  using namespace sobol_reference;
  STATIC_REQUIRE(std::tuple_size_v<decltype(many_dimensions)::value_type> == Sobol::max_dimensions);
  const auto sequence = Sobol::unscrambled(Sobol::max_dimensions);
  for (std::size_t i = 0; i < many_indices.size(); ++i) {
    const auto x = point(sequence, many_indices[i]);
    std::size_t different = 0;
    for (std::size_t j = 0; j < x.size(); ++j) different += x[j] != many_dimensions[i][j] * 0x1p-32;
    REQUIRE(different == 0);
  }
}

TEST_CASE("a sequence of fewer dimensions is the first columns of one of more") {
  for (const std::size_t dimensions : {1u, 2u, 7u, 1024u}) {
    const auto x = point(Sobol(dimensions, 5), 77);
    const auto y = point(Sobol(Sobol::max_dimensions, 5), 77);
    REQUIRE(x == std::vector(y.begin(), y.begin() + static_cast<std::ptrdiff_t>(dimensions)));
  }
}

TEST_CASE("next walks through the points that at gives by number") {
  Sobol sequence(3, 11);
  std::vector<double> x(3);
  for (std::uint64_t i = 0; i < 100; ++i) {
    sequence.next(x);
    REQUIRE(x == point(sequence, i));
  }
}

TEST_CASE("every equal strip of every axis has exactly one of the first 2^m scrambled points") {
  const std::size_t dimensions = 40;
  for (const std::uint64_t seed : {0u, 1u, 2u, 12345u}) {
    const Sobol sequence(dimensions, seed);
    for (const std::size_t count : {2u, 16u, 1024u}) {
      std::vector<std::vector<char>> taken(dimensions, std::vector<char>(count));
      for (std::size_t i = 0; i < count; ++i) {
        const auto x = point(sequence, i);
        for (std::size_t j = 0; j < dimensions; ++j) {
          char& strip = taken[j].at(static_cast<std::size_t>(x[j] * static_cast<double>(count)));
          REQUIRE_FALSE(strip);
          strip = true;
        }
      }
    }
  }
}

TEST_CASE("every elementary box of the first two axes has exactly one of the first 2^m scrambled points") {
  const std::size_t count = 256;
  for (const std::uint64_t seed : {0u, 1u, 99u}) {
    for (std::size_t rows = 1; rows <= count; rows *= 2) {
      const auto counts = box_counts(Sobol(2, seed), count, rows, count / rows);
      REQUIRE(counts == std::vector<int>(count, 1));
    }
  }
}

TEST_CASE("scrambled points differ between seeds and between axes, and repeat with the seed") {
  const auto x = point(Sobol(3, 1), 0);
  REQUIRE(x == point(Sobol(3, 1), 0));
  REQUIRE(x != point(Sobol(3, 2), 0));
  REQUIRE(x[0] != x[1]);
  REQUIRE(x[1] != x[2]);
}

TEST_CASE("the scrambled sequence equals one made by other code") {
  using namespace sobol_reference;
  const Sobol sequence(few_scrambled[0].size(), 42);
  for (std::size_t i = 0; i < few_indices.size(); ++i) {
    const auto x = point(sequence, few_indices[i]);
    for (std::size_t j = 0; j < x.size(); ++j) REQUIRE(x[j] == (few_scrambled[i][j] + 0.5) * 0x1p-32);
  }
}

TEST_CASE("over the seeds a scrambled point is uniform, and independent between axes") {
  const int seeds = 4000, boxes = 10;
  for (const std::uint64_t index : {0u, 1u, 4095u}) {
    double mean = 0, product = 0;
    std::array<int, boxes> counts{};
    for (int seed = 0; seed < seeds; ++seed) {
      const auto x = point(Sobol(2, static_cast<std::uint64_t>(seed)), index);
      mean += x[0] / seeds;
      product += (x[0] - 0.5) * (x[1] - 0.5) / seeds;
      ++counts.at(static_cast<std::size_t>(x[0] * boxes));
    }
    REQUIRE(std::fabs(mean - 0.5) < 5 * std::sqrt(1.0 / 12 / seeds));
    REQUIRE(std::fabs(product) < 5 * (1.0 / 12) / std::sqrt(seeds));
    double chi_square = 0;
    for (const int count : counts) chi_square += std::pow(count - seeds / boxes, 2) / (seeds / boxes);
    REQUIRE(chi_square < 40);  // 9 degrees of freedom: exceeded once in 100,000 times
  }
}

TEST_CASE("bits below the first are flipped differently in the two halves of an axis") {
  // Plain digital shifts would flip both halves alike; nested scrambling does so for half the seeds only.
  int alike = 0;
  const int seeds = 2000;
  for (std::uint32_t seed = 0; seed < seeds; ++seed) {
    const auto hash = static_cast<std::uint32_t>(hpo::numeric::SplitMix{seed}.next());
    const auto left = hpo::numeric::detail::owen_scramble(0x00000000u, hash);
    const auto right = hpo::numeric::detail::owen_scramble(0x80000000u, hash);
    alike += ((left ^ right) >> 30 & 1) == 0;
  }
  REQUIRE(std::abs(alike - seeds / 2) < 5 * std::sqrt(seeds / 4.0));
}

TEST_CASE("scrambled points lie strictly within the unit cube") {
  Sobol sequence(20, 3);
  std::vector<double> x(20);
  for (int i = 0; i < 4096; ++i) {
    sequence.next(x);
    for (const double u : x) REQUIRE((u > 0 && u < 1));
  }
  const auto last = point(Sobol(1, 3), 0xffffffffu);
  REQUIRE((last[0] > 0 && last[0] < 1));
}

TEST_CASE("scrambled Sobol points integrate a smooth function far better than random ones") {
  const std::size_t dimensions = 5, count = 1024;
  Sobol sequence(dimensions, 8);
  std::vector<double> x(dimensions);
  double integral = 0;
  for (std::size_t i = 0; i < count; ++i) {
    sequence.next(x);
    double product = 1;
    for (const double u : x) product *= 1 + (u - 0.5);
    integral += product / static_cast<double>(count);
  }
  REQUIRE(std::fabs(integral - 1) < 5e-4);  // the standard error of random points is 0.022
}

TEST_CASE("what the sequence cannot give is refused by name") {
  REQUIRE_THROWS_AS(Sobol(Sobol::max_dimensions + 1, 0), hpo::InvalidArgument);
  REQUIRE_THROWS_WITH(Sobol::unscrambled(1112), "\"dimensions\" = 1112: must be at most 1111");
  std::vector<double> three(3);
  REQUIRE_THROWS_WITH(Sobol(2, 0).at(0, three), "\"out\" = 3 elements: must have 2");
  REQUIRE_THROWS_WITH(Sobol(3, 0).at(std::uint64_t{1} << 32, three), "\"index\" = 4294967296: must be below 2^32");
  REQUIRE(Sobol(0, 0).dimensions() == 0);
}
