/// \file
/// The Halton sequence.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <hposearch/error.hpp>
#include <hposearch/numeric/random.hpp>
#include <hposearch/text.hpp>

namespace hposearch::inline v0::numeric {

/// Points of the unit cube that fill it evenly: coordinate j of point i are the digits of i in base p_j, the j-th
/// prime, mirrored at the radix point. J. H. Halton, "On the efficiency of certain quasi-random sequences of points",
/// Numerische Mathematik 2 (1960).
///
/// Many bases are correlated in their first points, so the digits should be scrambled: digit k in base p becomes
/// (a digit + c) mod p with random a and c for each k and p. J. Matousek, "On the L2-discrepancy for anchored boxes",
/// Journal of Complexity 14 (1998), section 4. const members may be called by several threads.
class Halton {
 public:
  /// Scrambled by `seed`.
  Halton(std::size_t dimensions, std::uint64_t seed) : Halton(dimensions) { seed_ = seed; }

  /// The sequence itself; its point 0 is the origin.
  [[nodiscard]] static Halton unscrambled(std::size_t dimensions) { return Halton{dimensions}; }

  [[nodiscard]] std::size_t dimensions() const noexcept { return primes_.size(); }

  /// Writes point `index` to `point`, each coordinate in [0, 1).
  /// \throws InvalidArgument unless `point` has dimensions() elements
  void at(std::uint64_t index, std::span<double> point) const {
    if (point.size() != dimensions()) {
      throw InvalidArgument("point", to_text(point.size()) + " coordinates", "must have " + to_text(dimensions()));
    }
    for (std::size_t j = 0; j < point.size(); ++j) point[j] = coordinate(index, j);
  }

 private:
  explicit Halton(std::size_t dimensions) {
    for (std::uint64_t candidate = 2; primes_.size() < dimensions; ++candidate) {
      bool prime = true;
      for (std::size_t k = 0; k < primes_.size() && primes_[k] * primes_[k] <= candidate && prime; ++k) {
        prime = candidate % primes_[k] != 0;
      }
      if (prime) primes_.push_back(candidate);
    }
  }

  [[nodiscard]] double coordinate(std::uint64_t index, std::size_t j) const {
    const std::uint64_t base = primes_[j];
    std::optional<Random> random;
    if (seed_) random.emplace(*seed_, base);
    double sum = 0, weight = 1;
    // Scrambled zeros need not be zeros: go on to the digits that no longer count.
    while (random ? weight > 0x1p-54 : index > 0) {
      weight /= static_cast<double>(base);
      std::uint64_t digit = index % base;
      index /= base;
      if (random) {
        const std::uint64_t factor = 1 + random->below(base - 1);
        digit = (factor * digit + random->below(base)) % base;
      }
      sum += weight * static_cast<double>(digit);
    }
    return sum < 1 ? sum : 0x1.fffffffffffffp-1;
  }

  std::vector<std::uint64_t> primes_;
  std::optional<std::uint64_t> seed_;
};

}  // namespace hposearch::inline v0::numeric
