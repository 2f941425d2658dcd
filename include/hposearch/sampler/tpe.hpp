/// \file
/// The tree-structured Parzen estimator.
#pragma once

#include <cstddef>
#include <numeric>
#include <span>
#include <vector>

#include <Eigen/Core>

#include <hposearch/error.hpp>
#include <hposearch/numeric/random.hpp>
#include <hposearch/sampler.hpp>
#include <hposearch/sampler/random.hpp>
#include <hposearch/sampler/tpe/observations.hpp>
#include <hposearch/sampler/tpe/parzen_estimator.hpp>
#include <hposearch/sampler/tpe/split.hpp>
#include <hposearch/space/encoded_space.hpp>
#include <hposearch/text.hpp>
#include <hposearch/trial/history.hpp>

namespace hposearch::inline v0 {

/// The defaults are Optuna's.
struct TpeOptions {
  bool multivariate = false;        ///< one density over all dimensions rather than one for each
  std::size_t initial = 10;         ///< random points until so many trials have ended
  std::size_t candidates = 24;      ///< drawn from the good density, of which the most promising is proposed
  double prior_weight = 1;          ///< of the kernel that stands for the prior, above 0
  bool constant_liar = true;        ///< pending trials count as bad ones, so that points in flight differ
  std::size_t max_kernels = 10000;  ///< of a density; of more trials, evenly spaced ones stand for all
};

/// Tree-structured Parzen estimator: one density of the best tenth of the trials, one of all others; proposes the
/// candidate, drawn from the good density, where the ratio of the two is largest.
///
/// Trials are split and weighted as in Optuna 5 (see tpe::split and tpe::age_weight); in the cube a log dimension is
/// already linear, and cells of ordered dimensions have the masses of the truncated normal kernels. Unlike there,
/// failed trials are kept, among the bad ones, and end the random phase too. Source: Bergstra et al., Algorithms for
/// Hyper-Parameter Optimization, NIPS 2011; Watanabe, Tree-Structured Parzen Estimator: Understanding Its Algorithm
/// Components, arXiv 2304.11127.
class TpeSampler {
 public:
  /// \throws InvalidArgument if an option is out of its range
  explicit TpeSampler(TpeOptions options = {}) : options_(options) {
    if (options.candidates < 1) throw InvalidArgument("candidates", "0", "must be at least 1");
    if (options.max_kernels < 1) throw InvalidArgument("max_kernels", "0", "must be at least 1");
    if (!(options.prior_weight > 0 && options.prior_weight <= 1e6)) {
      throw InvalidArgument("prior_weight", to_text(options.prior_weight), "must be above 0 and at most 1e6");
    }
  }

  [[nodiscard]] EncodedPoints suggest(const SuggestRequest& request) const {
    const auto& space = request.space;
    const auto& history = request.history;
    const std::size_t ended =
        history.size() - history.count(TrialState::pending) - history.count(TrialState::cancelled);
    if (ended < options_.initial) return RandomSampler{}.suggest(request);
    EncodedPoints points(static_cast<Eigen::Index>(request.count), static_cast<Eigen::Index>(space.size()));
    numeric::Random random{request.seed, history.size()};
    const tpe::Split split = tpe::split(history, options_.constant_liar);
    const auto below = tpe::observations(history, split.below, points.topRows(0), options_.max_kernels);
    for (Eigen::Index i = 0; i < points.rows(); ++i) {
      const auto before = points.topRows(options_.constant_liar ? i : 0);
      const auto above = tpe::observations(history, split.above, before, options_.max_kernels);
      points.row(i) = propose(space, below, above, random);
    }
    return points;
  }

 private:
  [[nodiscard]] EncodedPoint propose(const EncodedSpace& space, const tpe::Observations& below,
                                     const tpe::Observations& above, numeric::Random& random) const {
    std::vector<std::size_t> all(space.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    EncodedPoint point = EncodedPoint::Zero(static_cast<Eigen::Index>(space.size()));
    if (options_.multivariate) {
      choose(space, all, below, above, point, random);
    } else {
      for (const std::size_t& j : all) choose(space, {&j, 1}, below, above, point, random);
    }
    return point;
  }

  // Sets `dimensions` of `point`.
  void choose(const EncodedSpace& space, std::span<const std::size_t> dimensions, const tpe::Observations& below,
              const tpe::Observations& above, Eigen::Ref<EncodedPoint> point, numeric::Random& random) const {
    const tpe::ParzenEstimator good{space, dimensions, below, options_.prior_weight};
    const tpe::ParzenEstimator bad{space, dimensions, above, options_.prior_weight};
    EncodedPoint candidate = point;
    double best = 0;
    for (std::size_t c = 0; c < options_.candidates; ++c) {
      good.sample(candidate, random);
      const double ratio = good.log_density(candidate) - bad.log_density(candidate);
      if (c == 0 || ratio > best) {
        best = ratio;
        point = candidate;
      }
    }
  }

  TpeOptions options_;
};

static_assert(Sampler<TpeSampler>);

}  // namespace hposearch::inline v0
