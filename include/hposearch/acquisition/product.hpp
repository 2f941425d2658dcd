/// \file
/// An acquisition times a probability or another positive factor.
#pragma once

#include <cmath>
#include <memory>
#include <utility>

#include <Eigen/Core>

#include <hposearch/acquisition/dynamic_acquisition.hpp>
#include <hposearch/numeric/elementary.hpp>

namespace hposearch::inline v0 {

/// `base` times the exponential of `log_factor`, in the measure of `base`: see Measure.
class AcquisitionProduct final : public DynamicAcquisition {
 public:
  AcquisitionProduct(std::unique_ptr<DynamicAcquisition> base, std::unique_ptr<DynamicAcquisition> log_factor)
      : base_(std::move(base)), log_factor_(std::move(log_factor)) {}

  [[nodiscard]] Measure measure() const noexcept override { return base_->measure(); }

  [[nodiscard]] Eigen::ArrayXd operator()(const Eigen::Ref<const EncodedPoints>& points) override {
    return combine((*base_)(points), (*log_factor_)(points));
  }

  [[nodiscard]] Eigen::ArrayXd screen(const Eigen::Ref<const EncodedPoints>& points) override {
    return combine(base_->screen(points), log_factor_->screen(points));
  }

  [[nodiscard]] double operator()(const Eigen::Ref<const EncodedPoint>& point,
                                  Eigen::Ref<EncodedPoint> gradient) override {
    const double value = (*base_)(point, gradient);
    EncodedPoint slope(gradient.size());
    const double logarithm = (*log_factor_)(point, slope);
    if (measure() != Measure::positive) {
      for (Eigen::Index j = 0; j < slope.size(); ++j) gradient[j] += slope[j];
      return value + logarithm;
    }
    const double factor = numeric::exp(logarithm);
    for (Eigen::Index j = 0; j < slope.size(); ++j) gradient[j] = factor * (gradient[j] + value * slope[j]);
    return value * factor;
  }

 private:
  [[nodiscard]] Eigen::ArrayXd combine(Eigen::ArrayXd values, const Eigen::ArrayXd& logarithms) const {
    for (Eigen::Index i = 0; i < values.size(); ++i) {
      values[i] = measure() == Measure::positive ? values[i] * numeric::exp(logarithms[i]) : values[i] + logarithms[i];
    }
    return values;
  }

  std::unique_ptr<DynamicAcquisition> base_, log_factor_;
};

}  // namespace hposearch::inline v0
