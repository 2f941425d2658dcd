/// \file
/// Improvement per second of run time.
#pragma once

#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include <Eigen/Core>

#include <hposearch/acquisition/dynamic_acquisition.hpp>
#include <hposearch/acquisition/log_expected_improvement.hpp>
#include <hposearch/acquisition/product.hpp>
#include <hposearch/numeric/elementary.hpp>
#include <hposearch/surrogate/ensemble.hpp>

namespace hposearch::inline v0 {

/// A Gaussian process on the logarithms of run times.
class RunTimeModel {
 public:
  RunTimeModel(const EncodedSpace& space, EnsembleOptions options, std::uint64_t seed)
      : ensemble_(space, with_plain_targets(std::move(options)), seed) {}

  /// Learns from the ended trials whose run time is known. \return false where these are fewer than three, or equal
  [[nodiscard]] bool condition(const History& history) {
    const Observations known = observations_of(history, [&](TrialId id) -> std::optional<double> {
      const double seconds = history.seconds()[id];
      if (!(seconds > 0) || !std::isfinite(seconds)) return {};
      return numeric::log(seconds);
    });
    if (known.size() < 3) return false;
    ensemble_.condition(known);
    double mean = 0, square = 0;
    const auto& losses = ensemble_.observations().losses;
    for (const double y : losses) mean += y / static_cast<double>(losses.size());
    for (const double y : losses) square += (y - mean) * (y - mean) / static_cast<double>(losses.size());
    deviation_ = std::sqrt(square);
    ensemble_.members().front().model.prepare();
    return deviation_ > 1e-6;
  }

  [[nodiscard]] const GaussianProcess& model() const { return ensemble_.members().front().model; }
  /// Of the logarithms, the unit of model().
  [[nodiscard]] double deviation() const noexcept { return deviation_; }

 private:
  Ensemble ensemble_;
  double deviation_ = 1;
};

/// log E[1 / run time] up to a constant, the run time being lognormal.
class LogInverseRunTime final : public DynamicAcquisition {
 public:
  explicit LogInverseRunTime(const RunTimeModel& model) : model_(&model), query_(model.model()) {}

  [[nodiscard]] Eigen::ArrayXd operator()(const Eigen::Ref<const EncodedPoints>& points) override {
    return values(model_->model().predict(points));
  }

  [[nodiscard]] Eigen::ArrayXd screen(const Eigen::Ref<const EncodedPoints>& points) override {
    return values(model_->model().screen(points));
  }

  [[nodiscard]] double operator()(const Eigen::Ref<const EncodedPoint>& point,
                                  Eigen::Ref<EncodedPoint> gradient) override {
    query_.move_to(point);
    gradient.setZero();
    const double value = value_of(query_.mean(), query_.variance()), unit = model_->deviation();
    query_.add_gradient(-unit, 0.5 * unit * unit, gradient);
    return value;
  }

 private:
  [[nodiscard]] double value_of(double mean, double variance) const {
    const double unit = model_->deviation();
    return -unit * mean + 0.5 * unit * unit * variance;
  }

  [[nodiscard]] Eigen::ArrayXd values(const Prediction& prediction) const {
    Eigen::ArrayXd result(prediction.mean.size());
    for (Eigen::Index i = 0; i < result.size(); ++i) result[i] = value_of(prediction.mean[i], prediction.variance[i]);
    return result;
  }

  const RunTimeModel* model_;
  GaussianProcess::Query query_;
};

/// Expected improvement per second; the expected improvement as long as too few run times are known. Source: Snoek,
/// Larochelle and Adams, Practical Bayesian optimization (NeurIPS 2012), section 3.2; scikit-optimize's `EIps`.
[[nodiscard]] inline AcquisitionRule improvement_per_second(EnsembleOptions options = {}) {
  struct Cache {
    std::optional<RunTimeModel> model;
    std::optional<std::uint64_t> seed;
  };
  return [options,
          cache = std::make_shared<Cache>()](const AcquisitionContext& context) -> std::unique_ptr<DynamicAcquisition> {
    auto improvement =
        std::make_unique<DynamicAcquisitionOf<LogExpectedImprovement>>(LogExpectedImprovement{context.parts});
    if (cache->seed != context.seed) cache->model.emplace(context.space, options, context.seed);
    cache->seed = context.seed;
    if (!cache->model->condition(context.history)) return improvement;
    return std::make_unique<AcquisitionProduct>(std::move(improvement),
                                                std::make_unique<LogInverseRunTime>(*cache->model));
  };
}

}  // namespace hposearch::inline v0
