/// \file
/// The surrogate's parameters from data.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include <hposearch/numeric/lbfgsb.hpp>
#include <hposearch/numeric/random.hpp>
#include <hposearch/surrogate/evidence.hpp>
#include <hposearch/surrogate/gaussian_process.hpp>
#include <hposearch/surrogate/prior.hpp>

namespace hposearch::inline v0 {

/// What the surrogate is fitted to.
struct TrainingData {
  Eigen::MatrixXd points;   ///< n x d canonical points, column-major
  Eigen::VectorXd targets;  ///< n standardised targets

  [[nodiscard]] bool operator==(const TrainingData& other) const {
    return points.rows() == other.points.rows() && points.cols() == other.points.cols() && points == other.points &&
           targets == other.targets;
  }
};

struct FitOptions {
  std::size_t candidates = 6;  ///< draws from the prior whose density is looked at
  std::size_t starts = 2;      ///< of those and the prior's mode, how many are climbed from
  int iterations = 25;         ///< most quasi-Newton steps of one climb
};

/// Parameters (see Evidence) and what follows from them.
struct FittedParameters {
  Eigen::VectorXd parameters;
  double mean = 0;
  double scale = 1;
  double log_density = 0;  ///< evidence times prior, up to a constant
};

/// log posterior density of the parameters, for the minimiser and for the sampler of parameters.
class ParameterDensity {
 public:
  ParameterDensity(const Kernel& kernel, const TrainingData& data, const Prior& prior)
      : evidence_(kernel, data.points, data.targets, prior.scale_weight()), prior_(prior) {}

  [[nodiscard]] double operator()(const Eigen::VectorXd& parameters, Eigen::VectorXd& gradient) {
    const double evidence = evidence_(parameters, gradient);
    return evidence + prior_.add_log_density(parameters, gradient);
  }

  [[nodiscard]] double operator()(const Eigen::VectorXd& parameters) {
    return evidence_(parameters) + prior_.log_density(parameters);
  }

  /// With the mean and scale that are best for `parameters`.
  [[nodiscard]] FittedParameters complete(const Eigen::VectorXd& parameters) {
    const double density = (*this)(parameters);
    return {.parameters = parameters, .mean = evidence_.mean(), .scale = evidence_.scale(), .log_density = density};
  }

 private:
  Evidence evidence_;
  const Prior& prior_;
};

/// The parameters with the largest posterior density that a few bounded quasi-Newton climbs find. A covariance that is
/// not positive definite counts as the worst density; nothing is thrown.
[[nodiscard]] inline FittedParameters fit_parameters(const Kernel& kernel, const TrainingData& data, const Prior& prior,
                                                     const FitOptions& options, numeric::Random random) {
  ParameterDensity density{kernel, data, prior};
  std::vector<std::pair<double, Eigen::VectorXd>> starts{{density(prior.mode()), prior.mode()}};
  for (std::size_t i = 0; i < options.candidates; ++i) {
    const Eigen::VectorXd draw = prior.sample(random);
    starts.emplace_back(density(draw), draw);
  }
  std::stable_sort(starts.begin() + 1, starts.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  starts.resize(std::min(starts.size(), std::max<std::size_t>(options.starts, 1)));

  constexpr double worst = 1e100;
  const auto objective = [&](const Eigen::VectorXd& x, Eigen::VectorXd& gradient) {
    const double value = density(x, gradient);
    gradient = -gradient;
    return std::isfinite(value) ? -value : worst;
  };
  double best_value = worst;
  Eigen::VectorXd best = prior.mode();
  for (const auto& start : starts) {
    const auto found = numeric::minimize_bounded(
        objective, start.second, prior.lower(), prior.upper(),
        {.max_iterations = options.iterations, .gradient_tolerance = 0.02, .value_tolerance = 1e-5});
    if (found.value < best_value) {
      best_value = found.value;
      best = found.x;
    }
  }
  return density.complete(best);
}

}  // namespace hposearch::inline v0
