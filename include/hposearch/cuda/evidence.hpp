/// \file
/// The log marginal likelihood of a Gaussian process and its gradient, on a device.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <memory>
#include <span>
#include <utility>

#include <Eigen/Core>

#include <hposearch/cuda/algebra.hpp>
#include <hposearch/cuda/bodies.hpp>
#include <hposearch/cuda/scaled.hpp>
#include <hposearch/numeric/elementary.hpp>
#include <hposearch/surrogate/kernel.hpp>
#include <hposearch/surrogate/profile.hpp>

namespace hposearch::inline v0::cuda {

/// What Evidence is on the processor: equal to it up to rounding, but not to the last bit. Holds one n x n matrix.
///
/// Not thread-safe.
template <Algebra A>
class EvidenceOn {
 public:
  /// \param points, targets, scale_weight as for Evidence
  /// \throws InvalidArgument above most_points; OutOfDeviceMemory: n^2 doubles must fit; Error
  EvidenceOn(std::shared_ptr<A> algebra, Kernel kernel, Eigen::MatrixXd points, Eigen::VectorXd targets,
             double scale_weight)
      : algebra_(std::move(algebra)),
        kernel_(std::move(kernel)),
        points_(std::move(points)),
        targets_(std::move(targets)),
        scale_weight_(scale_weight),
        n_(checked_points(points_.rows())),
        d_(static_cast<std::size_t>(points_.cols())),
        scaled_(algebra_->template allocate<double>(n_ * d_)),
        rates_(algebra_->template allocate<double>(d_)),
        matrix_(algebra_->template allocate<double>(n_ * n_)),
        solved_(algebra_->template allocate<double>(2 * n_)),
        diagonal_(algebra_->template allocate<double>(n_)),
        partial_(algebra_->template allocate<double>(width * n_)),
        sums_(algebra_->template allocate<double>(width)) {}

  /// As those of Evidence.
  [[nodiscard]] double operator()(const Eigen::VectorXd& parameters, Eigen::VectorXd& gradient) {
    const double value = (*this)(parameters);
    gradient.setZero(parameters.size());
    if (std::isfinite(value)) differentiate(parameters, gradient);
    return value;
  }
  [[nodiscard]] double operator()(const Eigen::VectorXd& parameters) {
    const Eigen::MatrixXd scaled = scaled_coordinates(points_, kernel_.scales(parameters));
    algebra_->upload(values_of(scaled), scaled_);
    const Eigen::RowVectorXd rates = kernel_.rates(parameters);
    algebra_->upload(values_of(rates), rates_);
    algebra_->for_each_pair(n_, n_, Covariance{view(), noise(parameters), matrix_.data(), n_});
    if (!algebra_->cholesky(matrix_.data(), n_, n_)) return -std::numeric_limits<double>::infinity();

    Eigen::MatrixXd solved = targets_and_ones(targets_);
    algebra_->upload(values_of(solved), solved_);
    algebra_->solve(matrix_.data(), n_, n_, solved_.data(), 2, n_);
    algebra_->download(solved_, std::span{solved.data(), 2 * n_});
    profile_ = profile(std::move(solved), targets_, scale_weight_);
    double log_determinant = 0;
    for (const double element : diagonal()) log_determinant += 2 * numeric::log(element);
    return log_evidence(profile_, log_determinant, scale_weight_);
  }

  /// Of the last evaluation.
  [[nodiscard]] double mean() const noexcept { return profile_.mean; }
  [[nodiscard]] double scale() const noexcept { return profile_.scale; }

 private:
  static constexpr auto width = static_cast<std::size_t>(GradientTerms::width);

  [[nodiscard]] PointsView view() const { return {scaled_.data(), n_, rates_.data(), d_}; }
  [[nodiscard]] double noise(const Eigen::VectorXd& parameters) const {
    return numeric::exp(parameters[points_.cols()]);
  }

  [[nodiscard]] Eigen::VectorXd diagonal() {
    Eigen::VectorXd elements(static_cast<Eigen::Index>(n_));
    algebra_->for_each(n_, Diagonal{matrix_.data(), n_, diagonal_.data()});
    algebra_->download(diagonal_, std::span{elements.data(), n_});
    return elements;
  }

  // The factor makes way for the inverse.
  void differentiate(const Eigen::VectorXd& parameters, Eigen::VectorXd& gradient) {
    algebra_->inverse(matrix_.data(), n_, n_);
    const double* weights = profile_.solved.data();
    algebra_->upload(std::span{weights, n_}, solved_);
    for (std::size_t first = 0; first < d_; first += width) {
      const GradientTerms terms{view(), n_, matrix_.data(), n_, solved_.data(), profile_.scale, first};
      algebra_->template sums<GradientTerms::width>(n_, terms, partial_);
      algebra_->template sums<1>(width, Fold{partial_.data(), width, n_}, sums_);
      algebra_->download(sums_, std::span{gradient.data() + first, std::min(width, d_ - first)});
    }
    const Eigen::VectorXd inverse = diagonal();
    double trace = 0;
    for (std::size_t i = 0; i < n_; ++i)
      trace += inverse[static_cast<Eigen::Index>(i)] - weights[i] * weights[i] / profile_.scale;
    gradient[points_.cols()] = -0.5 * trace * noise(parameters);
  }

  template <class T>
  using Buffer = typename A::template Buffer<T>;

  std::shared_ptr<A> algebra_;
  Kernel kernel_;
  Eigen::MatrixXd points_;
  Eigen::VectorXd targets_;
  double scale_weight_;
  std::size_t n_, d_;
  Buffer<double> scaled_, rates_, matrix_, solved_, diagonal_, partial_, sums_;
  Profile profile_;
};

}  // namespace hposearch::inline v0::cuda
