/// \file
/// The posterior of a Gaussian process: what the surrogate believes after the data.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

#include <Eigen/Core>

#include <hposearch/numeric/cholesky.hpp>
#include <hposearch/numeric/dense.hpp>
#include <hposearch/numeric/elementary.hpp>
#include <hposearch/surrogate/kernel.hpp>

namespace hposearch::inline v0 {

/// Means and variances of the noiseless function at many points.
struct Prediction {
  Eigen::ArrayXd mean, variance;
};

/// A Gaussian process conditioned on data, with fixed parameters.
///
/// The model is that of Evidence. Pending points can be appended: they take the posterior mean as their target, so that
/// only the variance changes (kriging believer, Ginsbourger, Le Riche and Carraro 2010), and are taken off again in no
/// time. Const members may run at the same time.
class GaussianProcess {
 public:
  /// \param points     n x d canonical points, column-major, n at least 1
  /// \param targets    n targets
  /// \param parameters theta of the kernel, then log noise over scale
  /// \param mean       the constant mean
  /// \param scale      the variance of the function
  ///
  /// Where the covariance is not positive definite, the noise is raised tenfold until it is.
  GaussianProcess(Kernel kernel, const Eigen::MatrixXd& points, const Eigen::VectorXd& targets,
                  const Eigen::VectorXd& parameters, double mean, double scale)
      : kernel_(std::move(kernel)),
        scales_(kernel_.scales(parameters.head(points.cols()))),
        rates_(kernel_.rates(parameters.head(points.cols()))),
        noise_(numeric::exp(parameters[points.cols()])),
        mean_(mean),
        scale_(scale),
        observations_(points.rows()) {
    scaled_.resize(points.rows(), points.cols());
    for (Eigen::Index j = 0; j < points.cols(); ++j) scaled_.col(j) = points.col(j) * scales_[j];
    Eigen::MatrixXd covariance(observations_, observations_);
    Eigen::ArrayXd slope(observations_);
    for (Eigen::Index i = 0; i < observations_; ++i) {
      const Eigen::Index rest = observations_ - i;
      kernel_.correlate(scaled_.bottomRows(rest), scaled_.row(i), rates_, covariance.col(i).tail(rest).array(),
                        slope.head(rest));
    }
    while (!factor(covariance)) noise_ *= 10;
    weights_ = targets.array() - mean_;
    factor_.solve(weights_);
    fitted_ = targets - noise_ * weights_.col(0);
  }

  [[nodiscard]] Eigen::Index dimensions() const noexcept { return scaled_.cols(); }
  /// Points it is conditioned on, pending ones included.
  [[nodiscard]] Eigen::Index size() const noexcept { return factor_.size(); }
  [[nodiscard]] double mean() const noexcept { return mean_; }
  [[nodiscard]] double scale() const noexcept { return scale_; }
  /// Variance of the noise over the scale.
  [[nodiscard]] double noise() const noexcept { return noise_; }
  [[nodiscard]] const Kernel& kernel() const noexcept { return kernel_; }
  /// sqrt(5) over the lengthscale, per dimension; of no use for categories.
  [[nodiscard]] const Eigen::RowVectorXd& scales() const noexcept { return scales_; }

  /// Posterior means at the n observed points.
  [[nodiscard]] const Eigen::VectorXd& fitted() const noexcept { return fitted_; }

  /// Conditions on a point whose value is not known yet. Where it adds nothing in floating point it is left out.
  void append(const Eigen::Ref<const EncodedPoint>& point) {
    const Eigen::Index n = size();
    Eigen::VectorXd row(n + 1);
    Eigen::ArrayXd slope(n);
    const Eigen::RowVectorXd scaled = point.cwiseProduct(scales_);
    kernel_.correlate(scaled_.topRows(n), scaled, rates_, row.head(n).array(), slope);
    row[n] = 1 + noise_;
    if (!factor_.append(row)) return;
    if (scaled_.rows() == n) scaled_.conservativeResize(n + n / 4 + 8, Eigen::NoChange);
    scaled_.row(n) = scaled;
    inverse_.resize(0, 0);
  }

  /// Takes off appended points down to `size`, at least the number of observations.
  void truncate(Eigen::Index size) {
    factor_.truncate(std::max(size, observations_));
    inverse_.resize(0, 0);
  }

  /// Prepares for queries by Query; to be called after the last append.
  void prepare() {
    if (inverse_.rows() != size()) inverse_ = factor_.inverse();
  }

  /// log density of each observed target given all others; prepare() first, before points are appended.
  [[nodiscard]] Eigen::ArrayXd leave_one_out() const {
    Eigen::ArrayXd density(observations_);
    for (Eigen::Index i = 0; i < observations_; ++i) {
      const double variance = scale_ / inverse_(i, i);
      const double error = weights_(i, 0) / inverse_(i, i);
      density[i] = -0.5 * (numeric::log(2 * std::numbers::pi * variance) + error * error / variance);
    }
    return density;
  }

  /// \param points m x d canonical points
  [[nodiscard]] Prediction predict(const Eigen::Ref<const EncodedPoints>& points) const {
    const Eigen::Index m = points.rows(), n = size();
    Prediction result{.mean = Eigen::ArrayXd::Constant(m, mean_), .variance = Eigen::ArrayXd(m)};
    Eigen::MatrixXd correlation(n, m);
    Eigen::ArrayXd slope(n);
    for (Eigen::Index i = 0; i < m; ++i) {
      const Eigen::RowVectorXd scaled = points.row(i).cwiseProduct(scales_);
      kernel_.correlate(scaled_.topRows(n), scaled, rates_, correlation.col(i).array(), slope);
      result.mean[i] += numeric::dot(weights_.col(0).data(), correlation.col(i).data(), observations_);
    }
    const Eigen::VectorXd explained = factor_.quadratic_forms(correlation);
    result.variance = scale_ * (1 - explained.array()).max(variance_floor);
    return result;
  }

  /// As predict(), but with a variance that takes into account only the one datum that tells most about each point: an
  /// upper bound, at a cost linear in n.
  [[nodiscard]] Prediction screen(const Eigen::Ref<const EncodedPoints>& points) const {
    const Eigen::Index m = points.rows(), n = size();
    Prediction result{.mean = Eigen::ArrayXd(m), .variance = Eigen::ArrayXd(m)};
    Eigen::ArrayXd correlation(n), slope(n);
    for (Eigen::Index i = 0; i < m; ++i) {
      const Eigen::RowVectorXd scaled = points.row(i).cwiseProduct(scales_);
      kernel_.correlate(scaled_.topRows(n), scaled, rates_, correlation, slope);
      result.mean[i] = mean_ + numeric::dot(weights_.col(0).data(), correlation.data(), observations_);
      const double closest = correlation.maxCoeff();
      result.variance[i] = scale_ * std::max(1 - closest * closest / (1 + noise_), variance_floor);
    }
    return result;
  }

  /// Mean and variance at one point after another, with their gradients: the inner loop of local search.
  class Query {
   public:
    explicit Query(const GaussianProcess& model)
        : model_(&model), correlation_(model.size()), slope_(model.size()), solved_(model.size()) {}

    /// Predicts at `point` (need not be canonical).
    void move_to(const Eigen::Ref<const EncodedPoint>& point) {
      const auto& m = *model_;
      const Eigen::Index n = m.size();
      scaled_ = point.cwiseProduct(m.scales_);
      m.kernel_.correlate(m.scaled_.topRows(n), scaled_, m.rates_, correlation_, slope_);
      solved_.setZero();
      Eigen::Index i = 0;
      for (; i + 4 <= n; i += 4) {
        solved_ +=
            (correlation_[i] * m.inverse_.col(i).array() + correlation_[i + 1] * m.inverse_.col(i + 1).array()) +
            (correlation_[i + 2] * m.inverse_.col(i + 2).array() + correlation_[i + 3] * m.inverse_.col(i + 3).array());
      }
      for (; i < n; ++i) solved_ += correlation_[i] * m.inverse_.col(i).array();
      mean_ = m.mean_;
      for (Eigen::Index k = 0; k < m.observations_; ++k) mean_ += m.weights_(k, 0) * correlation_[k];
      double explained = 0;
      for (Eigen::Index k = 0; k < n; ++k) explained += correlation_[k] * solved_[k];
      variance_ = m.scale_ * std::max(1 - explained, variance_floor);
    }

    [[nodiscard]] double mean() const noexcept { return mean_; }
    [[nodiscard]] double variance() const noexcept { return variance_; }

    /// Adds by_mean * d mean / d x + by_variance * d variance / d x at the last point; categories get nothing.
    void add_gradient(double by_mean, double by_variance, Eigen::Ref<EncodedPoint> gradient) {
      const auto& m = *model_;
      const Eigen::Index n = m.size(), observed = m.observations_;
      solved_ *= -2 * m.scale_ * by_variance;
      solved_.head(observed) += by_mean * m.weights_.col(0).array();
      solved_ *= slope_;
      for (Eigen::Index j = 0; j < gradient.size(); ++j) {
        if (m.kernel_.categorical(j)) continue;
        double sum = 0;
        for (Eigen::Index k = 0; k < n; ++k) sum += solved_[k] * (scaled_[j] - m.scaled_(k, j));
        gradient[j] -= m.scales_[j] * sum;
      }
    }

   private:
    const GaussianProcess* model_;
    EncodedPoint scaled_;
    Eigen::ArrayXd correlation_, slope_, solved_;
    double mean_ = 0, variance_ = 1;
  };

 private:
  // Of the scale: rounding must not make a variance negative or a standardised improvement infinite.
  static constexpr double variance_floor = 1e-10;

  [[nodiscard]] bool factor(Eigen::MatrixXd& covariance) {
    covariance.diagonal().setConstant(1 + noise_);
    return factor_.factor(covariance);
  }

  Kernel kernel_;
  Eigen::RowVectorXd scales_, rates_;
  double noise_, mean_, scale_;
  Eigen::Index observations_;
  Eigen::MatrixXd scaled_;  // rows beyond size() are room
  numeric::Cholesky factor_;
  Eigen::MatrixXd weights_;  // A^-1 (y - m)
  Eigen::VectorXd fitted_;
  Eigen::MatrixXd inverse_;
};

}  // namespace hposearch::inline v0
