/// \file
/// The expected improvement averaged over what trials in flight may turn out to be.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include <hposearch/acquisition/dynamic_acquisition.hpp>
#include <hposearch/acquisition/log_expected_improvement.hpp>
#include <hposearch/numeric/dense.hpp>
#include <hposearch/numeric/elementary.hpp>
#include <hposearch/numeric/normal.hpp>
#include <hposearch/numeric/random.hpp>
#include <hposearch/numeric/sobol.hpp>
#include <hposearch/numeric/special.hpp>
#include <hposearch/surrogate/correlations.hpp>

namespace hposearch::inline v0 {

/// log of the expected improvement on data and pending points together, for one more point: the greedy form of the
/// improvement of a batch.
///
/// Values of the pending points are drawn quasi-randomly from their joint posterior; each draw moves the means and,
/// where it is good, the incumbent. With the factor L of the correlations a draw is (with normal z) mean + L_22 z, so
/// that a mean moves by z^T v with v the last elements of L^-1 k(x). Source: Wilson, Hutter and Deisenroth, Maximizing
/// acquisition functions for Bayesian optimization (NeurIPS 2018); Ament et al. (NeurIPS 2023) for the logarithm.
class FantasisedImprovement final : public DynamicAcquisition {
 public:
  using Part = LogExpectedImprovement::Part;

  /// \param parts   models that the pending points are appended to, with the values to improve upon
  /// \param count   number of draws
  /// \param seed    of the draws
  FantasisedImprovement(const std::vector<Part>& parts, std::size_t count, std::uint64_t seed) : count_(count) {
    Eigen::Index most = 0;
    for (const Part& part : parts) most = std::max(most, part.model->size() - part.model->observations());
    const Eigen::MatrixXd normal = normals(static_cast<std::size_t>(most), seed);
    for (const Part& part : parts) members_.emplace_back(part, normal);
    logs_.resize(members_.size() * count_);
  }

  [[nodiscard]] Eigen::ArrayXd operator()(const Eigen::Ref<const EncodedPoints>& points) override {
    return batch(points, [](const GaussianProcess& model, const auto& at) { return model.predict(at); });
  }

  [[nodiscard]] Eigen::ArrayXd screen(const Eigen::Ref<const EncodedPoints>& points) override {
    return batch(points, [](const GaussianProcess& model, const auto& at) { return model.screen(at); });
  }

  [[nodiscard]] double operator()(const Eigen::Ref<const EncodedPoint>& point,
                                  Eigen::Ref<EncodedPoint> gradient) override {
    for (std::size_t m = 0; m < members_.size(); ++m) {
      members_[m].query.move_to(point);
      members_[m].at.move_to(point);
      fill(m, members_[m].query.mean(), members_[m].query.variance());
    }
    const double value = numeric::log_sum_exp(logs_);
    gradient.setZero();
    for (std::size_t m = 0; m < members_.size(); ++m) add_gradient(m, value, gradient);
    return value - numeric::log(static_cast<double>(count_));
  }

 private:
  struct Member {
    Member(const Part& part, const Eigen::MatrixXd& normal)
        : model(part.model), log_weight(part.log_weight), query(*part.model), at(*part.model) {
      const Eigen::Index n = model->size(), q = n - model->observations();
      basis = Eigen::MatrixXd::Zero(n, q);
      for (Eigen::Index r = 0; r < q; ++r) basis(n - q + r, r) = std::sqrt(model->scale());
      model->factor().solve_upper(basis);
      moved.resize(q);
      draws = normal.topRows(q);
      incumbent.assign(static_cast<std::size_t>(draws.cols()), part.incumbent);
      consider_pending();
    }

    // A draw may beat the incumbent: its noiseless mean at the pending points.
    void consider_pending() {
      for (Eigen::Index r = 0; r < moved.size(); ++r) {
        at.move_to(model->point(model->observations() + r));
        move();
        const double mean = model->mean() + numeric::dot(model->weights(), at.values().data(), model->observations());
        for (Eigen::Index s = 0; s < draws.cols(); ++s) {
          double& least = incumbent[static_cast<std::size_t>(s)];
          least = std::min(least, mean + by_draw(s));
        }
      }
    }

    // What each unit of a draw moves the mean by where `at` is.
    void move() {
      for (Eigen::Index r = 0; r < moved.size(); ++r) moved[r] = at.sum(basis.data() + basis.rows() * r);
    }
    [[nodiscard]] double by_draw(Eigen::Index s) const {
      return numeric::dot(moved.data(), draws.data() + draws.rows() * s, moved.size());
    }

    const GaussianProcess* model;
    double log_weight;
    GaussianProcess::Query query;
    Correlations at;
    Eigen::MatrixXd basis;  // weights of the correlations, a column for each pending point
    Eigen::VectorXd moved;
    Eigen::MatrixXd draws;  // standard normal, a column each
    std::vector<double> incumbent;
  };

  [[nodiscard]] Eigen::MatrixXd normals(std::size_t rows, std::uint64_t seed) const {
    constexpr double least = 1e-9;
    Eigen::MatrixXd result(static_cast<Eigen::Index>(rows), static_cast<Eigen::Index>(count_));
    std::vector<double> uniform(rows);
    numeric::Random random{seed};
    for (std::size_t s = 0; s < count_ && rows > 0; ++s) {
      if (rows <= numeric::Sobol::max_dimensions) {
        numeric::Sobol{rows, seed}.at(s, uniform);
      } else {
        for (double& u : uniform) u = random.uniform();
      }
      for (std::size_t r = 0; r < rows; ++r) {
        result(static_cast<Eigen::Index>(r), static_cast<Eigen::Index>(s)) =
            numeric::quantile(std::clamp(uniform[r], least, 1 - least));
      }
    }
    return result;
  }

  // The log improvements of member m under all draws.
  void fill(std::size_t m, double mean, double variance) {
    Member& member = members_[m];
    member.move();
    const double deviation = std::sqrt(variance), shift = member.log_weight + numeric::log(deviation);
    for (std::size_t s = 0; s < count_; ++s) {
      const double moved = mean + member.by_draw(static_cast<Eigen::Index>(s));
      logs_[m * count_ + s] = shift + numeric::log_h((member.incumbent[s] - moved) / deviation);
    }
  }

  void add_gradient(std::size_t m, double value, Eigen::Ref<EncodedPoint> gradient) {
    Member& member = members_[m];
    const double variance = member.query.variance(), deviation = std::sqrt(variance);
    double by_mean = 0, by_variance = 0;
    Eigen::VectorXd by_move = Eigen::VectorXd::Zero(member.moved.size());
    for (std::size_t s = 0; s < count_; ++s) {
      const auto column = static_cast<Eigen::Index>(s);
      const double share = numeric::exp(logs_[m * count_ + s] - value);
      const double z = (member.incumbent[s] - member.query.mean() - member.by_draw(column)) / deviation;
      const double slope = numeric::log_h_derivative(z);
      by_mean -= share * slope / deviation;
      by_variance += share * (1 - slope * z) / (2 * variance);
      numeric::add_multiple(by_move.data(), member.draws.data() + member.draws.rows() * column,
                            -share * slope / deviation, by_move.size());
    }
    Eigen::VectorXd weights = Eigen::VectorXd::Zero(member.basis.rows());
    for (Eigen::Index r = 0; r < by_move.size(); ++r) {
      numeric::add_multiple(weights.data(), member.basis.data() + member.basis.rows() * r, by_move[r], weights.size());
    }
    member.at.add_gradient(weights.data(), 1, gradient);
    member.query.add_gradient(by_mean, by_variance, gradient);
  }

  template <class Predict>
  [[nodiscard]] Eigen::ArrayXd batch(const Eigen::Ref<const EncodedPoints>& points, Predict predict) {
    std::vector<Prediction> predictions;
    for (const Member& member : members_) predictions.push_back(predict(*member.model, points));
    Eigen::ArrayXd values(points.rows());
    for (Eigen::Index i = 0; i < points.rows(); ++i) {
      for (std::size_t m = 0; m < members_.size(); ++m) {
        members_[m].at.move_to(points.row(i));
        fill(m, predictions[m].mean[i], predictions[m].variance[i]);
      }
      values[i] = numeric::log_sum_exp(logs_) - numeric::log(static_cast<double>(count_));
    }
    return values;
  }

  std::size_t count_;
  std::vector<Member> members_;
  std::vector<double> logs_;
};

}  // namespace hposearch::inline v0
