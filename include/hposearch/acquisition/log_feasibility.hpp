/// \file
/// The logarithm of the probability that a trial succeeds, as a factor of an acquisition.
#pragma once

#include <Eigen/Core>

#include <hposearch/acquisition/dynamic_acquisition.hpp>
#include <hposearch/surrogate/feasibility.hpp>

namespace hposearch::inline v0 {

/// See Feasibility. Times the expected improvement it is the expected feasible improvement: Gardner et al., Bayesian
/// optimization with inequality constraints (ICML 2014).
class LogFeasibility final : public DynamicAcquisition {
 public:
  /// \param model conditioned; must outlive this
  explicit LogFeasibility(const Feasibility& model) : model_(&model), query_(model.model()) {}

  [[nodiscard]] Eigen::ArrayXd operator()(const Eigen::Ref<const EncodedPoints>& points) override {
    return (*model_)(points);
  }

  [[nodiscard]] Eigen::ArrayXd screen(const Eigen::Ref<const EncodedPoints>& points) override {
    return model_->screen(points);
  }

  [[nodiscard]] double operator()(const Eigen::Ref<const EncodedPoint>& point,
                                  Eigen::Ref<EncodedPoint> gradient) override {
    query_.move_to(point);
    const auto [value, by_mean, by_variance] = model_->log_probability(query_.mean(), query_.variance());
    gradient.setZero();
    query_.add_gradient(by_mean, by_variance, gradient);
    return value;
  }

 private:
  const Feasibility* model_;
  GaussianProcess::Query query_;
};

}  // namespace hposearch::inline v0
