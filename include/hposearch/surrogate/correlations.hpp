/// \file
/// Correlations of any point with the data of a Gaussian process, and sums of them with their gradients.
#pragma once

#include <Eigen/Core>

#include <hposearch/numeric/dense.hpp>
#include <hposearch/surrogate/gaussian_process.hpp>
#include <hposearch/surrogate/kernel.hpp>

namespace hposearch::inline v0 {

/// The correlations of one point after another with points in scaled coordinates: what posterior means, draws and
/// fantasies are linear in.
///
/// Not thread-safe: it holds the last point.
class Correlations {
 public:
  /// With the points that `model` is conditioned on now, pending ones included. It must outlive this.
  explicit Correlations(const GaussianProcess& model) : Correlations(model, model.scaled_points(), model.size()) {}

  /// With the first `count` rows of `points` (in the scaled coordinates of `model`). Both must outlive this.
  Correlations(const GaussianProcess& model, const Eigen::MatrixXd& points, Eigen::Index count)
      : model_(&model), points_(&points), scaled_(model.dimensions()), value_(count), slope_(count) {}

  /// Number of correlations.
  [[nodiscard]] Eigen::Index size() const noexcept { return value_.size(); }

  /// Moves to `point`, which need not be canonical.
  void move_to(const Eigen::Ref<const EncodedPoint>& point) {
    for (Eigen::Index j = 0; j < scaled_.size(); ++j) scaled_[j] = point[j] * model_->scales()[j];
    model_->kernel().correlate({points_->data(), size(), points_->rows()}, scaled_.data(), model_->rates(),
                               value_.data(), slope_.data());
  }

  /// The point in scaled coordinates, and the correlations with it.
  [[nodiscard]] const Eigen::RowVectorXd& scaled() const noexcept { return scaled_; }
  [[nodiscard]] const Eigen::VectorXd& values() const noexcept { return value_; }

  /// The sum of the correlations times `weights`.
  [[nodiscard]] double sum(const double* weights) const { return numeric::dot(weights, value_.data(), size()); }

  /// Adds the gradient of sum(weights) times `factor`; categories get nothing.
  void add_gradient(const double* weights, double factor, Eigen::Ref<EncodedPoint> gradient) const {
    for (Eigen::Index j = 0; j < scaled_.size(); ++j) {
      if (model_->kernel().categorical(j)) continue;
      const double* column = points_->data() + points_->rows() * j;
      double total = 0;
      for (Eigen::Index k = 0; k < size(); ++k) total += weights[k] * slope_[k] * (scaled_[j] - column[k]);
      gradient[j] -= factor * model_->scales()[j] * total;
    }
  }

 private:
  const GaussianProcess* model_;
  const Eigen::MatrixXd* points_;
  Eigen::RowVectorXd scaled_;
  Eigen::VectorXd value_, slope_;
};

}  // namespace hposearch::inline v0
