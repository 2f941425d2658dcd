/// \file
/// The logarithm of the expected improvement, over one or several models.
#pragma once

#include <cmath>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include <hposearch/numeric/elementary.hpp>
#include <hposearch/numeric/normal.hpp>
#include <hposearch/numeric/special.hpp>
#include <hposearch/surrogate/gaussian_process.hpp>

namespace hposearch::inline v0 {

/// log of E[max(incumbent - f(x), 0)], or of a weighted sum of them over models.
///
/// With several models (warps of the losses, samples of the surrogate's parameters) the improvements are added, not
/// their logarithms.
/// Source: Ament et al., Unexpected Improvements to Expected Improvement (NeurIPS 2023), section 4.1; Snoek, Larochelle
/// and Adams (NeurIPS 2012) for the average.
/// \tparam Model GaussianProcess, or what predicts in its place
template <class Model>
class LogExpectedImprovementOf {
 public:
  /// A model and how it enters.
  struct Part {
    const Model* model;     ///< prepared; must outlive the acquisition
    double incumbent;       ///< the value to improve upon
    double log_weight = 0;  ///< log of what its expected improvement is multiplied by
  };

  explicit LogExpectedImprovementOf(std::vector<Part> parts) : parts_(std::move(parts)), logs_(parts_.size()) {
    for (const auto& part : parts_) queries_.emplace_back(*part.model);
  }

  /// Values at the rows of `points` (m x d, canonical).
  [[nodiscard]] Eigen::ArrayXd operator()(const Eigen::Ref<const EncodedPoints>& points) {
    return combine(points.rows(), [&](const Model& model) { return model.predict(points); });
  }

  /// Upper bounds of the values at a cost linear in the number of data, for choosing where to look closer.
  [[nodiscard]] Eigen::ArrayXd screen(const Eigen::Ref<const EncodedPoints>& points) {
    return combine(points.rows(), [&](const Model& model) { return model.screen(points); });
  }

  /// Value at one point, not necessarily canonical, and its gradient (0 for categories).
  [[nodiscard]] double operator()(const Eigen::Ref<const EncodedPoint>& point, Eigen::Ref<EncodedPoint> gradient) {
    for (std::size_t m = 0; m < parts_.size(); ++m) {
      queries_[m].move_to(point);
      const double deviation = std::sqrt(queries_[m].variance());
      logs_[m] = parts_[m].log_weight + numeric::log(deviation) +
                 numeric::log_h((parts_[m].incumbent - queries_[m].mean()) / deviation);
    }
    const double value = total();
    gradient.setZero();
    for (std::size_t m = 0; m < parts_.size(); ++m) {
      const double share = numeric::exp(logs_[m] - value);
      const double deviation = std::sqrt(queries_[m].variance());
      const double z = (parts_[m].incumbent - queries_[m].mean()) / deviation;
      const double slope = numeric::log_h_derivative(z);
      queries_[m].add_gradient(-share * slope / deviation, share * (1 - slope * z) / (2 * queries_[m].variance()),
                               gradient);
    }
    return value;
  }

 private:
  template <class Predict>
  [[nodiscard]] Eigen::ArrayXd combine(Eigen::Index count, Predict predict) {
    Eigen::ArrayXXd logs(count, static_cast<Eigen::Index>(parts_.size()));
    for (std::size_t m = 0; m < parts_.size(); ++m) {
      const Prediction prediction = predict(*parts_[m].model);
      for (Eigen::Index i = 0; i < count; ++i) {
        const double deviation = std::sqrt(prediction.variance[i]);
        logs(i, static_cast<Eigen::Index>(m)) = parts_[m].log_weight + numeric::log(deviation) +
                                                numeric::log_h((parts_[m].incumbent - prediction.mean[i]) / deviation);
      }
    }
    Eigen::ArrayXd values(count);
    for (Eigen::Index i = 0; i < count; ++i) {
      for (std::size_t m = 0; m < parts_.size(); ++m) logs_[m] = logs(i, static_cast<Eigen::Index>(m));
      values[i] = total();
    }
    return values;
  }

  // log of the sum of exp(logs_).
  [[nodiscard]] double total() const { return logs_.size() == 1 ? logs_[0] : numeric::log_sum_exp(logs_); }

  std::vector<Part> parts_;
  std::vector<typename Model::Query> queries_;
  std::vector<double> logs_;
};

using LogExpectedImprovement = LogExpectedImprovementOf<GaussianProcess>;

}  // namespace hposearch::inline v0
