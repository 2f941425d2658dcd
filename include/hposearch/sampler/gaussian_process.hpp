/// \file
/// Bayesian optimisation with a Gaussian process.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include <hposearch/acquisition/candidates.hpp>
#include <hposearch/acquisition/log_expected_improvement.hpp>
#include <hposearch/acquisition/maximiser.hpp>
#include <hposearch/numeric/random.hpp>
#include <hposearch/sampler.hpp>
#include <hposearch/sampler/initial_design.hpp>
#include <hposearch/sampler/stagnation.hpp>
#include <hposearch/surrogate/ensemble.hpp>
#include <hposearch/surrogate/gaussian_process.hpp>
#include <hposearch/surrogate/kernel.hpp>
#include <hposearch/surrogate/observations.hpp>

namespace hposearch::inline v0 {

struct GaussianProcessOptions {
  /// Trials before the model; by default clamp(d + 2, 4, 12), and at most a fifth of a known budget.
  std::optional<std::size_t> initial{};
  EnsembleOptions surrogate{};
  MaximiserOptions maximiser{};
  std::size_t elites = 6;  ///< observed points whose surroundings are searched for candidates
  /// How much more improvement, in standard deviations of the targets, every second trial must promise for each trial
  /// that the search has stalled beyond the first five. 0: a local optimum or a plateau is searched for as long as the
  /// model sees the least gain there. With trials in flight it is one trial of as many more, and so many more stalled
  /// ones are borne.
  double ambition = 0.03;
};

/// Bayesian optimisation: a few spread-out points, then the largest expected improvement of a Gaussian process fitted
/// to what has been observed.
///
/// Trials on their way count as observed at the model's mean, failed ones as observed with the worst loss so far. What
/// it proposes depends on the request alone; fits are kept between calls, and a fresh sampler given the same history
/// makes the same proposals, if more slowly at its first call. See docs/sampler-notes.md for what was measured.
class GaussianProcessSampler {
 public:
  explicit GaussianProcessSampler(GaussianProcessOptions options = {}) : options_(std::move(options)) {}

  [[nodiscard]] EncodedPoints suggest(const SuggestRequest& request) {
    const auto& space = request.space;
    EncodedPoints points(static_cast<Eigen::Index>(request.count), static_cast<Eigen::Index>(space.size()));
    PointSet chosen;
    for (Eigen::Index i = 0; i < points.rows(); ++i) {
      points.row(i) = next(request, points.topRows(i), chosen);
      chosen.insert(points.row(i));
    }
    return points;
  }

 private:
  [[nodiscard]] EncodedPoint next(const SuggestRequest& request, const Eigen::Ref<const EncodedPoints>& before,
                                  const PointSet& chosen) {
    const auto& space = request.space;
    const auto taken = [&](const Eigen::Ref<const EncodedPoint>& point) {
      return request.history.seen().contains(point) || chosen.contains(point);
    };
    const std::size_t index = request.history.size() + static_cast<std::size_t>(before.rows());
    if (space.size() == 0) return EncodedPoint(0);
    if (index < initial(request) || request.history.count(TrialState::completed) < 2) {
      return design_point(request, index, taken);
    }
    return model_point(request, before, index, taken);
  }

  [[nodiscard]] std::size_t initial(const SuggestRequest& request) const {
    if (options_.initial) return *options_.initial;
    const std::size_t wanted = std::clamp<std::size_t>(request.space.size() + 2, 4, 12);
    return request.budget ? std::min(wanted, std::max<std::size_t>(*request.budget / 5, 2)) : wanted;
  }

  template <class Taken>
  [[nodiscard]] EncodedPoint design_point(const SuggestRequest& request, std::size_t index, const Taken& taken) const {
    const auto& space = request.space;
    const EncodedPoint start = default_point(space);
    if (!taken(start) || index == 0) return start;
    const std::size_t size = initial(request);
    if (index < size) return spread_out_design(space, size - 1, request.seed).row(static_cast<Eigen::Index>(index) - 1);
    return quasi_random_points(space, request.seed, index, 1).row(0);
  }

  template <class Taken>
  [[nodiscard]] EncodedPoint model_point(const SuggestRequest& request, const Eigen::Ref<const EncodedPoints>& before,
                                         std::size_t index, const Taken& taken) {
    const auto& space = request.space;
    condition(request);
    const EncodedPoints pending = pending_points(request.history, before);
    const auto in_flight = static_cast<std::size_t>(pending.rows());
    const double margin = index % (2 + in_flight) == 0 ? required_improvement(in_flight) : 0;
    std::vector<LogExpectedImprovement::Part> parts;
    for (auto& [model, log_weight, log_unit] : ensemble_->members()) {
      model.truncate(0);
      for (Eigen::Index i = 0; i < pending.rows(); ++i) model.append(pending.row(i));
      model.prepare();
      double incumbent = model.fitted().minCoeff();
      // What is believed of a trial in flight counts as found, so that not all workers go after the same gain.
      if (in_flight > 0) incumbent = std::min(incumbent, model.screen(pending).mean.minCoeff());
      parts.push_back({&model, incumbent - margin, log_weight + log_unit});
    }
    LogExpectedImprovement acquisition{std::move(parts)};
    numeric::Random random{request.seed, index};
    Maximiser maximiser{acquisition, space, taken, options_.maximiser};
    const auto found = maximiser(candidates(request, index, random), random);
    return found ? found->point : EncodedPoint(quasi_random_points(space, request.seed, index, 1).row(0));
  }

  // The points in flight: those of pending trials, and those chosen before in the same call.
  [[nodiscard]] static EncodedPoints pending_points(const History& history,
                                                    const Eigen::Ref<const EncodedPoints>& before) {
    const auto pending = history.pending();
    EncodedPoints points(static_cast<Eigen::Index>(pending.size()) + before.rows(), before.cols());
    for (std::size_t i = 0; i < pending.size(); ++i) {
      points.row(static_cast<Eigen::Index>(i)) = history.point(pending[i]);
    }
    points.bottomRows(before.rows()) = before;
    return points;
  }

  // Of the targets' standard deviations. Results of trials that were in flight when the best was found are no news.
  [[nodiscard]] double required_improvement(std::size_t in_flight) const {
    const std::size_t patience = 5 + in_flight;
    constexpr double worth_counting = 0.02;
    const std::size_t stalled = stalled_trials(known_->losses, worth_counting);
    return stalled <= patience ? 0 : options_.ambition * static_cast<double>(stalled - patience);
  }

  void condition(const SuggestRequest& request) {
    Observations now = observations(request.history);
    if (!ensemble_ || seed_ != request.seed) {
      ensemble_.emplace(request.space, options_.surrogate, request.seed);
      seed_ = request.seed;
      known_.reset();
    }
    if (known_ && known_->size() == now.size() && known_->shared_prefix(now) == now.size()) return;
    known_ = std::move(now);
    ensemble_->condition(*known_);
  }

  // Completed trials, and failed ones with the worst loss, in the order of ending: what is known already keeps its
  // place when a trial that began earlier ends later, and so do the fits along the parameter path.
  [[nodiscard]] static Observations observations(const History& history) {
    const std::size_t failed = history.count(TrialState::failed);
    Observations result;
    result.points.resize(static_cast<Eigen::Index>(history.count(TrialState::completed) + failed),
                         static_cast<Eigen::Index>(history.dimensions()));
    double worst = -std::numeric_limits<double>::infinity();
    for (const TrialId id : history.ended()) {
      if (history.state(id) == TrialState::completed) worst = std::max(worst, history.losses()[id]);
    }
    for (const TrialId id : history.ended()) {
      const bool completed = history.state(id) == TrialState::completed;
      if (!completed && history.state(id) != TrialState::failed) continue;
      result.points.row(static_cast<Eigen::Index>(result.size())) = history.point(id);
      result.losses.push_back(completed ? history.losses()[id] : worst);
    }
    return result;
  }

  [[nodiscard]] EncodedPoints candidates(const SuggestRequest& request, std::size_t index,
                                         numeric::Random& random) const {
    const auto& space = request.space;
    const auto& sizes = options_.maximiser.candidates;
    const auto cardinality = space.cardinality();
    if (cardinality && *cardinality <= sizes.enumerate) return all_points(space);
    const GaussianProcess& best = ensemble_->members().front().model;
    const Observations& known = ensemble_->observations();
    std::vector<Eigen::Index> order(known.size());
    std::iota(order.begin(), order.end(), Eigen::Index{0});
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return best.fitted()[a] < best.fitted()[b]; });
    order.resize(std::min(order.size(), options_.elites));
    const auto global = static_cast<Eigen::Index>(sizes.global), around = static_cast<Eigen::Index>(sizes.around);
    EncodedPoints points(global + around * static_cast<Eigen::Index>(order.size()),
                         static_cast<Eigen::Index>(space.size()));
    points.topRows(global) = quasi_random_points(space, request.seed + 1, index * sizes.global, sizes.global);
    EncodedPoint width(points.cols());
    for (Eigen::Index j = 0; j < width.size(); ++j) {
      width[j] = std::clamp(0.5 * Kernel::root_five / best.scales()[j], 0.01, 0.3);
    }
    for (std::size_t e = 0; e < order.size(); ++e) {
      const EncodedPoint centre = known.points.row(order[e]);
      perturb(space, centre, width, 20, random,
              points.middleRows(global + around * static_cast<Eigen::Index>(e), around));
    }
    return points;
  }

  GaussianProcessOptions options_;
  std::optional<Ensemble> ensemble_;
  std::uint64_t seed_ = 0;
  std::optional<Observations> known_;
};

static_assert(Sampler<GaussianProcessSampler>);

}  // namespace hposearch::inline v0
