/// \file
/// What is believed about the surrogate's parameters before any data.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>

#include <Eigen/Core>

#include <hposearch/numeric/elementary.hpp>
#include <hposearch/numeric/random.hpp>
#include <hposearch/space/encoded_space.hpp>

namespace hposearch::inline v0 {

/// A normal distribution of a log-parameter, known between two bounds.
struct LogNormalPrior {
  double mode = 0;       ///< of the log-parameter
  double deviation = 1;  ///< of the log-parameter
  double lower = -10;
  double upper = 10;
};

/// Priors of all log-parameters of a surrogate.
///
/// The density is taken over the logarithms. A LogNormal(mu, sigma) density of the lengthscale itself, as in Hvarfner,
/// Hellsten and Nardi (ICML 2024), has the same maximum as a normal one of its logarithm around mu - sigma^2. That mode
/// stands here, sqrt(2) - 3 + log(d) / 2, with less than half their deviation of sqrt(3), which did better.
struct PriorOptions {
  LogNormalPrior lengthscale{.mode = std::sqrt(2.0) - 3, .deviation = 0.7, .lower = -4.6, .upper = 6};
  double lengthscale_per_log_dimension = 0.5;  ///< added to the mode: this times log(d)
  LogNormalPrior category{.mode = -0.4, .deviation = 1.5, .lower = -7, .upper = 3};  ///< rate lambda of a category
  LogNormalPrior noise{.mode = -5, .deviation = 1.5, .lower = -13.8, .upper = 1};    ///< noise variance over scale
  double scale_weight = 3;  ///< the scale is known to be 1 as if from this many observations
};

/// The priors of one space's parameters: a normal distribution each, independent. The order is one per dimension, then
/// the noise.
class Prior {
 public:
  Prior(const EncodedSpace& space, const PriorOptions& options) : scale_weight_(options.scale_weight) {
    const auto d = static_cast<Eigen::Index>(space.size());
    for (auto* vector : {&mode_, &deviation_, &lower_, &upper_}) vector->resize(d + 1);
    const double shift =
        options.lengthscale_per_log_dimension * numeric::log(static_cast<double>(std::max<Eigen::Index>(d, 1)));
    for (Eigen::Index j = 0; j < d; ++j) {
      const bool categorical = space[static_cast<std::size_t>(j)].kind == DimensionKind::categorical;
      set(j, categorical ? options.category : options.lengthscale, categorical ? 0 : shift);
    }
    set(d, options.noise, 0);
  }

  [[nodiscard]] const Eigen::VectorXd& mode() const noexcept { return mode_; }
  [[nodiscard]] const Eigen::VectorXd& deviation() const noexcept { return deviation_; }
  [[nodiscard]] const Eigen::VectorXd& lower() const noexcept { return lower_; }
  [[nodiscard]] const Eigen::VectorXd& upper() const noexcept { return upper_; }
  [[nodiscard]] double scale_weight() const noexcept { return scale_weight_; }

  /// Log density of log-parameters, up to a constant.
  [[nodiscard]] double log_density(const Eigen::VectorXd& parameters) const {
    double value = 0;
    for (Eigen::Index j = 0; j < parameters.size(); ++j) {
      const double z = (parameters[j] - mode_[j]) / deviation_[j];
      value -= 0.5 * z * z;
    }
    return value;
  }

  /// The same; its derivatives are added to `gradient`.
  double add_log_density(const Eigen::VectorXd& parameters, Eigen::VectorXd& gradient) const {
    for (Eigen::Index j = 0; j < parameters.size(); ++j) {
      gradient[j] -= (parameters[j] - mode_[j]) / (deviation_[j] * deviation_[j]);
    }
    return log_density(parameters);
  }

  /// One draw, moved to the nearest bound where it lies outside.
  [[nodiscard]] Eigen::VectorXd sample(numeric::Random& random) const {
    Eigen::VectorXd draw = mode_;
    for (Eigen::Index j = 0; j < draw.size(); ++j) {
      draw[j] = std::clamp(mode_[j] + deviation_[j] * random.normal(), lower_[j], upper_[j]);
    }
    return draw;
  }

 private:
  void set(Eigen::Index j, const LogNormalPrior& prior, double shift) {
    mode_[j] = prior.mode + shift;
    deviation_[j] = prior.deviation;
    lower_[j] = prior.lower;
    upper_[j] = prior.upper;
  }

  Eigen::VectorXd mode_, deviation_, lower_, upper_;
  double scale_weight_;
};

}  // namespace hposearch::inline v0
