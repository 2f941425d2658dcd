/// \file
/// The surrogate's parameters from data.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include <hposearch/numeric/lbfgsb.hpp>
#include <hposearch/numeric/random.hpp>
#include <hposearch/surrogate/evidence.hpp>
#include <hposearch/surrogate/kernel.hpp>
#include <hposearch/surrogate/prior.hpp>

namespace hposearch::inline v0 {

struct FitOptions {
  std::size_t draws = 6;          ///< from the prior, whose density is looked at beside that of its mode
  int iterations = 25;            ///< most quasi-Newton steps of one climb
  double value_tolerance = 1e-4;  ///< a climb ends where a step gains less, relative to the log density
  double gradient_tolerance = 0.1;
  std::size_t most_observations = 160;  ///< of more, a working set of this size is fitted
};

/// log posterior density of the parameters: evidence times prior, up to a constant.
/// \tparam E Evidence, or what computes the same elsewhere
template <class E = Evidence>
class ParameterDensity {
 public:
  ParameterDensity(E evidence, const Prior& prior) : evidence_(std::move(evidence)), prior_(prior) {}
  ParameterDensity(const Kernel& kernel, Eigen::MatrixXd points, Eigen::VectorXd targets, const Prior& prior)
      : ParameterDensity(E{kernel, std::move(points), std::move(targets), prior.scale_weight()}, prior) {}

  [[nodiscard]] double operator()(const Eigen::VectorXd& parameters) {
    return evidence_(parameters) + prior_.log_density(parameters);
  }

  [[nodiscard]] double operator()(const Eigen::VectorXd& parameters, Eigen::VectorXd& gradient) {
    const double evidence = evidence_(parameters, gradient);
    return evidence + prior_.add_log_density(parameters, gradient);
  }

 private:
  E evidence_;
  const Prior& prior_;
};

/// Parameters with a large posterior density: the best that bounded quasi-Newton climbs find from `last` (where given)
/// and, if `fresh` or nothing else is given, from the best of the prior's mode and a few draws. A covariance that is
/// not positive definite counts as the worst density; nothing is thrown.
template <class E>
[[nodiscard]] Eigen::VectorXd fit_parameters(ParameterDensity<E> density, const Prior& prior, const FitOptions& options,
                                             const std::optional<Eigen::VectorXd>& last, bool fresh,
                                             numeric::Random& random) {
  constexpr double worst = 1e100;
  const auto objective = [&](const Eigen::VectorXd& x, Eigen::VectorXd& gradient) {
    const double value = density(x, gradient);
    for (Eigen::Index j = 0; j < gradient.size(); ++j) gradient[j] = -gradient[j];
    return std::isfinite(value) ? -value : worst;
  };
  Eigen::VectorXd best = prior.mode();
  double best_value = std::numeric_limits<double>::infinity();
  const auto climb = [&](const Eigen::VectorXd& from) {
    const auto found = numeric::minimize_bounded(objective, from, prior.lower(), prior.upper(),
                                                 {.max_iterations = options.iterations,
                                                  .gradient_tolerance = options.gradient_tolerance,
                                                  .value_tolerance = options.value_tolerance});
    if (found.value >= best_value) return;
    best_value = found.value;
    best = found.x;
  };

  if (last) climb(*last);
  if (last && !fresh) return best;
  Eigen::VectorXd start = prior.mode();
  double start_value = -density(start);
  for (std::size_t i = 0; i < options.draws; ++i) {
    const Eigen::VectorXd draw = prior.sample(random);
    const double value = -density(draw);
    if (value >= start_value) continue;
    start_value = value;
    start = draw;
  }
  climb(start);
  return best;
}

[[nodiscard]] inline Eigen::VectorXd fit_parameters(const Kernel& kernel, const Eigen::MatrixXd& points,
                                                    const Eigen::VectorXd& targets, const Prior& prior,
                                                    const FitOptions& options,
                                                    const std::optional<Eigen::VectorXd>& last, bool fresh,
                                                    numeric::Random& random) {
  return fit_parameters(ParameterDensity<>{kernel, points, targets, prior}, prior, options, last, fresh, random);
}

}  // namespace hposearch::inline v0
