/// \file
/// The evidence of many parameters or many studies at once.
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include <hposearch/cuda/algebra.hpp>
#include <hposearch/cuda/bodies.hpp>
#include <hposearch/cuda/scaled.hpp>
#include <hposearch/error.hpp>
#include <hposearch/numeric/elementary.hpp>
#include <hposearch/surrogate/kernel.hpp>
#include <hposearch/surrogate/profile.hpp>
#include <hposearch/text.hpp>

namespace hposearch::inline v0::cuda {

/// What a Gaussian process is fitted to.
struct BatchedStudy {
  Kernel kernel;
  Eigen::MatrixXd points;   ///< n x d, canonical
  Eigen::VectorXd targets;  ///< n
  double scale_weight = 0;  ///< as for Evidence
};

/// Parameters of one of the studies.
struct BatchedSample {
  std::size_t study = 0;
  Eigen::VectorXd parameters;  ///< as for Evidence
};

/// What Evidence says of them: of the mean and the scale nothing, where the evidence is minus infinity.
struct BatchedEvidence {
  double log_evidence = -std::numeric_limits<double>::infinity();
  double mean = 0;
  double scale = 1;
};

/// Evidence of many samples of parameters, of one study or of many, whose covariances are factored by one batched call
/// for as many as half of the free memory holds: for fits from many starts, for averages over parameters, and for many
/// small studies. Studies of fewer points than the largest are filled up with rows of the unit matrix, which change
/// nothing.
template <Algebra A>
class BatchedFitOn {
 public:
  /// \throws InvalidArgument where a study has no points, or not as many targets
  BatchedFitOn(std::shared_ptr<A> algebra, std::vector<BatchedStudy> studies)
      : algebra_(std::move(algebra)), studies_(std::move(studies)) {
    for (const BatchedStudy& study : studies_) {
      size_ = std::max(size_, checked_points(study.points.rows()));
      dimensions_ = std::max(dimensions_, static_cast<std::size_t>(study.points.cols()));
      if (study.targets.size() != study.points.rows())
        throw InvalidArgument("targets", to_text(study.targets.size()), "must be as many as the points");
    }
  }

  /// In the order of `samples`.
  /// \throws InvalidArgument where one names no study; OutOfDeviceMemory where not even one fits; Error
  [[nodiscard]] std::vector<BatchedEvidence> operator()(const std::vector<BatchedSample>& samples) {
    std::vector<BatchedEvidence> results;
    const std::size_t each = (size_ * (size_ + dimensions_ + 3) + dimensions_) * sizeof(double);
    const std::size_t most = std::max<std::size_t>(1, algebra_->free_memory() / 2 / std::max<std::size_t>(each, 1));
    for (std::size_t first = 0; first < samples.size(); first += most)
      evaluate(std::span{samples}.subspan(first, std::min(most, samples.size() - first)), results);
    return results;
  }

 private:
  [[nodiscard]] const BatchedStudy& study_of(const BatchedSample& sample) const {
    if (sample.study >= studies_.size())
      throw InvalidArgument("study", to_text(sample.study), "must be below " + to_text(studies_.size()));
    return studies_[sample.study];
  }

  void evaluate(std::span<const BatchedSample> samples, std::vector<BatchedEvidence>& results) {
    const std::size_t count = samples.size(), n = size_;
    auto points = algebra_->template allocate<double>(n * dimensions_ * count);
    auto rates = algebra_->template allocate<double>(dimensions_ * count);
    auto problems = algebra_->template allocate<BatchedProblem>(count);
    auto factors = algebra_->template allocate<double>(n * n * count);
    auto solved = algebra_->template allocate<double>(2 * n * count);
    auto diagonals = algebra_->template allocate<double>(n * count);
    std::vector<double> all_points(points.size()), all_rates(rates.size()), right(2 * n * count), diagonal(n * count);
    std::vector<BatchedProblem> described(count);
    for (std::size_t b = 0; b < count; ++b) {
      const auto& [kernel, at, targets, weight] = study_of(samples[b]);
      const Eigen::VectorXd& parameters = samples[b].parameters;
      copy(scaled_coordinates(at, kernel.scales(parameters)), all_points.data() + n * dimensions_ * b, n);
      copy(kernel.rates(parameters), all_rates.data() + dimensions_ * b, 1);
      copy(targets_and_ones(targets), right.data() + 2 * n * b, n);
      const PointsView view{points.data() + n * dimensions_ * b, n, rates.data() + dimensions_ * b,
                            static_cast<std::size_t>(at.cols())};
      described[b] = {view, static_cast<std::size_t>(at.rows()), numeric::exp(parameters[at.cols()])};
    }
    algebra_->upload(std::span<const double>{all_points}, points);
    algebra_->upload(std::span<const double>{all_rates}, rates);
    algebra_->upload(std::span<const BatchedProblem>{described}, problems);
    algebra_->upload(std::span<const double>{right}, solved);

    algebra_->for_each_pair(n, n * count, BatchedCovariance{problems.data(), n, factors.data()});
    const std::vector<bool> definite = algebra_->cholesky_batched(factors.data(), n, count);
    algebra_->solve_batched(factors.data(), n, count, solved.data(), 2);
    algebra_->for_each(n * count, BatchedDiagonal{factors.data(), n, diagonals.data()});
    algebra_->download(solved, std::span{right});
    algebra_->download(diagonals, std::span{diagonal});
    for (std::size_t b = 0; b < count; ++b)
      results.push_back(definite[b] ? evidence(study_of(samples[b]), right.data() + 2 * n * b, diagonal.data() + n * b)
                                    : BatchedEvidence{});
  }

  // Columns `stride` apart.
  static void copy(const Eigen::MatrixXd& from, double* to, std::size_t stride) {
    for (Eigen::Index j = 0; j < from.cols(); ++j)
      std::copy_n(from.data() + from.rows() * j, from.rows(), to + stride * static_cast<std::size_t>(j));
  }

  [[nodiscard]] BatchedEvidence evidence(const BatchedStudy& study, const double* right, const double* diagonal) const {
    const Eigen::Index n = study.targets.size();
    Eigen::MatrixXd solved(n, 2);
    std::copy_n(right, n, solved.data());
    std::copy_n(right + size_, n, solved.data() + n);
    double log_determinant = 0;
    for (Eigen::Index i = 0; i < n; ++i) log_determinant += 2 * numeric::log(diagonal[i]);
    const Profile best = profile(std::move(solved), study.targets, study.scale_weight);
    return {log_evidence(best, log_determinant, study.scale_weight), best.mean, best.scale};
  }

  std::shared_ptr<A> algebra_;
  std::vector<BatchedStudy> studies_;
  std::size_t size_ = 0, dimensions_ = 0;
};

}  // namespace hposearch::inline v0::cuda
