/// \file
/// Distances between floating-point numbers.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

/// How many doubles lie between a and b, both ends counted once: 0 for the same bits, 1 for neighbours. -0 and +0 count
/// as different; nan is equal to nan, and farther than anything from all else.
[[nodiscard]] inline std::uint64_t ulp_distance(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) {
    return std::isnan(a) && std::isnan(b) ? 0 : std::numeric_limits<std::uint64_t>::max();
  }
  // Negative numbers count downwards, so that the order of the codes is that of the numbers.
  const auto code = [](double x) {
    const auto bits = std::bit_cast<std::uint64_t>(x);
    const std::uint64_t sign = std::uint64_t{1} << 63;
    return (bits & sign) != 0 ? ~bits : bits | sign;
  };
  return code(a) > code(b) ? code(a) - code(b) : code(b) - code(a);
}

/// |value - expected| / |expected|; 0 where both are equal.
[[nodiscard]] inline double relative_error(double value, double expected) {
  return value == expected ? 0 : std::fabs(value - expected) / std::fabs(expected);
}
