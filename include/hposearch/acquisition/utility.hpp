/// \file
/// Acquisitions that are a function of the posterior's mean and deviation, over one or several models.
#pragma once

#include <cmath>
#include <concepts>
#include <cstddef>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include <hposearch/acquisition/dynamic_acquisition.hpp>
#include <hposearch/acquisition/log_expected_improvement.hpp>
#include <hposearch/numeric/elementary.hpp>
#include <hposearch/numeric/special.hpp>

namespace hposearch::inline v0 {

/// What a posterior is worth, and how that changes with it.
struct UtilityValue {
  double value;
  double by_mean;
  double by_deviation;
};

/// What a point is worth to whom expects `mean` with `deviation` (above 0) there and wants less than `incumbent`.
/// `measure` says how values are averaged over models and multiplied by probabilities.
template <class U>
concept Utility = requires(const U& utility, double mean, double deviation, double incumbent) {
  { utility(mean, deviation, incumbent) } -> std::same_as<UtilityValue>;
  { U::measure } -> std::convertible_to<Measure>;
};

/// A utility averaged over models, whose weights are made to add up to 1: the logarithm of the average where the
/// utility is a logarithm.
template <Utility U>
class UtilityOverModels final : public DynamicAcquisition {
 public:
  using Part = LogExpectedImprovement::Part;

  explicit UtilityOverModels(std::vector<Part> parts, U utility = {})
      : parts_(std::move(parts)), utility_(std::move(utility)), logs_(parts_.size()) {
    for (std::size_t m = 0; m < parts_.size(); ++m) logs_[m] = parts_[m].log_weight;
    const double total = numeric::log_sum_exp(logs_);
    for (auto& part : parts_) part.log_weight -= total;
    for (const auto& part : parts_) queries_.emplace_back(*part.model);
  }

  [[nodiscard]] Measure measure() const noexcept override { return U::measure; }

  [[nodiscard]] Eigen::ArrayXd operator()(const Eigen::Ref<const EncodedPoints>& points) override {
    return combine(points.rows(), [&](const GaussianProcess& model) { return model.predict(points); });
  }

  [[nodiscard]] Eigen::ArrayXd screen(const Eigen::Ref<const EncodedPoints>& points) override {
    return combine(points.rows(), [&](const GaussianProcess& model) { return model.screen(points); });
  }

  [[nodiscard]] double operator()(const Eigen::Ref<const EncodedPoint>& point,
                                  Eigen::Ref<EncodedPoint> gradient) override {
    std::vector<UtilityValue> values;
    for (std::size_t m = 0; m < parts_.size(); ++m) {
      queries_[m].move_to(point);
      values.push_back(utility_(queries_[m].mean(), std::sqrt(queries_[m].variance()), parts_[m].incumbent));
      logs_[m] = parts_[m].log_weight + values[m].value;
    }
    const double value = average([&](std::size_t m) { return values[m].value; });
    gradient.setZero();
    for (std::size_t m = 0; m < parts_.size(); ++m) {
      const double share = numeric::exp(U::measure == Measure::logarithm ? logs_[m] - value : parts_[m].log_weight);
      const double deviation = std::sqrt(queries_[m].variance());
      queries_[m].add_gradient(share * values[m].by_mean, share * values[m].by_deviation / (2 * deviation), gradient);
    }
    return value;
  }

 private:
  // The average over models; logs_ must hold what goes into it where values are logarithms.
  template <class Value>
  [[nodiscard]] double average(Value value) const {
    if constexpr (U::measure == Measure::logarithm) {
      return numeric::log_sum_exp(logs_);
    } else {
      double sum = 0;
      for (std::size_t m = 0; m < parts_.size(); ++m) sum += numeric::exp(parts_[m].log_weight) * value(m);
      return sum;
    }
  }

  template <class Predict>
  [[nodiscard]] Eigen::ArrayXd combine(Eigen::Index count, Predict predict) {
    std::vector<Prediction> predictions;
    for (const auto& part : parts_) predictions.push_back(predict(*part.model));
    Eigen::ArrayXd values(count);
    std::vector<double> worth(parts_.size());
    for (Eigen::Index i = 0; i < count; ++i) {
      for (std::size_t m = 0; m < parts_.size(); ++m) {
        worth[m] = utility_(predictions[m].mean[i], std::sqrt(predictions[m].variance[i]), parts_[m].incumbent).value;
        logs_[m] = parts_[m].log_weight + worth[m];
      }
      values[i] = average([&](std::size_t m) { return worth[m]; });
    }
    return values;
  }

  std::vector<Part> parts_;
  U utility_;
  std::vector<GaussianProcess::Query> queries_;
  std::vector<double> logs_;
};

}  // namespace hposearch::inline v0
