/// \file
/// The logarithm of the expected improvement, over one or several models.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include <hposearch/numeric/elementary.hpp>
#include <hposearch/numeric/normal.hpp>
#include <hposearch/surrogate/gaussian_process.hpp>

namespace hposearch::inline v0 {

/// log of E[max(incumbent - f(x), 0)], averaged over models.
///
/// With several models (samples of the surrogate's parameters) the improvements are averaged, not their logarithms.
/// Source: Ament et al., Unexpected Improvements to Expected Improvement (NeurIPS 2023), section 4.1; Snoek, Larochelle
/// and Adams (NeurIPS 2012) for the average.
class LogExpectedImprovement {
 public:
  /// \param models     prepared; at least one; must outlive this
  /// \param incumbents the value to improve upon, by model
  LogExpectedImprovement(std::span<const GaussianProcess> models, std::vector<double> incumbents)
      : models_(models), incumbents_(std::move(incumbents)), parts_(models.size()) {
    for (const auto& model : models_) queries_.emplace_back(model);
  }

  /// Values at the rows of `points` (m x d, canonical).
  [[nodiscard]] Eigen::ArrayXd operator()(const Eigen::Ref<const EncodedPoints>& points) {
    return combine(points.rows(), [&](const GaussianProcess& model) { return model.predict(points); });
  }

  /// Upper bounds of the values at a cost linear in the number of data, for choosing where to look closer.
  [[nodiscard]] Eigen::ArrayXd screen(const Eigen::Ref<const EncodedPoints>& points) {
    return combine(points.rows(), [&](const GaussianProcess& model) { return model.screen(points); });
  }

  /// Value at one point, not necessarily canonical, and its gradient (0 for categories).
  [[nodiscard]] double operator()(const Eigen::Ref<const EncodedPoint>& point, Eigen::Ref<EncodedPoint> gradient) {
    for (std::size_t m = 0; m < models_.size(); ++m) {
      queries_[m].move_to(point);
      const double deviation = std::sqrt(queries_[m].variance());
      parts_[m] = numeric::log(deviation) + numeric::log_h((incumbents_[m] - queries_[m].mean()) / deviation);
    }
    const double value = average();
    gradient.setZero();
    for (std::size_t m = 0; m < models_.size(); ++m) {
      const double share = numeric::exp(parts_[m] - value) / static_cast<double>(models_.size());
      const double deviation = std::sqrt(queries_[m].variance());
      const double z = (incumbents_[m] - queries_[m].mean()) / deviation;
      const double slope = numeric::log_h_derivative(z);
      queries_[m].add_gradient(-share * slope / deviation, share * (1 - slope * z) / (2 * queries_[m].variance()),
                               gradient);
    }
    return value;
  }

 private:
  template <class Predict>
  [[nodiscard]] Eigen::ArrayXd combine(Eigen::Index count, Predict predict) {
    Eigen::ArrayXXd parts(count, static_cast<Eigen::Index>(models_.size()));
    for (std::size_t m = 0; m < models_.size(); ++m) {
      const Prediction prediction = predict(models_[m]);
      for (Eigen::Index i = 0; i < count; ++i) {
        const double deviation = std::sqrt(prediction.variance[i]);
        parts(i, static_cast<Eigen::Index>(m)) =
            numeric::log(deviation) + numeric::log_h((incumbents_[m] - prediction.mean[i]) / deviation);
      }
    }
    Eigen::ArrayXd values(count);
    for (Eigen::Index i = 0; i < count; ++i) {
      for (std::size_t m = 0; m < models_.size(); ++m) parts_[m] = parts(i, static_cast<Eigen::Index>(m));
      values[i] = average();
    }
    return values;
  }

  // log of the mean of exp(parts_).
  [[nodiscard]] double average() const {
    if (parts_.size() == 1) return parts_[0];
    const double largest = *std::max_element(parts_.begin(), parts_.end());
    double sum = 0;
    for (const double part : parts_) sum += numeric::exp(part - largest);
    return largest + numeric::log(sum / static_cast<double>(parts_.size()));
  }

  std::span<const GaussianProcess> models_;
  std::vector<double> incumbents_;
  std::vector<GaussianProcess::Query> queries_;
  std::vector<double> parts_;
};

}  // namespace hposearch::inline v0
