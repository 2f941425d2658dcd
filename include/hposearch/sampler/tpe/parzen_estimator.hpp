/// \file
/// A density over some dimensions of the cube: the mixture of one product of kernels for each observation.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <variant>
#include <vector>

#include <Eigen/Core>

#include <hposearch/numeric/elementary.hpp>
#include <hposearch/numeric/random.hpp>
#include <hposearch/sampler/tpe/categorical_kernels.hpp>
#include <hposearch/sampler/tpe/normal_kernels.hpp>
#include <hposearch/sampler/tpe/observations.hpp>
#include <hposearch/space/encoded_space.hpp>

namespace hposearch::inline v0::tpe {

/// Parzen estimator with Optuna's kernels and weights: see NormalKernels and CategoricalKernels. The last kernel is the
/// prior, with weight `prior_weight` (1 where there are no observations). Refers to the space, which must outlive it.
class ParzenEstimator {
 public:
  /// \param dimensions the dimensions of `space` that the density is over, indices
  ParzenEstimator(const EncodedSpace& space, std::span<const std::size_t> dimensions, const Observations& observations,
                  double prior_weight)
      : dimensions_(dimensions.begin(), dimensions.end()) {
    const std::size_t n = observations.size();
    std::vector<double> column(n);
    for (const std::size_t j : dimensions_) {
      for (std::size_t i = 0; i < n; ++i) {
        column[i] = observations.points(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j));
      }
      if (space[j].kind == DimensionKind::categorical) {
        kernels_.emplace_back(CategoricalKernels{space[j], column, prior_weight});
      } else {
        kernels_.emplace_back(NormalKernels{space[j], column});
      }
    }
    weights_ = observations.weights;
    weights_.push_back(n == 0 ? 1 : prior_weight);
    double total = 0;
    for (const double weight : weights_) cumulative_.push_back(total += weight);
    for (double& weight : weights_) log_weights_.push_back(numeric::log(weight /= total));
  }

  [[nodiscard]] std::span<const double> weights() const noexcept { return weights_; }

  /// Draws canonical coordinates of the estimator's dimensions into `point`.
  void sample(Eigen::Ref<EncodedPoint> point, numeric::Random& random) const {
    const double u = random.uniform() * cumulative_.back();
    const auto found = std::upper_bound(cumulative_.begin(), cumulative_.end() - 1, u);
    const auto i = static_cast<std::size_t>(found - cumulative_.begin());
    for (std::size_t k = 0; k < dimensions_.size(); ++k) {
      point[static_cast<Eigen::Index>(dimensions_[k])] =
          std::visit([&](const auto& kernels) { return kernels.sample(i, random); }, kernels_[k]);
    }
  }

  /// Log density at the estimator's coordinates of `point`: with respect to length in real dimensions, to cells and
  /// categories in discrete ones.
  [[nodiscard]] double log_density(const Eigen::Ref<const EncodedPoint>& point) const {
    sums_ = log_weights_;
    for (std::size_t k = 0; k < dimensions_.size(); ++k) {
      const double u = point[static_cast<Eigen::Index>(dimensions_[k])];
      std::visit([&](const auto& kernels) { kernels.add_log_density(u, sums_); }, kernels_[k]);
    }
    const double largest = *std::max_element(sums_.begin(), sums_.end());
    for (double& sum : sums_) sum -= largest;
    numeric::exp_in_place(sums_);
    double total = 0;
    for (const double term : sums_) total += term;
    return largest + numeric::log(total);
  }

 private:
  std::vector<std::size_t> dimensions_;
  std::vector<std::variant<NormalKernels, CategoricalKernels>> kernels_;
  std::vector<double> weights_, cumulative_, log_weights_;
  mutable std::vector<double> sums_;  // kept for its memory
};

}  // namespace hposearch::inline v0::tpe
