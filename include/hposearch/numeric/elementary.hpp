/// \file
/// exp, log, expm1 and log1p that give the same bits on every machine.
///
/// The C library's own differ in the last bit between versions and processors, and one bit is enough to make two runs
/// of a search part. These use only + - * / and integer operations, each rounded as IEEE 754 says.
/// Largest errors measured, in units of the last place: exp 1.0, expm1 1.2, log 0.9, log1p 0.9.
///
/// Compilers that may fuse a multiplication and an addition (-mfma or -march=native without -ffp-contract=off) can
/// change the last bit.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

namespace hposearch::inline v0::numeric {

namespace detail {

inline constexpr double infinity = std::numeric_limits<double>::infinity();
inline constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
inline constexpr double smallest_normal = std::numeric_limits<double>::min();

// log(2) in two parts: the first has 42 bits, so that its product with any exponent is exact.
inline constexpr double ln2_high = 0x1.62e42fefa38p-1;
inline constexpr double ln2_low = 0x1.ef35793c7673p-45;

/// Adding this rounds a double to an integer, which then stands in the low bits of the sum.
inline constexpr double round_shift = 0x1.8p52;

/// 2^k, where the integer k, -1023 < k < 1024, comes as the sum k + round_shift.
[[nodiscard]] inline double power_of_two(double shifted) noexcept {
  return std::bit_cast<double>((std::bit_cast<std::uint64_t>(shifted) + 1023) << 52);
}

/// x = k log(2) + r + r_low with |r| <= log(2) / 2.
struct ExpParts {
  double shifted;  ///< k + round_shift
  double r;
  double r_low;  ///< what r lost by rounding
  double tail;   ///< exp(r) - 1 - r
};

[[nodiscard]] inline ExpParts exp_parts(double x) noexcept {
  const double shifted = x * 0x1.71547652b82fep+0 + round_shift;
  const double k = shifted - round_shift;
  const double high = x - k * ln2_high;
  const double r = high - k * ln2_low;
  const double r_low = (high - r) - k * ln2_low;
  const double z = r * r;
  // Chebyshev fit of (exp(r) - 1 - r) / r^2, relative error 3e-18, as even + r * odd.
  const double even =
      0x1p-1 + z * (0x1.5555555555556p-5 +
                    z * (0x1.6c16c16c162cfp-10 +
                         z * (0x1.a01a01a6db488p-16 + z * (0x1.27e4db5bb725ap-22 + z * 0x1.1f7315649f2d7p-29))));
  const double odd = 0x1.5555555555557p-3 +
                     z * (0x1.11111111100d3p-7 +
                          z * (0x1.a01a01abeccc3p-13 + z * (0x1.71de02225a2f3p-19 + z * 0x1.af4e092e1705bp-26)));
  return {shifted, r, r_low, z * (even + r * odd)};
}

/// mantissa * 2^k in two steps, since 2^k itself may overflow or be denormal; only the second one rounds.
[[nodiscard]] inline double scale_exponent(double mantissa, double shifted) noexcept {
  const double k = shifted - round_shift;
  const double half = 0.5 * k + round_shift;
  const double rest = (k - (half - round_shift)) + round_shift;
  return mantissa * power_of_two(half) * power_of_two(rest);
}

/// Bound of |x| below which exp(x) and its scale are normal numbers.
inline constexpr double exp_bound = 708;

/// exp(x) for |x| <= exp_bound.
[[nodiscard]] inline double exp_inside(double x) noexcept {
  const ExpParts parts = exp_parts(x);
  return (1.0 + (parts.r + parts.tail)) * power_of_two(parts.shifted);
}

/// log(x * 2^(1023 - bias)) + correction for a normal x > 0; the correction must be far below the logarithm.
///
/// With x = 2^k (1 + f), sqrt(1/2) <= 1 + f < sqrt(2), and s = f / (2 + f): log(1 + f) = 2 s + s^3 tail(s^2), where 2 s
/// is taken as f - f^2/2 + s f^2/2, whose first term is exact.
[[nodiscard]] inline double log_inside(double x, double bias = 1023.0, double correction = 0.0) noexcept {
  constexpr auto root_half = std::bit_cast<std::uint64_t>(0x1.6a09e667f3bcdp-1);
  constexpr auto one = std::bit_cast<std::uint64_t>(1.0);
  constexpr auto mantissa = (std::uint64_t{1} << 52) - 1;
  const std::uint64_t bits = std::bit_cast<std::uint64_t>(x) + (one - root_half);
  // The exponent becomes the low bits of 2^52 + exponent: SSE2 has no conversion from 64-bit integers.
  const double k = std::bit_cast<double>((bits >> 52) | std::bit_cast<std::uint64_t>(0x1p52)) - (0x1p52 + bias);
  const double f = std::bit_cast<double>((bits & mantissa) + root_half) - 1.0;

  const double s = f / (2.0 + f);
  const double half_square = 0.5 * f * f;
  const double z = s * s;
  const double w = z * z;
  // Chebyshev fit of (log((1 + s) / (1 - s)) / s - 2) / z, error 3e-18, as even + z * odd.
  const double even =
      0x1.5555555555555p-1 + w * (0x1.2492492476a1ap-2 + w * (0x1.745cf8e4bba1bp-3 + w * 0x1.0fbde0f4ad17bp-3));
  const double odd =
      0x1.9999999999a39p-2 + w * (0x1.c71c7201a55d7p-3 + w * (0x1.3b1c3c1c81c8fp-3 + w * 0x1.0c0aff044a97p-3));
  const double tail = s * (half_square + z * (even + z * odd)) + (k * ln2_low + correction);
  return k * ln2_high - ((half_square - tail) - f);
}

}  // namespace detail

/// e^x: inf above 709.78, denormal below -708.4, 0 below -745.13, nan for nan.
[[nodiscard]] inline double exp(double x) noexcept {
  if (std::fabs(x) <= detail::exp_bound) return detail::exp_inside(x);
  if (std::isnan(x)) return x;
  const auto parts = detail::exp_parts(std::clamp(x, -746.0, 710.0));
  return detail::scale_exponent(1.0 + (parts.r + parts.tail), parts.shifted);
}

/// e^x - 1, accurate for small x as well: -1 for -inf, inf above 709.78, nan for nan, x for +-0.
[[nodiscard]] inline double expm1(double x) noexcept {
  if (x == 0.0 || std::isnan(x)) return x;
  const auto [shifted, r, r_low, tail] = detail::exp_parts(std::clamp(x, -40.0, 710.0));
  // exp(r) 2^k - 1 = 2^k (c + r + r_low + tail). The sum c + r is kept in two parts, so that only the last step rounds.
  const double k = shifted - detail::round_shift;
  const double c = 1.0 - detail::power_of_two(detail::round_shift - std::min(k, 64.0));
  const double sum = c + r;
  const double part = sum - c;
  const double sum_low = (c - (sum - part)) + (r - part);
  return detail::scale_exponent(sum + (sum_low + (r_low + tail)), shifted);
}

/// Natural logarithm: -inf for +-0, nan for negative x and nan, inf for inf.
[[nodiscard]] inline double log(double x) noexcept {
  if (x >= detail::smallest_normal && x < detail::infinity) return detail::log_inside(x);
  if (x == 0.0) return -detail::infinity;
  if (!(x > 0.0)) return detail::not_a_number;
  return x == detail::infinity ? x : detail::log_inside(x * 0x1p54, 1023.0 + 54.0);
}

/// log(1 + x), accurate for small x as well: -inf for -1, nan below -1 and for nan, inf for inf, x for +-0.
[[nodiscard]] inline double log1p(double x) noexcept {
  if (x == 0.0 || x == detail::infinity) return x;
  if (!(x > -1.0)) return x == -1.0 ? -detail::infinity : detail::not_a_number;
  const double u = 1.0 + x;
  const double part = u - 1.0;
  const double rounded_off = (1.0 - (u - part)) + (x - part);
  return detail::log_inside(u, 1023.0, rounded_off / u);
}

namespace detail {

/// `inside` of every value of a chunk if all are in range, else `any` of each.
///
/// Buffers of a fixed length, and no branch within the loop, are what g++ -O2 turns into vector code.
/// \param outside bit 63 of its value is set where `inside` does not hold
template <class Inside, class Any, class Outside>
void transform_in_place(std::span<double> values, Inside inside, Any any, Outside outside) noexcept {
  constexpr std::size_t chunk = 32;
  std::array<double, chunk> buffer;
  for (; values.size() >= chunk; values = values.subspan(chunk)) {
    std::copy_n(values.begin(), chunk, buffer.begin());
    std::uint64_t flags = 0;
    for (std::size_t i = 0; i < chunk; ++i) flags |= outside(std::bit_cast<std::uint64_t>(buffer[i]));
    if ((flags >> 63) != 0) {
      for (std::size_t i = 0; i < chunk; ++i) values[i] = any(buffer[i]);
    } else {
      for (std::size_t i = 0; i < chunk; ++i) buffer[i] = inside(buffer[i]);
      std::copy_n(buffer.begin(), chunk, values.begin());
    }
  }
  for (double& value : values) value = any(value);
}

}  // namespace detail

/// exp of every value, with the same bits as one by one but faster.
inline void exp_in_place(std::span<double> values) noexcept {
  constexpr auto bound = std::bit_cast<std::uint64_t>(detail::exp_bound);
  constexpr auto magnitude = ~std::uint64_t{0} >> 1;
  detail::transform_in_place(
      values, [](double x) { return detail::exp_inside(x); }, [](double x) { return exp(x); },
      [](std::uint64_t bits) { return bound - (bits & magnitude); });
}

/// log of every value, with the same bits as one by one but faster.
inline void log_in_place(std::span<double> values) noexcept {
  constexpr auto first = std::bit_cast<std::uint64_t>(detail::smallest_normal);
  constexpr auto last = std::bit_cast<std::uint64_t>(detail::infinity) - 1;
  detail::transform_in_place(
      values, [](double x) { return detail::log_inside(x); }, [](double x) { return log(x); },
      [](std::uint64_t bits) { return (bits - first) | (last - bits); });
}

}  // namespace hposearch::inline v0::numeric
