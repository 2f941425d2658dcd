/// \file
/// Maximises an acquisition function over a mixed space.
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include <hposearch/acquisition/candidates.hpp>
#include <hposearch/numeric/lbfgsb.hpp>
#include <hposearch/numeric/random.hpp>
#include <hposearch/space/encoded_space.hpp>
#include <hposearch/trial/point_set.hpp>

namespace hposearch::inline v0 {

/// Something to maximise: values of many canonical points at once, cheap upper bounds of them, and value with gradient
/// at any one point.
template <class A>
concept Acquisition = requires(A& a, const EncodedPoints& points, const EncodedPoint& point, EncodedPoint& gradient) {
  { a(points) } -> std::convertible_to<Eigen::ArrayXd>;
  { a.screen(points) } -> std::convertible_to<Eigen::ArrayXd>;
  { a(point, gradient) } -> std::convertible_to<double>;
};

struct MaximiserOptions {
  CandidateOptions candidates{};
  std::size_t screened = 128;  ///< candidates with the largest bounds, whose values are computed
  std::size_t starts = 6;      ///< candidates that local search begins from
  std::size_t rounds = 4;      ///< most alternations of continuous and discrete search per start
  int iterations = 20;         ///< of one continuous search
  double value_tolerance = 1e-5;
  double gradient_tolerance = 1e-3;
  std::size_t neighbours = 96;  ///< most discrete neighbours that one move chooses from
};

/// A point and its acquisition.
struct Maximum {
  EncodedPoint point;
  double value = 0;
};

/// Candidates in one batched pass, then from the best of them an alternation of bounded quasi-Newton steps over the
/// numeric dimensions and best-improvement moves over the discrete ones, until neither moves.
///
/// Ordered dimensions with many cells take part in the first continuous search as if they were reals and are rounded
/// after it; from then on they move by cells.
template <Acquisition A, class Taken>
class Maximiser {
 public:
  Maximiser(A& acquisition, const EncodedSpace& space, Taken taken, const MaximiserOptions& options)
      : acquisition_(acquisition), space_(space), taken_(std::move(taken)), options_(options) {}

  /// The best point found that is not taken; nothing where every candidate is.
  [[nodiscard]] std::optional<Maximum> operator()(const EncodedPoints& candidates, numeric::Random& random) {
    best_.reset();
    if (candidates.rows() == 0) return {};
    const EncodedPoints chosen = screen(candidates);
    const Eigen::ArrayXd values = acquisition_(chosen);
    const auto order = descending(values);
    const auto starts = spread_out(chosen, order);
    for (Eigen::Index i = 0; i < chosen.rows(); ++i) consider(chosen.row(i), values[i]);
    for (const auto i : starts) climb(chosen.row(i), values[i], random);
    return best_;
  }

 private:
  [[nodiscard]] static std::vector<Eigen::Index> descending(const Eigen::ArrayXd& values) {
    std::vector<Eigen::Index> order(static_cast<std::size_t>(values.size()));
    std::iota(order.begin(), order.end(), Eigen::Index{0});
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return values[a] > values[b]; });
    return order;
  }

  // The untaken candidates with the largest bounds.
  [[nodiscard]] EncodedPoints screen(const EncodedPoints& candidates) const {
    if (candidates.rows() <= static_cast<Eigen::Index>(options_.screened)) return candidates;
    EncodedPoints chosen(static_cast<Eigen::Index>(options_.screened), candidates.cols());
    Eigen::Index count = 0;
    for (const auto i : descending(acquisition_.screen(candidates))) {
      if (count == chosen.rows()) break;
      if (!taken_(candidates.row(i))) chosen.row(count++) = candidates.row(i);
    }
    return chosen.topRows(count);
  }

  // The best candidates, leaving out those in the immediate neighbourhood of better ones.
  [[nodiscard]] std::vector<Eigen::Index> spread_out(const EncodedPoints& candidates,
                                                     const std::vector<Eigen::Index>& order) const {
    constexpr double near = 0.05;
    std::vector<Eigen::Index> starts;
    for (const auto i : order) {
      if (starts.size() == options_.starts) break;
      const bool apart = std::all_of(starts.begin(), starts.end(), [&](Eigen::Index k) {
        double largest = 0;
        for (Eigen::Index j = 0; j < candidates.cols(); ++j) {
          largest = std::max(largest, std::fabs(candidates(i, j) - candidates(k, j)));
        }
        return largest > near;
      });
      if (apart) starts.push_back(i);
    }
    return starts;
  }

  void consider(const Eigen::Ref<const EncodedPoint>& point, double value) {
    if ((!best_ || value > best_->value) && !taken_(point)) best_ = Maximum{point, value};
  }

  void climb(EncodedPoint point, double value, numeric::Random& random) {
    for (std::size_t round = 0; round < options_.rounds; ++round) {
      const double before = value;
      move_continuously(point, value, round == 0);
      const bool moved = move_discretely(point, value, random);
      if (!moved && round > 0) break;
      if (value <= before + tolerance) break;
    }
  }

  // Dimensions that a continuous search may move.
  [[nodiscard]] std::vector<Eigen::Index> movable(bool relaxed) const {
    std::vector<Eigen::Index> axes;
    for (std::size_t j = 0; j < space_.size(); ++j) {
      const bool fine = relaxed && space_[j].kind == DimensionKind::ordered && space_[j].cells >= fine_cells;
      if (space_[j].kind == DimensionKind::real || fine) axes.push_back(static_cast<Eigen::Index>(j));
    }
    return axes;
  }

  void move_continuously(EncodedPoint& point, double& value, bool relaxed) {
    const auto axes = movable(relaxed);
    if (axes.empty()) return;
    const auto count = static_cast<Eigen::Index>(axes.size());
    Eigen::VectorXd start(count);
    for (Eigen::Index a = 0; a < count; ++a) start[a] = point[axes[static_cast<std::size_t>(a)]];
    EncodedPoint trial = point, gradient(point.size());
    const auto objective = [&](const Eigen::VectorXd& x, Eigen::VectorXd& slope) {
      for (Eigen::Index a = 0; a < count; ++a) trial[axes[static_cast<std::size_t>(a)]] = x[a];
      const double result = acquisition_(trial, gradient);
      slope.resize(count);
      for (Eigen::Index a = 0; a < count; ++a) slope[a] = -gradient[axes[static_cast<std::size_t>(a)]];
      return -result;
    };
    const auto found =
        numeric::minimize_bounded(objective, start, Eigen::VectorXd::Zero(count), Eigen::VectorXd::Ones(count),
                                  {.max_iterations = options_.iterations,
                                   .gradient_tolerance = options_.gradient_tolerance,
                                   .value_tolerance = options_.value_tolerance});
    trial = point;
    for (Eigen::Index a = 0; a < count; ++a) trial[axes[static_cast<std::size_t>(a)]] = found.x[a];
    space_.snap(trial);
    const double reached = relaxed ? acquisition_(EncodedPoints(trial))[0] : -found.value;
    consider(trial, reached);
    if (reached > value) {
      value = reached;
      point = trial;
    }
  }

  // Steps to the best neighbour while that is better. \return whether it moved
  bool move_discretely(EncodedPoint& point, double& value, numeric::Random& random) {
    bool moved = false;
    for (std::size_t step = 0; step < max_steps; ++step) {
      const EncodedPoints around = discrete_neighbours(space_, point, options_.neighbours, random);
      if (around.rows() == 0) return moved;
      const Eigen::ArrayXd values = acquisition_(around);
      Eigen::Index best = 0;
      for (Eigen::Index i = 0; i < around.rows(); ++i) {
        consider(around.row(i), values[i]);
        if (values[i] > values[best]) best = i;
      }
      if (values[best] <= value + tolerance) return moved;
      point = around.row(best);
      value = values[best];
      moved = true;
    }
    return moved;
  }

  static constexpr double tolerance = 1e-9;
  static constexpr std::size_t fine_cells = 8;
  static constexpr std::size_t max_steps = 16;

  A& acquisition_;
  const EncodedSpace& space_;
  Taken taken_;
  MaximiserOptions options_;
  std::optional<Maximum> best_;
};

}  // namespace hposearch::inline v0
