/// \file
/// A portfolio of acquisitions that learns which of them does well.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include <hposearch/acquisition/candidates.hpp>
#include <hposearch/acquisition/dynamic_acquisition.hpp>
#include <hposearch/acquisition/lower_confidence_bound.hpp>
#include <hposearch/acquisition/probability_of_improvement.hpp>
#include <hposearch/numeric/elementary.hpp>
#include <hposearch/numeric/random.hpp>
#include <hposearch/surrogate/ensemble.hpp>

namespace hposearch::inline v0 {

struct HedgeOptions {
  double eta = 1;            ///< how fast gains decide
  std::size_t window = 32;   ///< results whose gains count
  double least = 0.01;       ///< improvement that does not count, see LogProbabilityOfImprovement
  double kappa = 1.96;       ///< see LowerConfidenceBound
  std::size_t points = 400;  ///< quasi-random points that a proposal is the best of when gains are computed
  EnsembleOptions surrogate{};
};

namespace detail {

/// The gains of the acquisitions in a hedge.
///
/// After each result, every acquisition proposes a point by the model before it and gains what the model after it
/// thinks of that, the negative mean. The gains are a function of the results, whoever asks: a new one replays the
/// window.
class HedgeGains {
 public:
  static constexpr std::size_t count = 3;  // log expected improvement, log probability of improvement, bound

  HedgeGains(const EncodedSpace& space, const HedgeOptions& options, std::uint64_t seed)
      : space_(space), options_(options), ensemble_(space, with_plain_targets(options.surrogate), seed), seed_(seed) {}

  /// The acquisition with this number, over `parts`.
  [[nodiscard]] static std::unique_ptr<DynamicAcquisition> make(std::size_t number,
                                                                std::vector<LogExpectedImprovement::Part> parts,
                                                                const HedgeOptions& options) {
    if (number == 0) {
      for (auto& part : parts) part.incumbent -= options.least;
      return std::make_unique<DynamicAcquisitionOf<LogExpectedImprovement>>(LogExpectedImprovement{std::move(parts)});
    }
    if (number == 1) {
      return std::make_unique<UtilityOverModels<LogProbabilityOfImprovement>>(
          std::move(parts), LogProbabilityOfImprovement{.least = options.least});
    }
    return std::make_unique<UtilityOverModels<LowerConfidenceBound>>(std::move(parts),
                                                                     LowerConfidenceBound{.kappa = options.kappa});
  }

  /// Gains after all of `known`.
  [[nodiscard]] std::vector<double> at(const Observations& known) {
    const std::size_t shared = known_.shared_prefix(known);
    while (!steps_.empty() && steps_.back().size >= shared) steps_.pop_back();
    known_ = known;
    const std::size_t least =
        std::max<std::size_t>(known.size() > options_.window ? known.size() - options_.window : 0, 2);
    while (!steps_.empty() && steps_.front().size < least) steps_.pop_front();
    if (!steps_.empty() && steps_.front().size != least) steps_.clear();
    for (std::size_t size = steps_.empty() ? least : steps_.back().size + 1; size < known.size(); ++size) step(size);
    std::vector<double> gains(count, 0.0);
    for (const Step& step : steps_) {
      for (std::size_t a = 0; a < count; ++a) gains[a] += step.gains[a];
    }
    return gains;
  }

 private:
  struct Step {
    std::size_t size;  // of the results before
    std::vector<double> gains;
  };

  void step(std::size_t size) {
    GaussianProcess& before = condition(size);
    before.prepare();
    const double incumbent = *std::min_element(before.fitted().data(), before.fitted().data() + before.fitted().size());
    const EncodedPoints points = quasi_random_points(space_, seed_ + 3, size * options_.points, options_.points);
    EncodedPoints proposals(static_cast<Eigen::Index>(count), points.cols());
    for (std::size_t a = 0; a < count; ++a) {
      const Eigen::ArrayXd values = (*make(a, {{&before, incumbent}}, options_))(points);
      Eigen::Index best = 0;
      for (Eigen::Index i = 1; i < values.size(); ++i) best = values[i] > values[best] ? i : best;
      proposals.row(static_cast<Eigen::Index>(a)) = points.row(best);
    }
    const Eigen::ArrayXd mean = condition(size + 1).screen(proposals).mean;
    Step step{.size = size, .gains = {}};
    for (Eigen::Index a = 0; a < mean.size(); ++a) step.gains.push_back(-mean[a]);
    steps_.push_back(std::move(step));
  }

  GaussianProcess& condition(std::size_t size) {
    ensemble_.condition(known_.head(size));
    return ensemble_.members().front().model;
  }

  EncodedSpace space_;
  HedgeOptions options_;
  Ensemble ensemble_;
  std::uint64_t seed_;
  Observations known_;
  std::deque<Step> steps_;
};

}  // namespace detail

/// Expected improvement, probability of improvement and lower confidence bound, one of which is drawn for each point
/// with odds exp(eta gain). Source: Hoffman, Brochu and de Freitas, Portfolio allocation for Bayesian optimization (UAI
/// 2011); scikit-optimize's `gp_hedge`. Unlike there, gains are summed over a window of results.
[[nodiscard]] inline AcquisitionRule hedge(HedgeOptions options = {}) {
  struct Cache {
    std::optional<detail::HedgeGains> gains;
    std::optional<std::uint64_t> seed;
  };
  return [options,
          cache = std::make_shared<Cache>()](const AcquisitionContext& context) -> std::unique_ptr<DynamicAcquisition> {
    constexpr std::uint64_t stream = 0x6865646765ULL;
    if (cache->seed != context.seed) cache->gains.emplace(context.space, options, context.seed);
    cache->seed = context.seed;
    const std::vector<double> gains = cache->gains->at(context.known);
    const double largest = *std::max_element(gains.begin(), gains.end());
    std::vector<double> odds;
    double total = 0;
    for (const double gain : gains) total += odds.emplace_back(numeric::exp(options.eta * (gain - largest)));
    double left = numeric::Random{context.seed ^ stream, context.index}.uniform() * total;
    std::size_t chosen = 0;
    while (chosen + 1 < odds.size() && left >= odds[chosen]) left -= odds[chosen++];
    return detail::HedgeGains::make(chosen, context.parts, options);
  };
}

}  // namespace hposearch::inline v0
