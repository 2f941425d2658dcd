/// \file
/// Where trials can be expected to fail.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <Eigen/Core>

#include <hposearch/numeric/elementary.hpp>
#include <hposearch/numeric/normal.hpp>
#include <hposearch/space/encoded_space.hpp>
#include <hposearch/surrogate/ensemble.hpp>
#include <hposearch/surrogate/gaussian_process.hpp>
#include <hposearch/surrogate/observations.hpp>

namespace hposearch::inline v0 {

/// The probability that a trial succeeds, by a Gaussian process on the outcomes (0: success, 1: failure) that is
/// squashed by the normal distribution:
///
///     P(success at x) = Phi((1/2 - mean(x)) / sqrt(variance(x) + 1/100)),
///
/// least squares classification. A process on the outcomes is conditioned in closed form, and the probabilities are
/// wanted to rank points, not to bet on them. Source: Rasmussen and Williams (2006), section 6.5.
class Feasibility {
 public:
  Feasibility(const EncodedSpace& space, EnsembleOptions options, std::uint64_t seed)
      : ensemble_(space, with_plain_targets(std::move(options)), seed) {}

  /// Learns from `outcomes`, whose losses are 0 or 1, both present.
  void condition(const Observations& outcomes) {
    ensemble_.condition(outcomes);
    double failures = 0;
    for (const double failed : ensemble_.observations().losses) failures += failed;
    const double share = failures / static_cast<double>(ensemble_.observations().size());
    const double deviation = std::sqrt(share * (1 - share));
    even_ = (0.5 - share) / deviation;
    width_ = 0.1 / deviation;
    model().prepare();
  }

  /// log P(success) at the rows of `points`.
  [[nodiscard]] Eigen::ArrayXd operator()(const Eigen::Ref<const EncodedPoints>& points) const {
    return squashed(model().predict(points));
  }

  /// A guess of the same at a cost linear in the number of outcomes.
  [[nodiscard]] Eigen::ArrayXd screen(const Eigen::Ref<const EncodedPoints>& points) const {
    return squashed(model().screen(points));
  }

  /// The model of the outcomes in standard deviations, for queries.
  [[nodiscard]] const GaussianProcess& model() const { return ensemble_.members().front().model; }

  /// log P(success) and its derivatives by the mean and the variance of model().
  struct LogProbability {
    double value, by_mean, by_variance;
  };
  [[nodiscard]] LogProbability log_probability(double mean, double variance) const {
    const double spread = std::sqrt(variance + width_ * width_);
    const double z = (even_ - mean) / spread;
    const double value = numeric::log_cdf(z);
    const double slope = numeric::exp(numeric::log_pdf(z) - value);
    return {value, -slope / spread, -0.5 * slope * z / (spread * spread)};
  }

 private:
  [[nodiscard]] GaussianProcess& model() { return ensemble_.members().front().model; }

  [[nodiscard]] Eigen::ArrayXd squashed(const Prediction& prediction) const {
    Eigen::ArrayXd values(prediction.mean.size());
    for (Eigen::Index i = 0; i < values.size(); ++i) {
      values[i] = log_probability(prediction.mean[i], prediction.variance[i]).value;
    }
    return values;
  }

  Ensemble ensemble_;
  double even_ = 0, width_ = 1;  // 1/2 and 1/10 in the standard deviations of the outcomes
};

}  // namespace hposearch::inline v0
