/// \file
/// The posterior of a Gaussian process, on a device.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <span>
#include <utility>

#include <Eigen/Core>

#include <hposearch/cuda/algebra.hpp>
#include <hposearch/cuda/bodies.hpp>
#include <hposearch/cuda/scaled.hpp>
#include <hposearch/error.hpp>
#include <hposearch/numeric/elementary.hpp>
#include <hposearch/surrogate/gaussian_process.hpp>
#include <hposearch/surrogate/kernel.hpp>
#include <hposearch/surrogate/profile.hpp>
#include <hposearch/text.hpp>

namespace hposearch::inline v0::cuda {

/// What GaussianProcess is on the processor: equal to it up to rounding, but not to the last bit. Holds a matrix of
/// (n + room)^2 doubles, and once it is prepared a second one.
///
/// Not thread-safe: all calls go through one algebra.
template <Algebra A>
class PosteriorOn {
 public:
  /// \param room how many points can be appended
  /// \param kernel, points, targets, parameters, mean, scale as for GaussianProcess
  /// \throws InvalidArgument above most_points; OutOfDeviceMemory; Error
  PosteriorOn(std::shared_ptr<A> algebra, std::size_t room, const Kernel& kernel, const Eigen::MatrixXd& points,
              const Eigen::VectorXd& targets, const Eigen::VectorXd& parameters, double mean, double scale)
      : PosteriorOn(std::move(algebra), room, kernel, points, parameters) {
    mean_ = mean;
    scale_ = scale;
    Eigen::VectorXd residuals(targets.size());
    for (Eigen::Index i = 0; i < targets.size(); ++i) residuals[i] = targets[i] - mean;
    algebra_->upload(values_of(residuals), weights_);
    algebra_->solve(factor_.data(), n_, stride_, weights_.data(), 1, n_);
    host_weights_.resize(targets.size());
    algebra_->download(weights_, std::span{host_weights_.data(), n_});
    fit(targets);
  }

  /// The same with the mean and the scale that explain the targets best: see profile().
  PosteriorOn(std::shared_ptr<A> algebra, std::size_t room, const Kernel& kernel, const Eigen::MatrixXd& points,
              const Eigen::VectorXd& targets, const Eigen::VectorXd& parameters, double scale_weight)
      : PosteriorOn(std::move(algebra), room, kernel, points, parameters) {
    Eigen::MatrixXd solved = targets_and_ones(targets);
    auto both = algebra_->template allocate<double>(2 * n_);
    algebra_->upload(values_of(solved), both);
    algebra_->solve(factor_.data(), n_, stride_, both.data(), 2, n_);
    algebra_->download(both, std::span{solved.data(), 2 * n_});
    const Profile best = profile(std::move(solved), targets, scale_weight);
    mean_ = best.mean;
    scale_ = best.scale;
    host_weights_ = best.solved.col(0);
    algebra_->upload(values_of(host_weights_), weights_);
    fit(targets);
  }

  /// These are as those of GaussianProcess.
  [[nodiscard]] Eigen::Index dimensions() const noexcept { return scales_.size(); }
  [[nodiscard]] Eigen::Index observations() const noexcept { return static_cast<Eigen::Index>(n_); }
  [[nodiscard]] Eigen::Index size() const noexcept { return static_cast<Eigen::Index>(size_); }
  [[nodiscard]] double mean() const noexcept { return mean_; }
  [[nodiscard]] double scale() const noexcept { return scale_; }
  [[nodiscard]] double noise() const noexcept { return noise_; }
  [[nodiscard]] const Eigen::RowVectorXd& scales() const noexcept { return scales_; }
  [[nodiscard]] const Eigen::VectorXd& fitted() const noexcept { return fitted_; }

  /// As GaussianProcess::append(). \throws InvalidArgument if there is no room
  void append(const Eigen::Ref<const EncodedPoint>& point) {
    if (size_ == stride_)
      throw InvalidArgument("room", to_text(stride_ - n_), "must be at least the number of points appended");
    upload_point(point);
    algebra_->for_each(size_, correlation_with_point(row_, slope_));
    algebra_->solve_lower(factor_.data(), size_, stride_, row_.data(), 1, stride_);
    algebra_->template sums<1>(1, SquaredColumns{row_.data(), size_, stride_}, sums_);
    double explained = 0;
    algebra_->download(sums_, std::span{&explained, 1});
    const double rest = 1 + noise_ - explained;
    if (!(rest > 0)) return;
    algebra_->for_each(size_ + 1, PlaceRow{row_.data(), size_, std::sqrt(rest), factor_.data() + size_, stride_});
    algebra_->for_each(d_, PlaceRow{point_.data(), d_, 0, points_.data() + size_, stride_});
    ++size_;
    if (prepared_ != n_) prepared_ = 0;
  }

  void truncate(Eigen::Index size) {
    size_ = std::clamp(static_cast<std::size_t>(std::max<Eigen::Index>(size, 0)), n_, size_);
    if (prepared_ != n_) prepared_ = 0;
  }

  void prepare() {
    if (prepared_ == size_) return;
    if (inverse_.size() < size_ * size_) {
      inverse_ = algebra_->template allocate<double>(0);  // not both at once
      inverse_ = algebra_->template allocate<double>(size_ * size_);
    }
    algebra_->for_each_pair(size_, size_, CopyLower{factor_.data(), stride_, inverse_.data(), size_});
    algebra_->inverse(inverse_.data(), size_, size_);
    prepared_ = size_;
  }

  [[nodiscard]] Eigen::ArrayXd leave_one_out() const {
    Eigen::VectorXd diagonal(observations());
    auto buffer = algebra_->template allocate<double>(n_);
    algebra_->for_each(n_, Diagonal{inverse_.data(), prepared_, buffer.data()});
    algebra_->download(buffer, std::span{diagonal.data(), n_});
    return leave_one_out_density(observations(), host_weights_.data(), diagonal.data(), 1, scale_);
  }

  /// As GaussianProcess::predict(), tile by tile, as many points at once as half of the free memory allows.
  [[nodiscard]] Prediction predict(const Eigen::Ref<const EncodedPoints>& points) const {
    const auto m = static_cast<std::size_t>(points.rows());
    Prediction result{.mean = Eigen::ArrayXd(points.rows()), .variance = Eigen::ArrayXd(points.rows())};
    if (m == 0) return result;
    const std::size_t bytes = (size_ + d_ + 1) * sizeof(double);
    const std::size_t tile = std::clamp<std::size_t>(std::min(most_tile, algebra_->free_memory() / 2) / bytes, 1, m);
    auto others = algebra_->template allocate<double>(tile * d_);
    auto correlations = algebra_->template allocate<double>(tile * size_);
    auto sums = algebra_->template allocate<double>(tile);
    for (std::size_t first = 0; first < m; first += tile) {
      const std::size_t count = std::min(tile, m - first);
      const Eigen::MatrixXd scaled = scaled_coordinates(
          points.middleRows(static_cast<Eigen::Index>(first), static_cast<Eigen::Index>(count)), scales_);
      algebra_->upload(values_of(scaled), others);
      algebra_->for_each_pair(size_, count, CrossCorrelation{view(), others.data(), count, correlations.data(), size_});
      algebra_->transposed_times(correlations.data(), n_, count, size_, weights_.data(), sums.data());
      double* mean = result.mean.data() + first;
      algebra_->download(sums, std::span{mean, count});
      algebra_->solve_lower(factor_.data(), size_, stride_, correlations.data(), count, size_);
      algebra_->template sums<1>(count, SquaredColumns{correlations.data(), size_, size_}, sums);
      double* variance = result.variance.data() + first;
      algebra_->download(sums, std::span{variance, count});
      for (std::size_t i = 0; i < count; ++i) {
        mean[i] += mean_;
        variance[i] = scale_ * std::max(1 - variance[i], GaussianProcess::variance_floor);
      }
    }
    return result;
  }

  /// The same: on a device there is no need for bounds.
  [[nodiscard]] Prediction screen(const Eigen::Ref<const EncodedPoints>& points) const { return predict(points); }

  /// As GaussianProcess::Query; the model must be prepared.
  class Query {
   public:
    explicit Query(const PosteriorOn& model)
        : model_(&model),
          value_(model.algebra_->template allocate<double>(model.size_)),
          slope_(model.algebra_->template allocate<double>(model.size_)),
          solved_(model.algebra_->template allocate<double>(model.size_)),
          sums_(model.algebra_->template allocate<double>(2 * model.d_ + 2)),
          found_(2 * model.dimensions() + 2) {}

    void move_to(const Eigen::Ref<const EncodedPoint>& point) {
      const PosteriorOn& m = *model_;
      m.upload_point(point);
      m.algebra_->for_each(m.size_, m.correlation_with_point(value_, slope_));
      m.algebra_->symmetric_times(m.inverse_.data(), m.size_, m.size_, value_.data(), solved_.data());
      m.algebra_->template sums<1>(sums_.size(),
                                   QuerySums{m.view(), m.size_, m.n_, m.point_.data(), value_.data(), slope_.data(),
                                             solved_.data(), m.weights_.data()},
                                   sums_);
      m.algebra_->download(sums_, std::span{found_.data(), sums_.size()});
    }

    [[nodiscard]] double mean() const { return model_->mean_ + found_[found_.size() - 2]; }
    [[nodiscard]] double variance() const {
      return model_->scale_ * std::max(1 - found_[found_.size() - 1], GaussianProcess::variance_floor);
    }

    void add_gradient(double by_mean, double by_variance, Eigen::Ref<EncodedPoint> gradient) const {
      const PosteriorOn& m = *model_;
      for (Eigen::Index j = 0; j < gradient.size(); ++j) {
        if (m.kernel_.categorical(j)) continue;
        gradient[j] += m.scales_[j] * (by_mean * found_[j] - 2 * m.scale_ * by_variance * found_[m.dimensions() + j]);
      }
    }

   private:
    const PosteriorOn* model_;
    typename A::template Buffer<double> value_, slope_, solved_, sums_;
    Eigen::VectorXd found_;
  };

 private:
  template <class T>
  using Buffer = typename A::template Buffer<T>;

  PosteriorOn(std::shared_ptr<A> algebra, std::size_t room, const Kernel& kernel, const Eigen::MatrixXd& points,
              const Eigen::VectorXd& parameters)
      : algebra_(std::move(algebra)),
        kernel_(kernel),
        scales_(kernel.scales(parameters)),
        noise_(numeric::exp(parameters[points.cols()])),
        n_(checked_points(points.rows())),
        size_(n_),
        stride_(checked_points(points.rows() + static_cast<Eigen::Index>(room))),
        d_(static_cast<std::size_t>(points.cols())),
        points_(algebra_->template allocate<double>(stride_ * d_)),
        rates_(algebra_->template allocate<double>(d_)),
        weights_(algebra_->template allocate<double>(n_)),
        factor_(algebra_->template allocate<double>(stride_ * stride_)),
        inverse_(algebra_->template allocate<double>(0)),
        point_(algebra_->template allocate<double>(d_)),
        row_(algebra_->template allocate<double>(stride_)),
        slope_(algebra_->template allocate<double>(stride_)),
        sums_(algebra_->template allocate<double>(1)) {
    const Eigen::RowVectorXd rates = kernel.rates(parameters);
    algebra_->upload(values_of(rates), rates_);
    Eigen::MatrixXd with_room = Eigen::MatrixXd::Zero(static_cast<Eigen::Index>(stride_), points.cols());
    with_room.topRows(points.rows()) = scaled_coordinates(points, scales_);
    algebra_->upload(values_of(with_room), points_);
    while (true) {
      algebra_->for_each_pair(n_, n_, Covariance{view(), noise_, factor_.data(), stride_});
      if (algebra_->cholesky(factor_.data(), n_, stride_)) break;
      noise_ *= 10;
    }
  }

  void fit(const Eigen::VectorXd& targets) {
    fitted_.resize(targets.size());
    for (Eigen::Index i = 0; i < targets.size(); ++i) fitted_[i] = targets[i] - noise_ * host_weights_[i];
  }

  [[nodiscard]] PointsView view() const { return {points_.data(), stride_, rates_.data(), d_}; }
  void upload_point(const Eigen::Ref<const EncodedPoint>& point) const {
    Eigen::RowVectorXd scaled(dimensions());
    for (Eigen::Index j = 0; j < dimensions(); ++j) scaled[j] = point[j] * scales_[j];
    algebra_->upload(values_of(scaled), point_);
  }
  [[nodiscard]] PointCorrelation correlation_with_point(Buffer<double>& value, Buffer<double>& slope) const {
    return {view(), point_.data(), value.data(), slope.data()};
  }

  static constexpr std::size_t most_tile = std::size_t{1} << 30;

  std::shared_ptr<A> algebra_;
  Kernel kernel_;
  Eigen::RowVectorXd scales_;
  double noise_, mean_ = 0, scale_ = 1;
  std::size_t n_, size_, stride_, d_;
  Buffer<double> points_, rates_, weights_, factor_, inverse_;
  mutable Buffer<double> point_;
  Buffer<double> row_, slope_, sums_;
  Eigen::VectorXd host_weights_, fitted_;
  std::size_t prepared_ = 0;  // rows of what inverse_ holds
};

}  // namespace hposearch::inline v0::cuda
