/// \file
/// Where surrogates are fitted and conditioned: on the processor, unless something else is put in its place.
#pragma once

#include <Eigen/Core>

#include <hposearch/surrogate/evidence.hpp>
#include <hposearch/surrogate/gaussian_process.hpp>
#include <hposearch/surrogate/kernel.hpp>

namespace hposearch::inline v0 {

/// The place of computation that ParameterPath, Ensemble and the sampler have by default. Another one makes objects
/// that can be used in the same way: of Evidence its calls, and of GaussianProcess what these three and
/// LogExpectedImprovement call.
struct OnProcessor {
  using Model = GaussianProcess;

  /// What parameters are fitted by. Arguments as for Evidence.
  [[nodiscard]] Evidence evidence(const Kernel& kernel, const Eigen::MatrixXd& points, const Eigen::VectorXd& targets,
                                  double scale_weight) const {
    return {kernel, points, targets, scale_weight};
  }

  /// What predicts. Arguments as for GaussianProcess.
  [[nodiscard]] Model model(const Kernel& kernel, const Eigen::MatrixXd& points, const Eigen::VectorXd& targets,
                            const Eigen::VectorXd& parameters, double scale_weight) const {
    return {kernel, points, targets, parameters, scale_weight};
  }
};

}  // namespace hposearch::inline v0
