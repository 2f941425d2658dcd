/// \file
/// The standard normal distribution, accurate far into its tails, and the functions that log expected improvement is
/// made of.
///
/// Relative errors are below 1e-15, of the value itself and not of 1, for every argument whose result is a normal
/// number (log_h and its derivative: 1e-13). All functions return nan for nan.
#pragma once

#include <cmath>

#include <hposearch/numeric/elementary.hpp>

namespace hposearch::inline v0::numeric {

namespace detail {

inline constexpr double inverse_sqrt2 = 0x1.6a09e667f3bcdp-1;        // 1 / sqrt(2)
inline constexpr double inverse_sqrt_pi = 0x1.20dd750429b6dp-1;      // 1 / sqrt(pi)
inline constexpr double inverse_sqrt_two_pi = 0x1.9884533d43651p-2;  // 1 / sqrt(2 pi)
inline constexpr double sqrt_half_pi = 0x1.40d931ff62706p+0;         // sqrt(pi / 2)
inline constexpr double log_sqrt_two_pi = 0x1.d67f1c864beb5p-1;      // log(2 pi) / 2

/// The polynomial with the given coefficients, highest power first.
template <class... Rest>
[[nodiscard]] constexpr double polynomial(double x, double first, Rest... rest) noexcept {
  ((first = first * x + rest), ...);
  return first;
}

/// exp(factor * x^2), where factor is a power of two or its negative.
///
/// The rounding error of x^2 would grow with x^2 itself, so x is split into a part whose square is exact and a rest.
[[nodiscard]] inline double exp_square(double factor, double x) noexcept {
  if (!(std::fabs(x) < 64.0)) return exp(factor * x * x);
  constexpr double to_sixteenths = 0x1.8p48;
  const double head = (x + to_sixteenths) - to_sixteenths;
  return exp(factor * head * head) * exp(factor * (x - head) * (x + head));
}

/// erf(x) for |x| <= 0.46875.
[[nodiscard]] inline double erf_centre(double x) noexcept {
  const double y = x * x;
  return x *
         polynomial(y, 1.85777706184603153e-1, 3.16112374387056560e0, 1.13864154151050156e2, 3.77485237685302021e2,
                    3.20937758913846947e3) /
         polynomial(y, 1.0, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3);
}

/// erfcx(x) for x >= 0.46875.
[[nodiscard]] inline double erfcx_tail(double x) noexcept {
  if (x <= 4.0) {
    return polynomial(x, 2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594e0, 6.61191906371416295e1,
                      2.98635138197400131e2, 8.81952221241769090e2, 1.71204761263407058e3, 2.05107837782607147e3,
                      1.23033935479799725e3) /
           polynomial(x, 1.0, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2,
                      1.62138957456669019e3, 3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3,
                      1.23033935480374942e3);
  }
  const double y = 1.0 / x / x;
  const double correction = y *
                            polynomial(y, 1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1,
                                       1.25781726111229246e-1, 1.60837851487422766e-2, 6.58749161529837803e-4) /
                            polynomial(y, 1.0, 2.56852019228982242e0, 1.87295284992346047e0, 5.27905102951428412e-1,
                                       6.05183413124413191e-2, 2.33520497626869185e-3);
  return (inverse_sqrt_pi - correction) / x;
}

inline constexpr double erf_centre_bound = 0.46875;

/// x + 2 / (x + 3 / (x + ...)) for x >= 8, where 13 levels suffice: for all beyond, n / (x + ...) is taken to stay at
/// n = 14, which is the fixed point of g = x + 14 / g.
[[nodiscard]] inline double mills_fraction(double x) noexcept {
  constexpr double levels = 13;
  double g = 0.5 * (x + std::sqrt(x * x + 4.0 * (levels + 1.0)));
  for (double n = levels; n > 1.0; n -= 1.0) g = x + n / g;
  return g;
}

}  // namespace detail

/// Complementary error function, 1 - erf(x).
///
/// Rational approximations of W. J. Cody, "Rational Chebyshev approximations for the error function", Mathematics of
/// Computation 23 (1969), 631-637.
[[nodiscard]] inline double erfc(double x) noexcept {
  const double distance = std::fabs(x);
  if (distance <= detail::erf_centre_bound) return 1.0 - detail::erf_centre(x);
  const double tail = detail::erfcx_tail(distance) * detail::exp_square(-1.0, distance);
  return x < 0.0 ? 2.0 - tail : tail;
}

/// Scaled complementary error function, exp(x^2) erfc(x): inf below -26.6. Source as for erfc.
[[nodiscard]] inline double erfcx(double x) noexcept {
  const double distance = std::fabs(x);
  if (distance <= detail::erf_centre_bound) return (1.0 - detail::erf_centre(x)) * detail::exp_square(1.0, x);
  const double tail = detail::erfcx_tail(distance);
  return x < 0.0 ? 2.0 * detail::exp_square(1.0, distance) - tail : tail;
}

/// Density of the standard normal distribution.
[[nodiscard]] inline double pdf(double z) noexcept { return detail::inverse_sqrt_two_pi * detail::exp_square(-0.5, z); }

/// Logarithm of the density.
[[nodiscard]] inline double log_pdf(double z) noexcept { return -0.5 * z * z - detail::log_sqrt_two_pi; }

/// Probability of a standard normal variable below z.
[[nodiscard]] inline double cdf(double z) noexcept {
  const double distance = std::fabs(z) * detail::inverse_sqrt2;
  if (distance <= detail::erf_centre_bound) return 0.5 + 0.5 * detail::erf_centre(z * detail::inverse_sqrt2);
  const double tail = 0.5 * detail::erfcx_tail(distance) * detail::exp_square(-0.5, z);
  return z < 0.0 ? tail : 1.0 - tail;
}

/// Logarithm of the cdf: finite to z = -1e154, and below 0 until the cdf's distance from 1 is no longer a number.
[[nodiscard]] inline double log_cdf(double z) noexcept {
  if (z > 0.0) return log1p(-cdf(-z));
  if (z > -1.0) return log(cdf(z));
  return -0.5 * z * z + log(0.5 * erfcx(-z * detail::inverse_sqrt2));
}

/// The z whose cdf is p: -inf for 0, inf for 1, nan outside [0, 1].
///
/// Algorithm AS 241 (PPND16) of M. J. Wichura, "The percentage points of the normal distribution", Applied Statistics
/// 37 (1988), 477-484.
[[nodiscard]] inline double quantile(double p) noexcept {
  using detail::polynomial;
  const double q = p - 0.5;
  if (std::fabs(q) <= 0.425) {
    const double r = 0.180625 - q * q;
    return q *
           polynomial(r, 2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4,
                      4.5921953931549871457e4, 1.3731693765509461125e4, 1.9715909503065514427e3,
                      1.3314166789178437745e2, 3.3871328727963666080e0) /
           polynomial(r, 5.2264952788528545610e3, 2.8729085735721942674e4, 3.9307895800092710610e4,
                      2.1213794301586595867e4, 5.3941960214247511077e3, 6.8718700749205790830e2,
                      4.2313330701600911252e1, 1.0);
  }
  const double tail = q < 0.0 ? p : 1.0 - p;
  if (tail == 0.0) return q < 0.0 ? -detail::infinity : detail::infinity;
  const double r = std::sqrt(-log(tail));
  double z;
  if (r <= 5.0) {
    const double s = r - 1.6;
    z = polynomial(s, 7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1,
                   1.27045825245236838258e0, 3.64784832476320460504e0, 5.76949722146069140550e0,
                   4.63033784615654529590e0, 1.42343711074968357734e0) /
        polynomial(s, 1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2,
                   1.48103976427480074590e-1, 6.89767334985100004550e-1, 1.67638483018380384940e0,
                   2.05319162663775882187e0, 1.0);
  } else {
    const double s = r - 5.0;
    z = polynomial(s, 2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3,
                   2.65321895265761230930e-2, 2.96560571828504891230e-1, 1.78482653991729133580e0,
                   5.46378491116411436990e0, 6.65790464350110377720e0) /
        polynomial(s, 2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5,
                   7.86869131145613259100e-4, 1.48753612908506148525e-2, 1.36929880922735805310e-1,
                   5.99832206555887937690e-1, 1.0);
  }
  return q < 0.0 ? -z : z;
}

/// log h and its derivative, see log_h.
struct LogH {
  double value;
  double derivative;
};

/// log h(z) and d/dz log h(z) = cdf(z) / h(z), where h(z) = pdf(z) + z cdf(z) > 0 is the expected improvement of a
/// standard normal variable over -z.
///
/// S. Ament et al., "Unexpected improvements to expected improvement for Bayesian optimization", NeurIPS 2023, section
/// 4.1 and appendix A. With the Mills ratio m = cdf(-x) / pdf(x), x = -z, one has h(z) = pdf(z) (1 - x m). The paper
/// takes log(1 - x m) by log1mexp, and by an asymptotic formula far below. Here the tail is the continued fraction
/// m = 1 / (x + 1 / g), g = x + 2 / (x + 3 / (x + ...)) (Abramowitz and Stegun 26.2.14), which leaves nothing to
/// cancel: 1 - x m = 1 / (1 + x g), and the derivative is g itself. The value is -inf below z = -1e154.
[[nodiscard]] inline LogH log_h_with_derivative(double z) noexcept {
  if (z > -1.0) {
    const double probability = cdf(z);
    const double h = pdf(z) + z * probability;
    return {log(h), probability / h};
  }
  const double x = -z;
  if (x < 8.0) {
    const double mills = detail::sqrt_half_pi * erfcx(x * detail::inverse_sqrt2);
    const double h_over_pdf = 1.0 - x * mills;
    return {log_pdf(z) + log(h_over_pdf), mills / h_over_pdf};
  }
  const double g = detail::mills_fraction(x);
  return {log_pdf(z) - log(1.0 + x * g), g};
}

/// log(pdf(z) + z cdf(z)), the logarithm of the expected improvement in units of the standard deviation.
[[nodiscard]] inline double log_h(double z) noexcept { return log_h_with_derivative(z).value; }

/// d/dz log_h(z) = cdf(z) / (pdf(z) + z cdf(z)).
[[nodiscard]] inline double log_h_derivative(double z) noexcept { return log_h_with_derivative(z).derivative; }

}  // namespace hposearch::inline v0::numeric
