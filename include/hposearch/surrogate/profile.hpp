/// \file
/// The constant mean and the scale of a Gaussian process that explain the targets best, in closed form.
#pragma once

#include <algorithm>

#include <Eigen/Core>

#include <hposearch/numeric/cholesky.hpp>

namespace hposearch::inline v0 {

/// What the other parameters leave for the mean and the scale.
struct Profile {
  double mean = 0;
  double scale = 1;        ///< variance of the function
  double misfit = 0;       ///< r^T A^-1 r for r = targets - mean
  Eigen::MatrixXd solved;  ///< A^-1 r and A^-1 1, n x 2
};

/// The mean m at the maximum of the likelihood, and the scale s = (w + r^T A^-1 r) / (w + n) at the maximum of its
/// product with an inverse-gamma density of weight w. Source: Rasmussen and Williams (2006), section 2.7.
/// \param factor       of A, the covariance over the scale
/// \param scale_weight w; 0 gives the scale of the maximum likelihood
[[nodiscard]] inline Profile profile(const numeric::Cholesky& factor, const Eigen::VectorXd& targets,
                                     double scale_weight) {
  const Eigen::Index n = targets.size();
  Profile result{.mean = 0, .scale = 1, .misfit = 0, .solved = Eigen::MatrixXd(n, 2)};
  double* weights = result.solved.data();
  double* ones = weights + n;
  std::copy_n(targets.data(), n, weights);
  std::fill_n(ones, n, 1.0);
  factor.solve(result.solved);
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

}  // namespace hposearch::inline v0
