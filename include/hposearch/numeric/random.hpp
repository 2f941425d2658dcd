/// \file
/// Random numbers that are the same with every compiler and standard library.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>

#include <hposearch/error.hpp>
#include <hposearch/numeric/normal.hpp>
#include <hposearch/text.hpp>

namespace hposearch::inline v0::numeric {

/// A bijection of 64-bit numbers that spreads every bit over all: the output function of SplitMix64 (G. L. Steele,
/// D. Lea, C. H. Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014). 0 stays 0.
[[nodiscard]] constexpr std::uint64_t mix_bits(std::uint64_t x) noexcept {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

/// SplitMix64: for seeding, and for hashes of a few numbers.
class SplitMix {
 public:
  explicit constexpr SplitMix(std::uint64_t seed) noexcept : state_(seed) {}

  constexpr std::uint64_t next() noexcept { return mix_bits(state_ += 0x9e3779b97f4a7c15u); }

 private:
  std::uint64_t state_;
};

/// The generator xoshiro256++ 1.0 (D. Blackman, S. Vigna, "Scrambled linear pseudorandom number generators", ACM
/// Transactions on Mathematical Software 47, 2021), with its own distributions, since those of the standard library
/// differ between implementations. Satisfies std::uniform_random_bit_generator. Not to be shared by threads.
class Random {
 public:
  using result_type = std::uint64_t;

  /// Streams of one seed are independent of each other, and so are seeds of one stream. Stream 0 is seeded as the
  /// authors of xoshiro256++ advise.
  explicit constexpr Random(std::uint64_t seed, std::uint64_t stream = 0) noexcept {
    SplitMix words{seed ^ mix_bits(stream)};
    for (auto& word : state_) word = words.next();
  }

  /// Starts from a state, which must not be all zeros.
  explicit constexpr Random(const std::array<std::uint64_t, 4>& state) noexcept : state_(state) {}

  /// 64 random bits.
  constexpr std::uint64_t next() noexcept {
    auto& [a, b, c, d] = state_;
    const std::uint64_t result = std::rotl(a + d, 23) + a;
    const std::uint64_t shifted = b << 17;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = std::rotl(d, 45);
    return result;
  }

  /// Uniform on [0, 1), a multiple of 2^-53.
  [[nodiscard]] constexpr double uniform() noexcept { return static_cast<double>(next() >> 11) * 0x1p-53; }

  /// Standard normal: one draw by the inverse cdf, always finite.
  [[nodiscard]] double normal() noexcept {
    // Strictly within (0, 1) and symmetric about 1/2; exact, since 52 bits leave room for the half.
    return quantile((static_cast<double>(next() >> 12) + 0.5) * 0x1p-52);
  }

  /// Uniform on 0, ..., n - 1, without bias. Throws InvalidArgument unless n >= 1.
  [[nodiscard]] std::uint64_t below(std::uint64_t n) {
    if (n == 0) throw InvalidArgument("n", to_text(n), "must be at least 1");
    const int unused_bits = std::countl_zero((n - 1) | 1);
    std::uint64_t draw = next() >> unused_bits;
    while (draw >= n) draw = next() >> unused_bits;
    return draw;
  }

  /// Puts the values in random order; every order is as likely as any other.
  template <class T, std::size_t extent>
  void shuffle(std::span<T, extent> values) {
    using std::swap;
    for (std::size_t i = values.size(); i > 1; --i) swap(values[i - 1], values[below(i)]);
  }

  [[nodiscard]] static constexpr result_type min() noexcept { return 0; }
  [[nodiscard]] static constexpr result_type max() noexcept { return std::numeric_limits<result_type>::max(); }
  constexpr result_type operator()() noexcept { return next(); }

 private:
  std::array<std::uint64_t, 4> state_{};
};

}  // namespace hposearch::inline v0::numeric
