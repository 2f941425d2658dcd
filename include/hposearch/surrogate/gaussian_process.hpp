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
#include <hposearch/numeric/elementwise.hpp>
#include <hposearch/surrogate/kernel.hpp>
#include <hposearch/surrogate/profile.hpp>

namespace hposearch::inline v0 {

/// Means and variances of the noiseless function at many points.
struct Prediction {
  Eigen::ArrayXd mean, variance;
};

/// log density of each of n targets given all others. Rasmussen and Williams (2006), section 5.4.2.
/// \param weights  A^-1 (y - m)
/// \param diagonal element i of that of A^-1 is at diagonal[stride * i]
[[nodiscard]] inline Eigen::ArrayXd leave_one_out_density(Eigen::Index n, const double* weights, const double* diagonal,
                                                          Eigen::Index stride, double scale) {
  Eigen::ArrayXd density(n);
  for (Eigen::Index i = 0; i < n; ++i) {
    const double variance = scale / diagonal[stride * i];
    const double error = weights[i] / diagonal[stride * i];
    density[i] = -0.5 * (numeric::log(2 * std::numbers::pi * variance) + error * error / variance);
  }
  return density;
}

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
      : GaussianProcess(std::move(kernel), points, parameters) {
    mean_ = mean;
    scale_ = scale;
    weights_.resize(observations_, 1);
    for (Eigen::Index i = 0; i < observations_; ++i) weights_(i, 0) = targets[i] - mean_;
    factor_.solve(weights_);
    fit(targets);
  }

  /// The same with the mean and the scale that explain the targets best: see profile().
  GaussianProcess(Kernel kernel, const Eigen::MatrixXd& points, const Eigen::VectorXd& targets,
                  const Eigen::VectorXd& parameters, double scale_weight)
      : GaussianProcess(std::move(kernel), points, parameters) {
    Profile best = profile(factor_, targets, scale_weight);
    mean_ = best.mean;
    scale_ = best.scale;
    weights_ = std::move(best.solved);
    fit(targets);
  }

  /// Of the scale: rounding must not make a variance negative or a standardised improvement infinite.
  static constexpr double variance_floor = 1e-10;

  [[nodiscard]] Eigen::Index dimensions() const noexcept { return scaled_.cols(); }
  /// How many of the points that it is conditioned on have a value.
  [[nodiscard]] Eigen::Index observations() const noexcept { return observations_; }
  /// Points it is conditioned on, pending ones included.
  [[nodiscard]] Eigen::Index size() const noexcept { return factor_.size(); }
  [[nodiscard]] double mean() const noexcept { return mean_; }
  [[nodiscard]] double scale() const noexcept { return scale_; }
  /// Variance of the noise over the scale.
  [[nodiscard]] double noise() const noexcept { return noise_; }
  [[nodiscard]] const Kernel& kernel() const noexcept { return kernel_; }
  /// sqrt(5) over the lengthscale, per dimension; of no use for categories.
  [[nodiscard]] const Eigen::RowVectorXd& scales() const noexcept { return scales_; }

  /// What correlations with all points are built from: the points in scaled coordinates (rows beyond size() are room),
  /// the rates of categories, and the factor of the correlations with noise.
  [[nodiscard]] const Eigen::MatrixXd& scaled_points() const noexcept { return scaled_; }
  /// Point i of those that it is conditioned on, but for rounding.
  [[nodiscard]] EncodedPoint point(Eigen::Index i) const {
    EncodedPoint result(dimensions());
    for (Eigen::Index j = 0; j < dimensions(); ++j) result[j] = scaled_(i, j) / scales_[j];
    return result;
  }
  [[nodiscard]] const Eigen::RowVectorXd& rates() const noexcept { return rates_; }
  [[nodiscard]] const numeric::Cholesky& factor() const noexcept { return factor_; }
  /// What the correlations with the observed points are weighted by in the mean.
  [[nodiscard]] const double* weights() const noexcept { return weights_.data(); }

  /// Posterior means at the n observed points.
  [[nodiscard]] const Eigen::VectorXd& fitted() const noexcept { return fitted_; }

  /// Conditions on a point whose value is not known yet. Where it adds nothing in floating point it is left out.
  void append(const Eigen::Ref<const EncodedPoint>& point) {
    const Eigen::Index n = size();
    Eigen::VectorXd row(n + 1), slope(n);
    Eigen::RowVectorXd scaled(dimensions());
    correlate(point.data(), scaled.data(), row.data(), slope.data());
    row[n] = 1 + noise_;
    if (!factor_.append(row)) return;
    if (scaled_.rows() == n) scaled_.conservativeResize(n + n / 4 + 8, Eigen::NoChange);
    for (Eigen::Index j = 0; j < dimensions(); ++j) scaled_(n, j) = scaled[j];
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
    return leave_one_out_density(observations_, weights_.data(), inverse_.data(), inverse_.rows() + 1, scale_);
  }

  /// \param points m x d canonical points
  [[nodiscard]] Prediction predict(const Eigen::Ref<const EncodedPoints>& points) const {
    const Eigen::Index m = points.rows(), n = size();
    Prediction result{.mean = Eigen::ArrayXd::Constant(m, mean_), .variance = Eigen::ArrayXd(m)};
    Eigen::MatrixXd correlation(n, m);
    Eigen::VectorXd slope(n);
    Eigen::RowVectorXd scaled(dimensions());
    for (Eigen::Index i = 0; i < m; ++i) {
      double* column = correlation.data() + n * i;
      correlate(points.data() + points.outerStride() * i, scaled.data(), column, slope.data());
      result.mean[i] += numeric::dot(weights_.data(), column, observations_);
    }
    const Eigen::VectorXd explained = factor_.quadratic_forms(correlation);
    for (Eigen::Index i = 0; i < m; ++i) result.variance[i] = scale_ * std::max(1 - explained[i], variance_floor);
    return result;
  }

  /// As predict(), but with a variance that takes into account only the one datum that tells most about each point: an
  /// upper bound, at a cost linear in n.
  [[nodiscard]] Prediction screen(const Eigen::Ref<const EncodedPoints>& points) const {
    const Eigen::Index m = points.rows(), n = size();
    Prediction result{.mean = Eigen::ArrayXd(m), .variance = Eigen::ArrayXd(m)};
    Eigen::VectorXd correlation(n), slope(n);
    Eigen::RowVectorXd scaled(dimensions());
    for (Eigen::Index i = 0; i < m; ++i) {
      correlate(points.data() + points.outerStride() * i, scaled.data(), correlation.data(), slope.data());
      result.mean[i] = mean_ + numeric::dot(weights_.data(), correlation.data(), observations_);
      const double closest = *std::max_element(correlation.data(), correlation.data() + n);
      result.variance[i] = scale_ * std::max(1 - closest * closest / (1 + noise_), variance_floor);
    }
    return result;
  }

  /// Mean and variance at one point after another, with their gradients: the inner loop of local search.
  class Query {
   public:
    explicit Query(const GaussianProcess& model)
        : model_(&model),
          scaled_(model.dimensions()),
          correlation_(model.size()),
          slope_(model.size()),
          solved_(model.size()) {}

    /// Predicts at `point` (need not be canonical).
    void move_to(const Eigen::Ref<const EncodedPoint>& point) {
      const auto& m = *model_;
      const Eigen::Index n = m.size();
      m.correlate(point.data(), scaled_.data(), correlation_.data(), slope_.data());
      solve();
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
      const double factor = -2 * m.scale_ * by_variance;
      for (Eigen::Index k = 0; k < n; ++k) solved_[k] *= factor;
      for (Eigen::Index k = 0; k < observed; ++k) solved_[k] += by_mean * m.weights_(k, 0);
      for (Eigen::Index k = 0; k < n; ++k) solved_[k] *= slope_[k];
      for (Eigen::Index j = 0; j < gradient.size(); ++j) {
        if (m.kernel_.categorical(j)) continue;
        double sum = 0;
        for (Eigen::Index k = 0; k < n; ++k) sum += solved_[k] * (scaled_[j] - m.scaled_(k, j));
        gradient[j] -= m.scales_[j] * sum;
      }
    }

   private:
    // solved_ = A^-1 correlation_, four columns at a time.
    void solve() {
      const Eigen::Index n = model_->size();
      const double* column = model_->inverse_.data();
      double* result = solved_.data();
      std::fill_n(result, n, 0.0);
      Eigen::Index i = 0;
      for (; i + 4 <= n; i += 4, column += 4 * n) {
        const double a = correlation_[i], b = correlation_[i + 1], c = correlation_[i + 2], d = correlation_[i + 3];
        numeric::for_each_element(n, [&](auto at) {
          at.set(result, at.of(result) + ((a * at.of(column) + b * at.of(column + n)) +
                                          (c * at.of(column + 2 * n) + d * at.of(column + 3 * n))));
        });
      }
      for (; i < n; ++i, column += n) numeric::add_multiple(result, column, correlation_[i], n);
    }

    const GaussianProcess* model_;
    EncodedPoint scaled_;
    Eigen::VectorXd correlation_, slope_, solved_;
    double mean_ = 0, variance_ = 1;
  };

 private:
  GaussianProcess(Kernel kernel, const Eigen::MatrixXd& points, const Eigen::VectorXd& parameters)
      : kernel_(std::move(kernel)),
        scales_(kernel_.scales(parameters)),
        rates_(kernel_.rates(parameters)),
        noise_(numeric::exp(parameters[points.cols()])),
        observations_(points.rows()) {
    scaled_.resize(points.rows(), points.cols());
    for (Eigen::Index j = 0; j < points.cols(); ++j)
      for (Eigen::Index i = 0; i < observations_; ++i) scaled_(i, j) = points(i, j) * scales_[j];
    Eigen::MatrixXd covariance(observations_, observations_);
    Eigen::VectorXd slope(observations_);
    Eigen::RowVectorXd point(points.cols());
    for (Eigen::Index i = 0; i < observations_; ++i) {
      for (Eigen::Index j = 0; j < points.cols(); ++j) point[j] = scaled_(i, j);
      const ScaledPoints from_here{scaled_.data() + i, observations_ - i, observations_};
      kernel_.correlate(from_here, point.data(), rates_, &covariance(i, i), slope.data());
    }
    while (!factor(covariance)) noise_ *= 10;
  }

  void fit(const Eigen::VectorXd& targets) {
    fitted_.resize(observations_);
    for (Eigen::Index i = 0; i < observations_; ++i) fitted_[i] = targets[i] - noise_ * weights_(i, 0);
  }

  // Correlations of all points with one, which goes into `scaled` in scaled coordinates.
  void correlate(const double* point, double* scaled, double* value, double* slope) const {
    for (Eigen::Index j = 0; j < dimensions(); ++j) scaled[j] = point[j] * scales_[j];
    kernel_.correlate({scaled_.data(), size(), scaled_.rows()}, scaled, rates_, value, slope);
  }

  [[nodiscard]] bool factor(Eigen::MatrixXd& covariance) {
    for (Eigen::Index i = 0; i < observations_; ++i) covariance(i, i) = 1 + noise_;
    return factor_.factor(covariance);
  }

  Kernel kernel_;
  Eigen::RowVectorXd scales_, rates_;
  double noise_, mean_ = 0, scale_ = 1;
  Eigen::Index observations_;
  Eigen::MatrixXd scaled_;  // rows beyond size() are room
  numeric::Cholesky factor_;
  Eigen::MatrixXd weights_;  // A^-1 (y - m) in the first column
  Eigen::VectorXd fitted_;
  Eigen::MatrixXd inverse_;
};

}  // namespace hposearch::inline v0
