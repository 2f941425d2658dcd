/// \file
/// Where a quadratic model of an objective has its minimum in a box.
///
/// R. H. Byrd, P. Lu, J. Nocedal, C. Zhu: A limited memory algorithm for bound constrained optimization. SIAM Journal
/// on Scientific Computing 16, 1995: sections 4 (Cauchy point) and 5.1 (subspace minimisation). J. L. Morales, J.
/// Nocedal: Remark on algorithm 778. ACM Transactions on Mathematical Software 38, 2011 (projection of the subspace
/// minimum).
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include <hposearch/numeric/dense.hpp>
#include <hposearch/numeric/limited_memory.hpp>
#include <hposearch/numeric/small_lu.hpp>

namespace hposearch::inline v0::numeric {

/// A box: lower <= x <= upper, either side possibly infinite.
struct Box {
  Eigen::VectorXd lower, upper;

  [[nodiscard]] double clamp(Eigen::Index i, double x) const { return std::clamp(x, lower[i], upper[i]); }
};

/// The minimiser of g^T (z - x) + (z - x)^T B (z - x) / 2 over a box, approximately.
class BoundedModel {
 public:
  BoundedModel(const Box& box, const LimitedMemory& memory)
      : box_(box), memory_(memory), direction_(box.lower.size()), target_(box.lower.size()) {
    breaks_.reserve(static_cast<std::size_t>(box.lower.size()));
    free_.reserve(static_cast<std::size_t>(box.lower.size()));
  }

  /// Where to step from `x` with gradient `g`: a point of the box.
  [[nodiscard]] const Eigen::VectorXd& minimize(const Eigen::VectorXd& x, const Eigen::VectorXd& g) {
    for (auto* vector : {&p_, &c_, &w_, &mw_}) vector->resize(2 * memory_.size());
    find_cauchy_point(x, g);
    collect_free();
    if (memory_.size() > 0 && !free_.empty()) minimize_in_subspace(x, g);
    return target_;
  }

 private:
  static void add_multiple(Eigen::VectorXd& y, const Eigen::VectorXd& a, double factor) {
    numeric::add_multiple(y.data(), a.data(), factor, y.size());
  }

  /// The first minimum of the model along the projected steepest descent path (section 4); c_ = W^T (target - x) after.
  void find_cauchy_point(const Eigen::VectorXd& x, const Eigen::VectorXd& g) {
    find_breaks(x, g);
    memory_.project(direction_, p_);
    c_.setZero();
    const double theta = memory_.theta();
    double slope = -dot(direction_, direction_);
    mw_ = p_;
    memory_.apply_middle(mw_);
    double curvature = -theta * slope - dot(p_, mw_);
    // Rounding must not turn the model's convexity around.
    const double least_curvature = std::numeric_limits<double>::epsilon() * curvature;
    double now = 0;
    std::size_t next = 0;
    for (; next < breaks_.size() && slope < 0; ++next) {
      const auto [at, b] = breaks_[next];
      const double span = at - now;
      if (-slope < span * curvature) break;
      // Coordinate b arrives at its bound and stays there.
      target_[b] = g[b] > 0 ? box_.lower[b] : box_.upper[b];
      const double z = target_[b] - x[b];
      add_multiple(c_, p_, span);
      memory_.row(b, w_);
      mw_ = w_;
      memory_.apply_middle(mw_);
      slope += span * curvature + g[b] * (g[b] + theta * z - dot(mw_, c_));
      curvature -= g[b] * (theta * g[b] + 2 * dot(mw_, p_) + g[b] * dot(mw_, w_));
      curvature = std::max(curvature, least_curvature);
      add_multiple(p_, w_, g[b]);
      direction_[b] = 0;
      now = at;
    }
    const double rest = slope < 0 ? -slope / curvature : 0;
    add_multiple(c_, p_, rest);
    for (Eigen::Index i = 0; i < x.size(); ++i)
      if (direction_[i] != 0) target_[i] = box_.clamp(i, x[i] + (now + rest) * direction_[i]);
  }

  /// Sets the steepest descent direction and when each coordinate meets its bound on it, in order.
  void find_breaks(const Eigen::VectorXd& x, const Eigen::VectorXd& g) {
    breaks_.clear();
    for (Eigen::Index i = 0; i < x.size(); ++i) {
      target_[i] = x[i];
      direction_[i] = 0;
      if (g[i] == 0) continue;
      const double at = (x[i] - (g[i] > 0 ? box_.lower[i] : box_.upper[i])) / g[i];
      if (!(at > 0)) continue;
      direction_[i] = -g[i];
      if (at < std::numeric_limits<double>::infinity()) breaks_.emplace_back(at, i);
    }
    std::sort(breaks_.begin(), breaks_.end());
  }

  void collect_free() {
    free_.clear();
    for (Eigen::Index i = 0; i < target_.size(); ++i)
      if (target_[i] > box_.lower[i] && target_[i] < box_.upper[i]) free_.push_back(i);
  }

  /// Moves the coordinates that are free at the Cauchy point to the model's minimum over them (section 5.1), by
  /// B_F^-1 = I / theta + W_F (M^-1 - W_F^T W_F / theta)^-1 W_F^T / theta^2.
  void minimize_in_subspace(const Eigen::VectorXd& x, const Eigen::VectorXd& g) {
    const double theta = memory_.theta();
    const auto count = static_cast<Eigen::Index>(free_.size());
    Eigen::MatrixXd w(count, w_.size());
    Eigen::VectorXd step(count);
    memory_.apply_middle(c_);
    for (Eigen::Index f = 0; f < count; ++f) {
      const auto i = free_[static_cast<std::size_t>(f)];
      memory_.row(i, w_);
      for (Eigen::Index k = 0; k < w_.size(); ++k) w(f, k) = w_[k];
      step[f] = -(g[i] + theta * (target_[i] - x[i]) - dot(w_, c_));
    }
    Eigen::MatrixXd middle = memory_.inverse_middle();
    const Eigen::MatrixXd products = gram(w);
    for (Eigen::Index k = 0; k < middle.size(); ++k) middle.data()[k] -= products.data()[k] / theta;
    if (!inner_.factor(middle)) return;
    Eigen::VectorXd v = apply_transposed(w, step);
    inner_.solve(v);
    const Eigen::VectorXd correction = apply(w, v);
    bool finite = true;
    for (Eigen::Index f = 0; f < count; ++f) {
      step[f] = (step[f] + correction[f] / theta) / theta;
      finite = finite && std::isfinite(step[f]);
    }
    if (finite) take(step, x, g);
  }

  /// Moves the target's free coordinates by `step`, projected into the box if that goes downhill, otherwise shortened.
  void take(const Eigen::VectorXd& step, const Eigen::VectorXd& x, const Eigen::VectorXd& g) {
    direction_ = target_;
    double reach = 1;
    for (Eigen::Index f = 0; f < step.size(); ++f) {
      const auto i = free_[static_cast<std::size_t>(f)];
      direction_[i] = box_.clamp(i, target_[i] + step[f]);
      const double room = (step[f] > 0 ? box_.upper[i] : box_.lower[i]) - target_[i];
      if (step[f] != 0) reach = std::min(reach, room / step[f]);
    }
    double slope = 0;
    for (Eigen::Index i = 0; i < x.size(); ++i) slope += g[i] * (direction_[i] - x[i]);
    if (slope < 0) {
      std::swap(target_, direction_);
      return;
    }
    for (Eigen::Index f = 0; f < step.size(); ++f) {
      const auto i = free_[static_cast<std::size_t>(f)];
      target_[i] = box_.clamp(i, target_[i] + reach * step[f]);
    }
  }

  const Box& box_;
  const LimitedMemory& memory_;
  Eigen::VectorXd direction_, target_;
  Eigen::VectorXd p_, c_, w_, mw_;  // p, c, w_b and M w_b of the paper
  std::vector<std::pair<double, Eigen::Index>> breaks_;
  std::vector<Eigen::Index> free_;
  SmallLu inner_;
};

}  // namespace hposearch::inline v0::numeric
