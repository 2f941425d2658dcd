#include <cstdint>
#include <vector>

#include <support/catch.hpp>

#include <hposearch/numeric/halton.hpp>

using namespace hposearch;
using numeric::Halton;

TEST_CASE("The sequence without scrambling is SciPy's") {
  // scipy.stats.qmc.Halton(6, scramble=False), SciPy 1.17.1
  struct Row {
    std::uint64_t index;
    std::vector<double> point;
  };
  const std::vector<Row> rows{
      {0, {0.0, 0.0, 0.0, 0.0, 0.0, 0.0}},
      {1, {0.5, 0.3333333333333333, 0.2, 0.14285714285714285, 0.09090909090909091, 0.07692307692307693}},
      {2, {0.25, 0.6666666666666666, 0.4, 0.2857142857142857, 0.18181818181818182, 0.15384615384615385}},
      {3, {0.75, 0.1111111111111111, 0.6000000000000001, 0.42857142857142855, 0.2727272727272727, 0.23076923076923078}},
      {10, {0.3125, 0.37037037037037035, 0.08, 0.4489795918367347, 0.9090909090909092, 0.7692307692307693}},
      {100, {0.1484375, 0.4115226337448559, 0.032, 0.29154518950437314, 0.1652892561983471, 0.7337278106508875}},
      {12345,
       {0.60955810546875, 0.24635472234923536, 0.190272, 0.7116677574820016, 0.27559592923980597, 0.6192010083680544}},
  };
  const Halton sequence = Halton::unscrambled(6);
  std::vector<double> point(6);
  for (const Row& row : rows) {
    sequence.at(row.index, point);
    for (std::size_t j = 0; j < 6; ++j) CHECK(point[j] == Approx(row.point[j]).epsilon(1e-15).margin(0));
  }
}

TEST_CASE("Scrambled points are stratified like the sequence itself") {
  const Halton sequence{4, 7};
  constexpr std::size_t primes[] = {2, 3, 5, 7};
  std::vector<double> point(4);
  for (std::size_t j = 0; j < 4; ++j) {
    const std::size_t cells = primes[j] * primes[j] * primes[j];
    for (const std::uint64_t block : {std::uint64_t{0}, std::uint64_t{5}}) {
      std::vector<int> hits(cells);
      for (std::size_t i = 0; i < cells; ++i) {
        sequence.at(block * cells + i, point);
        REQUIRE((point[j] >= 0 && point[j] < 1));
        ++hits[static_cast<std::size_t>(point[j] * static_cast<double>(cells))];
      }
      CHECK(hits == std::vector<int>(cells, 1));
    }
  }
}

TEST_CASE("Each seed scrambles in its own way, and large bases are not in step") {
  std::vector<double> a(60), b(60);
  Halton{60, 1}.at(0, a);
  Halton{60, 2}.at(0, b);
  CHECK(a != b);
  double product = 0;
  const Halton sequence{60, 1};
  constexpr int n = 200;
  for (std::uint64_t i = 0; i < n; ++i) {
    sequence.at(i, a);
    product += (a[58] - 0.5) * (a[59] - 0.5) * 12 / n;  // correlation 1 without scrambling
  }
  CHECK(std::abs(product) < 0.3);
}

TEST_CASE("A point with the wrong number of coordinates is refused") {
  std::vector<double> point(3);
  CHECK_THROWS_AS((Halton{2, 1}.at(0, point)), InvalidArgument);
}
