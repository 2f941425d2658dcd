#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <map>
#include <numeric>
#include <random>
#include <set>
#include <span>
#include <string>
#include <vector>

#include <support/catch.hpp>

#include <hposearch/numeric/random.hpp>

namespace numeric = hposearch::numeric;
using numeric::Random;

static_assert(std::uniform_random_bit_generator<Random>);

namespace {

/// Sum of (observed - expected)^2 / expected.
double chi_square(std::span<const int> observed, double expected) {
  double sum = 0;
  for (const int count : observed) sum += (count - expected) * (count - expected) / expected;
  return sum;
}

}  // namespace

TEST_CASE("xoshiro256++ gives the published numbers from the state 1, 2, 3, 4") {
  Random random{std::array<std::uint64_t, 4>{1, 2, 3, 4}};
  const std::array<std::uint64_t, 10> published{41943041u,
                                                58720359u,
                                                3588806011781223u,
                                                3591011842654386u,
                                                9228616714210784205u,
                                                9973669472204895162u,
                                                14011001112246962877u,
                                                12406186145184390807u,
                                                15849039046786891736u,
                                                10450023813501588000u};
  for (const std::uint64_t expected : published) {
    REQUIRE(random.next() == expected);
  }
}

TEST_CASE("SplitMix64 gives the published numbers from the seed 1234567") {
  numeric::SplitMix generator{1234567};
  for (const std::uint64_t expected : {6457827717110365317u, 3203168211198807973u, 9817491932198370423u,
                                       4593380528125082431u, 16408922859458223821u}) {
    REQUIRE(generator.next() == expected);
  }
}

TEST_CASE("stream 0 is seeded by SplitMix64, as the generator's authors advise") {
  numeric::SplitMix words{99};
  std::array<std::uint64_t, 4> state{};
  for (auto& word : state) word = words.next();
  Random seeded{99}, expected{state};
  for (int i = 0; i < 10; ++i) REQUIRE(seeded.next() == expected.next());
}

TEST_CASE("seeds and streams all differ, and equal ones repeat") {
  std::set<std::uint64_t> first_numbers;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    for (std::uint64_t stream = 0; stream < 100; ++stream) first_numbers.insert(Random{seed, stream}.next());
  }
  REQUIRE(first_numbers.size() == 10'000);
  REQUIRE(Random{7, 8}.next() == Random{7, 8}.next());
}

TEST_CASE("neighbouring streams are not correlated") {
  const int n = 20'000;
  for (std::uint64_t stream = 0; stream < 5; ++stream) {
    Random a{1, stream}, b{1, stream + 1};
    double product = 0;
    for (int i = 0; i < n; ++i) product += (a.uniform() - 0.5) * (b.uniform() - 0.5) / n;
    REQUIRE(std::fabs(product) < 5 * (1.0 / 12) / std::sqrt(n));
  }
}

TEST_CASE("the first numbers of many streams are uniform") {
  std::array<int, 20> counts{};
  for (std::uint64_t stream = 0; stream < 20'000; ++stream) {
    ++counts.at(static_cast<std::size_t>(Random{5, stream}.uniform() * 20));
  }
  REQUIRE(chi_square(counts, 1000) < 60);  // 19 degrees of freedom: exceeded once in 250,000 times
}

TEST_CASE("uniform lies in [0, 1) with the moments of the uniform distribution") {
  Random random{1};
  const int n = 100'000;
  double mean = 0, square = 0;
  for (int i = 0; i < n; ++i) {
    const double u = random.uniform();
    REQUIRE((u >= 0 && u < 1));
    mean += u / n;
    square += u * u / n;
  }
  REQUIRE(std::fabs(mean - 0.5) < 5 * std::sqrt(1.0 / 12 / n));
  REQUIRE(std::fabs(square - 1.0 / 3) < 5 * std::sqrt(4.0 / 45 / n));
}

TEST_CASE("uniform keeps 53 bits") {
  // The first output of this state is all ones: rotl(0 + 2^64 - 1, 23) + 0.
  Random random{std::array<std::uint64_t, 4>{0, 0, 0, ~std::uint64_t{0}}};
  REQUIRE(random.uniform() == 1 - 0x1p-53);
}

TEST_CASE("normal has the moments and the tail of the normal distribution") {
  Random random{2};
  const int n = 100'000;
  std::array<double, 4> moments{};
  int beyond_two = 0;
  for (int i = 0; i < n; ++i) {
    const double z = random.normal();
    double power = 1;
    for (double& moment : moments) moment += (power *= z) / n;
    beyond_two += std::fabs(z) > 2;
  }
  REQUIRE(std::fabs(moments[0]) < 5 * std::sqrt(1.0 / n));
  REQUIRE(std::fabs(moments[1] - 1) < 5 * std::sqrt(2.0 / n));
  REQUIRE(std::fabs(moments[2]) < 5 * std::sqrt(15.0 / n));
  REQUIRE(std::fabs(moments[3] - 3) < 5 * std::sqrt(96.0 / n));
  const double tail = 0.0455002638963584;
  REQUIRE(std::fabs(static_cast<double>(beyond_two) / n - tail) < 5 * std::sqrt(tail / n));
}

TEST_CASE("normal is finite for the smallest and the largest draw") {
  Random smallest{std::array<std::uint64_t, 4>{0, 1, 0, 0}};  // its first output is 0
  Random largest{std::array<std::uint64_t, 4>{0, 0, 0, ~std::uint64_t{0}}};
  const double low = smallest.normal(), high = largest.normal();
  REQUIRE(std::isfinite(low));
  REQUIRE(low < -8);
  REQUIRE(high == -low);
}

TEST_CASE("below is uniform for small ranges") {
  Random random{3};
  for (const std::uint64_t n : {1u, 2u, 3u, 7u, 10u, 64u}) {
    std::vector<int> counts(n);
    for (std::uint64_t i = 0; i < 1000 * n; ++i) ++counts.at(random.below(n));
    const double freedom = static_cast<double>(n) - 1;
    REQUIRE(chi_square(counts, 1000) <= freedom + 5 * std::sqrt(2 * freedom) + 10);
  }
}

TEST_CASE("below is not biased for ranges that do not divide 2^64") {
  // Taking a draw modulo n = 2^64 * 2/3 would give the lower half of the range twice as often as the upper.
  Random random{4};
  const std::uint64_t n = 0xaaaaaaaaaaaaaaaau;
  int lower = 0;
  const int draws = 20'000;
  for (int i = 0; i < draws; ++i) {
    const auto x = random.below(n);
    REQUIRE(x < n);
    lower += x < n / 2;
  }
  REQUIRE(std::abs(lower - draws / 2) < 5 * std::sqrt(draws / 4.0));
  const std::uint64_t all = ~std::uint64_t{0};
  for (int i = 0; i < 100; ++i) REQUIRE(random.below(all) < all);
}

TEST_CASE("below refuses an empty range") {
  REQUIRE_THROWS_AS(Random{1}.below(0), hposearch::InvalidArgument);
  REQUIRE_THROWS_WITH(Random{1}.below(0), "\"n\" = 0: must be at least 1");
}

TEST_CASE("shuffle permutes, and every order of four is as likely as any other") {
  Random random{5};
  std::vector<int> many(1000);
  std::iota(many.begin(), many.end(), 0);
  auto shuffled = many;
  random.shuffle(std::span{shuffled});
  REQUIRE(shuffled != many);
  REQUIRE(std::is_permutation(many.begin(), many.end(), shuffled.begin()));

  std::map<std::string, int> orders;
  for (int i = 0; i < 24'000; ++i) {
    std::string order = "abcd";
    random.shuffle(std::span{order});
    ++orders[order];
  }
  REQUIRE(orders.size() == 24);
  std::vector<int> counts;
  for (const auto& [order, count] : orders) counts.push_back(count);
  REQUIRE(chi_square(counts, 1000) < 70);  // 23 degrees of freedom: exceeded less than once in 100,000 times
}

TEST_CASE("shuffle of nothing and of one does nothing") {
  Random random{6};
  std::vector<int> none, one{1};
  random.shuffle(std::span{none});
  random.shuffle(std::span{one});
  REQUIRE(one == std::vector{1});
}

TEST_CASE("normal numbers are the same on every machine") {
  Random random{7};
  std::uint64_t hash = 0;
  for (int i = 0; i < 10'000; ++i) hash = numeric::mix_bits(hash ^ std::bit_cast<std::uint64_t>(random.normal())) + 1;
  REQUIRE(hash == 0x9a31b5701526e7a1u);
}
