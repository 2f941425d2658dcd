/// \file
/// The constant mean and the scale of a Gaussian process that explain the targets best, in closed form.
#pragma once

#include <algorithm>
#include <numbers>
#include <utility>

#include <Eigen/Core>

#include <hposearch/numeric/cholesky.hpp>
#include <hposearch/numeric/elementary.hpp>

namespace hposearch::inline v0 {

/// What the other parameters leave for the mean and the scale.
struct Profile {
  double mean = 0;
  double scale = 1;        ///< variance of the function
  double misfit = 0;       ///< r^T A^-1 r for r = targets - mean
  Eigen::MatrixXd solved;  ///< A^-1 r and A^-1 1, n x 2
};

/// The right-hand sides that a profile is made of: targets and ones, n x 2.
[[nodiscard]] inline Eigen::MatrixXd targets_and_ones(const Eigen::VectorXd& targets) {
  const Eigen::Index n = targets.size();
  Eigen::MatrixXd result(n, 2);
  std::copy_n(targets.data(), n, result.data());
  std::fill_n(result.data() + n, n, 1.0);
  return result;
}

/// The mean m at the maximum of the likelihood, and the scale s = (w + r^T A^-1 r) / (w + n) at the maximum of its
/// product with an inverse-gamma density of weight w. Source: Rasmussen and Williams (2006), section 2.7.
/// \param solved       A^-1 times targets_and_ones(targets), with A the covariance over the scale
/// \param scale_weight w; 0 gives the scale of the maximum likelihood
[[nodiscard]] inline Profile profile(Eigen::MatrixXd solved, const Eigen::VectorXd& targets, double scale_weight) {
  const Eigen::Index n = targets.size();
  Profile result{.mean = 0, .scale = 1, .misfit = 0, .solved = std::move(solved)};
  double* weights = result.solved.data();
  const double* ones = weights + n;
  double ones_targets = 0, ones_ones = 0;
  for (Eigen::Index i = 0; i < n; ++i) {
    ones_targets += weights[i];
    ones_ones += ones[i];
  }
  result.mean = ones_targets / ones_ones;
  for (Eigen::Index i = 0; i < n; ++i) weights[i] -= result.mean * ones[i];
  for (Eigen::Index i = 0; i < n; ++i) result.misfit += (targets[i] - result.mean) * weights[i];
  result.misfit = std::max(result.misfit, 0.0);
  result.scale = (scale_weight + result.misfit) / (scale_weight + static_cast<double>(n));
  result.scale = std::max(result.scale, 1e-300);
  return result;
}

/// The same from the factor of A.
[[nodiscard]] inline Profile profile(const numeric::Cholesky& factor, const Eigen::VectorXd& targets,
                                     double scale_weight) {
  Eigen::MatrixXd solved = targets_and_ones(targets);
  factor.solve(solved);
  return profile(std::move(solved), targets, scale_weight);
}

/// log p(targets) + log of the scale's density (up to a constant), with the mean and the scale at their best.
/// \param log_determinant of A
[[nodiscard]] inline double log_evidence(const Profile& best, double log_determinant, double scale_weight) {
  const auto n = static_cast<double>(best.solved.rows());
  return -0.5 * (n + scale_weight) * numeric::log(best.scale) - 0.5 * log_determinant -
         0.5 * (best.misfit + scale_weight) / best.scale - 0.5 * n * numeric::log(2 * std::numbers::pi);
}

}  // namespace hposearch::inline v0
