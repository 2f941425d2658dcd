/// \file
/// A draw from the posterior of a Gaussian process.
#pragma once

#include <cmath>

#include <Eigen/Core>

#include <hposearch/numeric/cholesky.hpp>
#include <hposearch/numeric/random.hpp>
#include <hposearch/space/encoded_space.hpp>
#include <hposearch/surrogate/correlations.hpp>
#include <hposearch/surrogate/gaussian_process.hpp>

namespace hposearch::inline v0 {

/// One function drawn from the posterior: jointly at some points, and between them what is then expected.
///
/// With the factor L of the correlations of data and points, values at the points are mean + L_22 z with standard
/// normal z, and the weights of all correlations are those of the data plus L^-T (0, z): Rasmussen and Williams (2006),
/// section A.2. Pending points do not count: draws differ without them.
class PosteriorDraw {
 public:
  /// Draws at the rows of `points` (m x d, canonical); those that add nothing in floating point are left out. Costs
  /// O(m (n + m)^2). `model` must outlive the draw and may grow or shrink by pending points meanwhile.
  PosteriorDraw(const GaussianProcess& model, const EncodedPoints& points, numeric::Random& random)
      : model_(&model), scaled_(model.observations() + points.rows(), model.dimensions()) {
    const Eigen::Index observed = model.observations();
    for (Eigen::Index j = 0; j < scaled_.cols(); ++j) {
      for (Eigen::Index i = 0; i < observed; ++i) scaled_(i, j) = model.scaled_points()(i, j);
    }
    numeric::Cholesky factor = model.factor();
    factor.truncate(observed);
    const double deviation = std::sqrt(model.scale());
    weights_ = Eigen::VectorXd::Zero(scaled_.rows());
    for (Eigen::Index i = 0; i < points.rows(); ++i) {
      const Eigen::Index size = factor.size();
      Correlations with{model, scaled_, size};
      with.move_to(points.row(i));
      Eigen::VectorXd row(size + 1);
      for (Eigen::Index k = 0; k < size; ++k) row[k] = with.values()[k];
      row[size] = 1 + jitter;
      const double normal = random.normal();
      if (!factor.append(row)) continue;
      for (Eigen::Index j = 0; j < scaled_.cols(); ++j) scaled_(size, j) = with.scaled()[j];
      weights_[size] = deviation * normal;
    }
    size_ = factor.size();
    factor.solve_upper(weights_.head(size_));
    for (Eigen::Index i = 0; i < observed; ++i) weights_[i] += model.weights()[i];
  }

  [[nodiscard]] const GaussianProcess& model() const noexcept { return *model_; }

  /// The correlations that value() takes.
  [[nodiscard]] Correlations correlations() const { return {*model_, scaled_, size_}; }

  /// The drawn function where `at` is.
  [[nodiscard]] double value(const Correlations& at) const { return model_->mean() + at.sum(weights_.data()); }

  /// Adds its gradient there times `factor`.
  void add_gradient(const Correlations& at, double factor, Eigen::Ref<EncodedPoint> gradient) const {
    at.add_gradient(weights_.data(), factor, gradient);
  }

 private:
  static constexpr double jitter = 1e-8;

  const GaussianProcess* model_;
  Eigen::MatrixXd scaled_;  // data, then the points drawn at
  Eigen::VectorXd weights_;
  Eigen::Index size_ = 0;
};

}  // namespace hposearch::inline v0
