/// \file
/// The constants of CMA-ES that follow from the number of dimensions and the population.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include <hposearch/numeric/elementary.hpp>

namespace hposearch::inline v0::cma_es {

/// 4 + floor(3 ln d), the default population for d dimensions.
[[nodiscard]] inline std::size_t default_population(std::size_t dimensions) {
  return 4 + static_cast<std::size_t>(std::floor(3 * numeric::log(static_cast<double>(dimensions))));
}

/// Weights and learning rates, pycma 4's defaults, which are those of N. Hansen, The CMA Evolution Strategy: A
/// Tutorial, arXiv 1604.00772 (2023), with the damping and the rank-mu rate slightly changed.
struct Constants {
  std::vector<double> weights;  ///< best first; positive ones add up to 1, negative ones shrink bad directions
  std::size_t mu = 0;           ///< number of positive weights
  double mu_effective = 0;
  double c_sigma = 0, damping = 0, c_c = 0, c_1 = 0, c_mu = 0;
  double expected_norm = 0;  ///< of a standard normal vector

  /// \param dimensions at least 1
  /// \param population at least 2
  Constants(std::size_t dimensions, std::size_t population) : mu(population / 2) {
    const auto n = static_cast<double>(dimensions);
    const auto lambda = static_cast<double>(population);
    double good = 0, good_squares = 0, bad = 0, bad_squares = 0;
    for (std::size_t i = 0; i < population; ++i) {
      const double weight = numeric::log((lambda + 1) / 2) - numeric::log(static_cast<double>(i + 1));
      weights.push_back(weight);
      (i < mu ? good : bad) += weight;
      (i < mu ? good_squares : bad_squares) += weight * weight;
    }
    mu_effective = good * good / good_squares;
    c_sigma = (mu_effective + 2) / (n + mu_effective + 3);
    damping = 1 + 2 * std::max(0.0, std::sqrt((mu_effective - 1) / (n + 1)) - 1) + c_sigma;
    c_c = (4 + mu_effective / n) / (n + 4 + 2 * mu_effective / n);
    c_1 = std::min(1.0, lambda / 6) * 2 / ((n + 1.3) * (n + 1.3) + mu_effective);
    c_mu = std::min(1 - c_1, 2 * (0.25 + mu_effective + 1 / mu_effective - 2) / ((n + 2) * (n + 2) + mu_effective));
    const double mu_bad = bad_squares > 0 ? bad * bad / bad_squares : 0;
    // No decay of C, a rate that suits the effective number, and C stays positive definite.
    const double bad_sum =
        std::min({1 + c_1 / c_mu, (1 - c_1 - c_mu) / (n * c_mu), 1 + 2 * mu_bad / (mu_effective + 2)});
    for (std::size_t i = 0; i < population; ++i) weights[i] *= i < mu ? 1 / good : bad < 0 ? -bad_sum / bad : 0;
    expected_norm = std::sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n));
  }
};

}  // namespace hposearch::inline v0::cma_es
