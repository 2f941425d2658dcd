/// \file
/// Thompson sampling.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <Eigen/Core>

#include <hposearch/acquisition/candidates.hpp>
#include <hposearch/acquisition/dynamic_acquisition.hpp>
#include <hposearch/numeric/elementary.hpp>
#include <hposearch/numeric/random.hpp>
#include <hposearch/surrogate/posterior_draw.hpp>

namespace hposearch::inline v0 {

/// A function drawn from the posterior, negated: its maximum is where a search that believes in chance goes next, and
/// any number of workers get different ones. Source: Kandasamy et al., Parallelised Bayesian optimisation via Thompson
/// sampling (AISTATS 2018).
class ThompsonSample final : public DynamicAcquisition {
 public:
  explicit ThompsonSample(PosteriorDraw draw) : draw_(std::move(draw)), at_(draw_.correlations()) {}
  ThompsonSample(const ThompsonSample&) = delete;
  ThompsonSample& operator=(const ThompsonSample&) = delete;
  ThompsonSample(ThompsonSample&&) = delete;
  ThompsonSample& operator=(ThompsonSample&&) = delete;
  ~ThompsonSample() override = default;

  [[nodiscard]] Measure measure() const noexcept override { return Measure::real; }

  [[nodiscard]] Eigen::ArrayXd operator()(const Eigen::Ref<const EncodedPoints>& points) override {
    Eigen::ArrayXd values(points.rows());
    for (Eigen::Index i = 0; i < points.rows(); ++i) {
      at_.move_to(points.row(i));
      values[i] = -draw_.value(at_);
    }
    return values;
  }

  [[nodiscard]] Eigen::ArrayXd screen(const Eigen::Ref<const EncodedPoints>& points) override {
    return (*this)(points);
  }

  [[nodiscard]] double operator()(const Eigen::Ref<const EncodedPoint>& point,
                                  Eigen::Ref<EncodedPoint> gradient) override {
    at_.move_to(point);
    gradient.setZero();
    draw_.add_gradient(at_, -1, gradient);
    return -draw_.value(at_);
  }

 private:
  PosteriorDraw draw_;
  Correlations at_;
};

struct ThompsonOptions {
  std::size_t global = 96;       ///< quasi-random points that the function is drawn at
  std::size_t around_best = 32;  ///< further ones around the best observed point
};

/// Thompson sampling of one of the models, drawn by weight. \throws nothing
[[nodiscard]] inline AcquisitionRule thompson_sampling(ThompsonOptions options = {}) {
  return [options](const AcquisitionContext& context) -> std::unique_ptr<DynamicAcquisition> {
    constexpr std::uint64_t stream = 0x74686f6d70736f6eULL;
    numeric::Random random{context.seed ^ stream, context.index};
    double total = 0;
    for (const auto& part : context.parts) total += numeric::exp(part.log_weight - context.parts[0].log_weight);
    double left = random.uniform() * total;
    std::size_t chosen = 0;
    for (; chosen + 1 < context.parts.size(); ++chosen) {
      left -= numeric::exp(context.parts[chosen].log_weight - context.parts[0].log_weight);
      if (left < 0) break;
    }
    const GaussianProcess& model = *context.parts[chosen].model;

    const auto global = static_cast<Eigen::Index>(options.global);
    EncodedPoints points(global + static_cast<Eigen::Index>(options.around_best), model.dimensions());
    points.topRows(global) =
        quasi_random_points(context.space, context.seed + 2, context.index * options.global, options.global);
    const double* fitted = model.fitted().data();
    const auto best = std::min_element(fitted, fitted + model.fitted().size()) - fitted;
    EncodedPoint centre = model.point(best);
    context.space.snap(centre);
    perturb(context.space, centre, EncodedPoint::Constant(centre.size(), 0.2), 20, random,
            points.bottomRows(points.rows() - global));
    return std::make_unique<ThompsonSample>(PosteriorDraw{model, points, random});
  };
}

}  // namespace hposearch::inline v0
