/// \file
/// The Sobol sequence with Owen scrambling: points that fill the unit cube more evenly than random ones.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <vector>

#include <hposearch/error.hpp>
#include <hposearch/numeric/random.hpp>
#include <hposearch/numeric/sobol_directions.hpp>
#include <hposearch/text.hpp>

namespace hposearch::inline v0::numeric {

namespace detail {

/// Direction numbers of one dimension, the first in the highest bit.
using SobolDirections = std::array<std::uint32_t, 32>;

/// Directions of the dimension with this primitive polynomial and these initial numbers, one per degree, by the
/// recurrence of P. Bratley and B. L. Fox, "Algorithm 659", ACM Transactions on Mathematical Software 14 (1988).
[[nodiscard]] inline SobolDirections sobol_directions(std::uint32_t polynomial,
                                                      std::span<const std::uint16_t> initial_numbers) {
  SobolDirections v{};
  const std::size_t degree = initial_numbers.size();
  for (std::size_t j = 0; j < degree; ++j) v[j] = std::uint32_t{initial_numbers[j]} << (31 - j);
  for (std::size_t j = degree; j < v.size(); ++j) {
    v[j] = v[j - degree] ^ (v[j - degree] >> degree);
    for (std::size_t k = 1; k < degree; ++k) {
      if (((polynomial >> (degree - k)) & 1) != 0) v[j] ^= v[j - k];
    }
  }
  return v;
}

[[nodiscard]] constexpr std::uint32_t reverse_bits(std::uint32_t x) noexcept {
  x = ((x >> 1) & 0x55555555u) | ((x & 0x55555555u) << 1);
  x = ((x >> 2) & 0x33333333u) | ((x & 0x33333333u) << 2);
  x = ((x >> 4) & 0x0f0f0f0fu) | ((x & 0x0f0f0f0fu) << 4);
  x = ((x >> 8) & 0x00ff00ffu) | ((x & 0x00ff00ffu) << 8);
  return (x >> 16) | (x << 16);
}

/// Nested uniform scrambling: flips each bit of x depending on `seed` and the higher bits alone, so that every
/// elementary interval is carried to one of the same shape.
///
/// Hash-based as in B. Burley, "Practical hash-based Owen scrambling", Journal of Computer Graphics Techniques 9
/// (2020), with the constants of N. Vegdahl, "Building a better LK hash" (2021).
[[nodiscard]] constexpr std::uint32_t owen_scramble(std::uint32_t x, std::uint32_t seed) noexcept {
  x = reverse_bits(x);
  x ^= x * 0x3d20adeau;
  x += seed;
  x *= (seed >> 16) | 1;
  x ^= x * 0x05526c56u;
  x ^= x * 0x53a22864u;
  return reverse_bits(x);
}

}  // namespace detail

/// The Sobol sequence with the direction numbers of Joe and Kuo, in the Gray code order of I. A. Antonov and V. M.
/// Saleev (1979), which is also SciPy's. It has 2^32 points.
///
/// The points 0, ..., 2^m - 1 have one point in each of 2^m equal slices of every axis, scrambled or not. `at` may be
/// called by several threads at once.
class Sobol {
 public:
  /// Dimensions that there are direction numbers for.
  static constexpr std::size_t max_dimensions = std::size(detail::sobol_polynomials) + 1;

  /// Scrambled: each point is uniform over the seeds, strictly within (0, 1), on a grid of 2^32 cells' midpoints.
  ///
  /// Throws InvalidArgument above max_dimensions.
  Sobol(std::size_t dimensions, std::uint64_t scramble_seed) : Sobol(dimensions) {
    SplitMix seeds{scramble_seed};
    for (std::size_t j = 0; j < dimensions; ++j) seeds_.push_back(static_cast<std::uint32_t>(seeds.next() >> 32));
  }

  /// The plain sequence, whose first point is the origin. Throws InvalidArgument above max_dimensions.
  [[nodiscard]] static Sobol unscrambled(std::size_t dimensions) { return Sobol(dimensions); }

  [[nodiscard]] std::size_t dimensions() const noexcept { return directions_.size(); }

  /// Writes the point number `index`, counted from 0, to `out`.
  ///
  /// Throws InvalidArgument unless index < 2^32 and `out` has an element for every dimension.
  void at(std::uint64_t index, std::span<double> out) const {
    if (out.size() != dimensions()) {
      throw InvalidArgument("out", to_text(out.size()) + " elements", "must have " + to_text(dimensions()));
    }
    if (index >= (std::uint64_t{1} << 32)) throw InvalidArgument("index", to_text(index), "must be below 2^32");
    const auto gray_code = static_cast<std::uint32_t>(index ^ (index >> 1));
    for (std::size_t j = 0; j < out.size(); ++j) {
      const std::uint32_t x = coordinate(directions_[j], gray_code);
      out[j] = seeds_.empty() ? x * 0x1p-32 : (detail::owen_scramble(x, seeds_[j]) + 0.5) * 0x1p-32;
    }
  }

  /// Writes the next point to `out`, beginning with the one numbered 0. Throws like `at`.
  void next(std::span<double> out) {
    at(index_, out);
    ++index_;
  }

 private:
  explicit Sobol(std::size_t dimensions) {
    if (dimensions > max_dimensions) {
      throw InvalidArgument("dimensions", to_text(dimensions), "must be at most " + to_text(max_dimensions));
    }
    directions_.reserve(dimensions);
    std::span<const std::uint16_t> numbers{detail::sobol_initial_numbers};
    for (std::size_t j = 0; j < dimensions; ++j) {
      if (j == 0) {
        directions_.push_back(van_der_corput());
        continue;
      }
      const std::uint32_t polynomial = detail::sobol_polynomials[j - 1];
      const auto degree = static_cast<std::size_t>(std::bit_width(polynomial) - 1);
      directions_.push_back(detail::sobol_directions(polynomial, numbers.first(degree)));
      numbers = numbers.subspan(degree);
    }
  }

  /// The first dimension has no polynomial: its points are the integers with their bits in reverse.
  [[nodiscard]] static detail::SobolDirections van_der_corput() noexcept {
    detail::SobolDirections v{};
    for (std::size_t j = 0; j < v.size(); ++j) v[j] = std::uint32_t{1} << (31 - j);
    return v;
  }

  [[nodiscard]] static std::uint32_t coordinate(const detail::SobolDirections& directions,
                                                std::uint32_t gray_code) noexcept {
    std::uint32_t x = 0;
    for (; gray_code != 0; gray_code &= gray_code - 1) {
      x ^= directions[static_cast<std::size_t>(std::countr_zero(gray_code))];
    }
    return x;
  }

  std::vector<detail::SobolDirections> directions_;
  std::vector<std::uint32_t> seeds_;  ///< empty: unscrambled
  std::uint64_t index_ = 0;
};

}  // namespace hposearch::inline v0::numeric
