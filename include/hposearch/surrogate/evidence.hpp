/// \file
/// The log marginal likelihood of a Gaussian process and its gradient.
#pragma once

#include <cmath>
#include <limits>
#include <utility>

#include <Eigen/Core>

#include <hposearch/numeric/cholesky.hpp>
#include <hposearch/numeric/elementary.hpp>
#include <hposearch/numeric/elementwise.hpp>
#include <hposearch/surrogate/kernel.hpp>
#include <hposearch/surrogate/profile.hpp>

namespace hposearch::inline v0 {

/// How well parameters explain the targets, with the mean and the scale at their best.
///
/// The model is y = m + f(x) + noise, cov f = s k(x, x'; theta), var noise = s g. The parameters are theta of Kernel
/// and then log g; the constant mean m maximises the likelihood, and the scale s its product with an inverse-gamma
/// density, which has a closed form: s = (w + r^T A^-1 r) / (w + n) with A = k + g I, r = y - m and the weight w. Both
/// being at their maximum, the gradient holds them still. Source: Rasmussen and Williams (2006), sections 2.7 and 5.4.
///
/// Not thread-safe: it holds the work space, so that one evaluation does not allocate.
class Evidence {
 public:
  /// \param points       n x d canonical points, column-major
  /// \param targets      n targets
  /// \param scale_weight w above; 0 gives the scale of the maximum likelihood
  Evidence(Kernel kernel, Eigen::MatrixXd points, Eigen::VectorXd targets, double scale_weight)
      : kernel_(std::move(kernel)),
        points_(std::move(points)),
        targets_(std::move(targets)),
        scale_weight_(scale_weight) {
    const Eigen::Index n = points_.rows();
    scaled_.resize(n, points_.cols());
    covariance_.resize(n, n);
    slope_.resize(n, n);
    terms_.resize(n);
    point_.resize(points_.cols());
    factor_.reserve(n);
  }

  /// log p(y | parameters) + log of the scale's density (up to a constant); minus infinity where the covariance is not
  /// positive definite. \param gradient gets the derivative by each parameter
  [[nodiscard]] double operator()(const Eigen::VectorXd& parameters, Eigen::VectorXd& gradient) {
    const double value = (*this)(parameters);
    gradient.setZero(parameters.size());
    if (std::isfinite(value)) differentiate(parameters, gradient);
    return value;
  }

  /// The value alone, at about a third of the cost.
  [[nodiscard]] double operator()(const Eigen::VectorXd& parameters) {
    build(parameters);
    if (!factor_.factor(covariance_)) return -std::numeric_limits<double>::infinity();
    profile_ = profile(factor_, targets_, scale_weight_);
    return log_evidence(profile_, factor_.log_determinant(), scale_weight_);
  }

  /// Of the last evaluation.
  [[nodiscard]] double mean() const noexcept { return profile_.mean; }
  [[nodiscard]] double scale() const noexcept { return profile_.scale; }
  [[nodiscard]] const numeric::Cholesky& factor() const noexcept { return factor_; }

 private:
  // A = k + g I in the lower triangle of covariance_, slopes in that of slope_.
  void build(const Eigen::VectorXd& parameters) {
    const Eigen::Index n = points_.rows(), d = points_.cols();
    const Eigen::RowVectorXd scales = kernel_.scales(parameters);
    rates_ = kernel_.rates(parameters);
    for (Eigen::Index j = 0; j < d; ++j)
      for (Eigen::Index i = 0; i < n; ++i) scaled_(i, j) = points_(i, j) * scales[j];
    const double noise = numeric::exp(parameters[d]);
    for (Eigen::Index i = 0; i < n; ++i) {
      for (Eigen::Index j = 0; j < d; ++j) point_[j] = scaled_(i, j);
      kernel_.correlate({scaled_.data() + i, n - i, n}, point_.data(), rates_, &covariance_(i, i), &slope_(i, i));
      covariance_(i, i) = 1 + noise;
    }
  }

  // d value / d p = -1/2 sum_ij M_ij dA_ij / dp with M = A^-1 - a a^T / s and a = A^-1 r.
  void differentiate(const Eigen::VectorXd& parameters, Eigen::VectorXd& gradient) {
    const Eigen::Index n = points_.rows(), d = points_.cols();
    inverse_ = factor_.inverse();
    const double* weights = profile_.solved.data();
    const double scale = profile_.scale;
    double trace = 0;
    for (Eigen::Index i = 0; i < n; ++i) {
      trace += inverse_(i, i) - weights[i] * weights[i] / scale;
      // What stands below the diagonal in column i.
      const Eigen::Index below = n - i - 1, first = i + 1 + n * i;
      double* column = inverse_.data() + first;
      const double* correlation = covariance_.data() + first;
      const double* slope = slope_.data() + first;
      const double factor = weights[i] / scale;
      numeric::for_each_element(below,
                                [&](auto at) { at.set(column, at.of(column) - at.of(weights + i + 1) * factor); });
      for (Eigen::Index j = 0; j < d; ++j) {
        const double* coordinate = scaled_.data() + n * j + i + 1;
        const double here = scaled_(i, j);
        if (kernel_.categorical(j)) {
          const auto differs = [&](auto at) { at.set(terms_.data(), at.of(column) * at.of(correlation)); };
          numeric::for_each_element(below, differs);
          for (Eigen::Index k = 0; k < below; ++k) terms_[k] *= coordinate[k] == here ? 0.0 : 1.0;
          gradient[j] += rates_[j] * numeric::ordered_sum(below, [&](auto at) { return at.of(terms_.data()); });
        } else {
          gradient[j] -= numeric::ordered_sum(below, [&](auto at) {
            const auto difference = at.of(coordinate) - here;
            return at.of(column) * at.of(slope) * (difference * difference);
          });
        }
      }
    }
    gradient[d] = -0.5 * trace * numeric::exp(parameters[d]);
  }

  Kernel kernel_;
  Eigen::MatrixXd points_, scaled_;
  Eigen::VectorXd targets_;
  Eigen::RowVectorXd rates_, point_;
  Eigen::MatrixXd covariance_, slope_, inverse_;
  Eigen::VectorXd terms_;
  numeric::Cholesky factor_;
  double scale_weight_;
  Profile profile_;
};

}  // namespace hposearch::inline v0
