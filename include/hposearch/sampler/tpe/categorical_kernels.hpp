/// \file
/// The kernels of a Parzen estimator along a categorical dimension.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include <hposearch/numeric/elementary.hpp>
#include <hposearch/numeric/random.hpp>
#include <hposearch/space/encoded_space.hpp>

namespace hposearch::inline v0::tpe {

/// One distribution over the categories for each observation and, last, a uniform one for the prior.
///
/// An observation's gives every category prior_weight / (n + 1) and its own 1 more, normalised. Source: Optuna 5,
/// _ParzenEstimator.
class CategoricalKernels {
 public:
  /// \param at canonical coordinates of the observations
  CategoricalKernels(const EncodedDimension& dimension, std::span<const double> at, double prior_weight)
      : dimension_(&dimension) {
    cell_.reserve(at.size());
    for (const double u : at) cell_.push_back(dimension.cell(u));
    const auto categories = static_cast<double>(dimension.cells);
    const double share = prior_weight / static_cast<double>(at.size() + 1);
    const double total = 1 + categories * share;
    other_ = share / total;
    log_own_ = numeric::log((1 + share) / total);
    log_other_ = numeric::log(other_);
    log_prior_ = -numeric::log(categories);
  }

  /// Number of kernels: one more than observations.
  [[nodiscard]] std::size_t size() const noexcept { return cell_.size() + 1; }

  /// A canonical coordinate drawn from kernel `i`.
  [[nodiscard]] double sample(std::size_t i, numeric::Random& random) const {
    const auto categories = static_cast<double>(dimension_->cells);
    const double shared = i < cell_.size() ? other_ * categories : 1;
    const double u = random.uniform();
    // Below `shared` all are equally likely; the rest belongs to the observed one.
    const std::size_t cell = u < shared ? static_cast<std::size_t>(u / shared * categories) : cell_[i];
    return dimension_->centre(std::min(cell, dimension_->cells - 1));
  }

  /// Adds the log probability of the category at `u` under every kernel to `sums`.
  void add_log_density(double u, std::span<double> sums) const {
    const std::size_t category = dimension_->cell(u);
    for (std::size_t i = 0; i < cell_.size(); ++i) sums[i] += cell_[i] == category ? log_own_ : log_other_;
    sums[cell_.size()] += log_prior_;
  }

 private:
  const EncodedDimension* dimension_;
  std::vector<std::size_t> cell_;
  double other_ = 0, log_own_ = 0, log_other_ = 0, log_prior_ = 0;
};

}  // namespace hposearch::inline v0::tpe
