/// \file
/// The kernels of a Parzen estimator along a real or an ordered dimension.
#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <span>
#include <vector>

#include <hposearch/numeric/elementary.hpp>
#include <hposearch/numeric/normal.hpp>
#include <hposearch/numeric/random.hpp>
#include <hposearch/space/encoded_space.hpp>

namespace hposearch::inline v0::tpe {

/// Probability of a standard normal variable between a <= b, without cancellation in either tail.
[[nodiscard]] inline double normal_mass(double a, double b) noexcept {
  return a > 0 ? numeric::cdf(-a) - numeric::cdf(-b) : numeric::cdf(b) - numeric::cdf(a);
}

/// One normal kernel for each observation and, last, a wide one for the prior, all truncated to [0, 1]; on an ordered
/// dimension their masses over its cells.
///
/// A kernel's standard deviation is the larger distance to its neighbours (the ends of the axis count as neighbours of
/// a lone observation only), at least 1 / min(100, n + 2), the "magic clip". Source: Optuna 5, _ParzenEstimator with
/// consider_endpoints = False; Bergstra et al., Algorithms for Hyper-Parameter Optimization, NIPS 2011.
class NormalKernels {
 public:
  /// \param at canonical coordinates of the observations
  NormalKernels(const EncodedDimension& dimension, std::span<const double> at) : dimension_(&dimension) {
    const std::size_t n = at.size();
    std::vector<std::size_t> order(n);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return at[a] < at[b] || (at[a] == at[b] && a < b); });
    index_.resize(n + 1);
    const double least = 1 / static_cast<double>(std::min<std::size_t>(100, n + 2));
    for (std::size_t k = 0; k < n; ++k) {
      const double mean = at[order[k]];
      const double before = k > 0 ? mean - at[order[k - 1]] : n == 1 ? mean : 0;
      const double after = k + 1 < n ? at[order[k + 1]] - mean : n == 1 ? 1 - mean : 0;
      index_[order[k]] = add(mean, std::clamp(std::max(before, after), least, 1.0));
    }
    index_[n] = add(0.5, 1);
  }

  /// Number of kernels: one more than observations.
  [[nodiscard]] std::size_t size() const noexcept { return index_.size(); }
  [[nodiscard]] double mean(std::size_t i) const { return kernels_[index_[i]].mean; }
  [[nodiscard]] double deviation(std::size_t i) const { return kernels_[index_[i]].deviation; }

  /// A canonical coordinate drawn from kernel `i`.
  [[nodiscard]] double sample(std::size_t i, numeric::Random& random) const {
    const Kernel& kernel = kernels_[index_[i]];
    const double low = numeric::cdf(-kernel.mean / kernel.deviation);
    const double high = numeric::cdf((1 - kernel.mean) / kernel.deviation);
    const double z = numeric::quantile(low + random.uniform() * (high - low));
    return dimension_->snap(kernel.mean + kernel.deviation * z);
  }

  /// Adds the log density of every kernel at `u`, on an ordered dimension the log mass of its cell, to `sums`.
  void add_log_density(double u, std::span<double> sums) const {
    terms_.resize(kernels_.size());
    if (dimension_->discrete()) {
      const std::size_t cell = dimension_->cell(u);
      const double left = dimension_->border(cell), right = dimension_->border(cell + 1);
      for (std::size_t k = 0; k < kernels_.size(); ++k) {
        const Kernel& kernel = kernels_[k];
        terms_[k] = normal_mass((left - kernel.mean) / kernel.deviation, (right - kernel.mean) / kernel.deviation);
      }
      numeric::log_in_place(terms_);
      for (std::size_t k = 0; k < kernels_.size(); ++k) terms_[k] -= kernels_[k].log_mass;
    } else {
      for (std::size_t k = 0; k < kernels_.size(); ++k) {
        const Kernel& kernel = kernels_[k];
        const double z = (u - kernel.mean) * kernel.precision;
        terms_[k] = kernel.log_height - 0.5 * z * z;
      }
    }
    for (std::size_t i = 0; i < index_.size(); ++i) sums[i] += terms_[index_[i]];
  }

 private:
  struct Kernel {
    double mean, deviation, precision;
    double log_mass;    // of the interval [0, 1] before truncation
    double log_height;  // log density at the mean
  };

  // Observations in one cell mostly share a kernel: what is equal follows each other, since they come in order.
  std::size_t add(double mean, double deviation) {
    for (std::size_t k = kernels_.size(); k > 0 && kernels_[k - 1].mean == mean; --k) {
      if (kernels_[k - 1].deviation == deviation) return k - 1;
    }
    const double log_mass = numeric::log(normal_mass(-mean / deviation, (1 - mean) / deviation));
    kernels_.push_back(
        {mean, deviation, 1 / deviation, log_mass, numeric::log_pdf(0) - numeric::log(deviation) - log_mass});
    return kernels_.size() - 1;
  }

  const EncodedDimension* dimension_;
  std::vector<Kernel> kernels_;        // the distinct ones
  std::vector<std::size_t> index_;     // which one each observation has
  mutable std::vector<double> terms_;  // kept for its memory
};

}  // namespace hposearch::inline v0::tpe
