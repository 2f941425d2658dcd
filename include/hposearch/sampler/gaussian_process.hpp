/// \file
/// Bayesian optimisation with a Gaussian process.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include <hposearch/acquisition/candidates.hpp>
#include <hposearch/acquisition/dynamic_acquisition.hpp>
#include <hposearch/acquisition/fantasised_improvement.hpp>
#include <hposearch/acquisition/log_expected_improvement.hpp>
#include <hposearch/acquisition/log_feasibility.hpp>
#include <hposearch/acquisition/maximiser.hpp>
#include <hposearch/acquisition/product.hpp>
#include <hposearch/error.hpp>
#include <hposearch/numeric/random.hpp>
#include <hposearch/sampler.hpp>
#include <hposearch/sampler/gaussian_process_options.hpp>
#include <hposearch/sampler/initial_design.hpp>
#include <hposearch/sampler/outcomes.hpp>
#include <hposearch/sampler/pending_strategy.hpp>
#include <hposearch/sampler/stagnation.hpp>
#include <hposearch/surrogate/ensemble.hpp>
#include <hposearch/surrogate/feasibility.hpp>
#include <hposearch/surrogate/kernel.hpp>
#include <hposearch/surrogate/observations.hpp>
#include <hposearch/surrogate/on_processor.hpp>

namespace hposearch::inline v0 {

/// Bayesian optimisation: a few spread-out points, then the largest expected improvement of a Gaussian process fitted
/// to what has been observed.
///
/// Trials on their way count as observed at the model's mean. Failed ones count as observed with the worst loss so far;
/// once they are three, they leave the model of the losses, and the probability of success by one of their own enters
/// the acquisition. Pruned ones count with the last loss that they reported, but at least the median of the losses
/// known by then, since they were stopped for not looking promising. What it proposes depends on the request alone;
/// fits are kept between calls, and a fresh sampler given the same history makes the same proposals, if more slowly at
/// its first call. See docs/sampler-notes.md for what was measured.
/// \tparam Where see OnProcessor
template <class Where>
class GaussianProcessSamplerOn {
 public:
  /// \throws InvalidArgument if the options ask for an acquisition or fantasies anywhere but on the processor
  explicit GaussianProcessSamplerOn(GaussianProcessOptions options = {}, Where where = {})
      : options_(std::move(options)), where_(std::move(where)) {
    if constexpr (!on_processor) {
      if (options_.acquisition)
        throw InvalidArgument("acquisition", "given", "must be left out: it is made for models on the processor");
      if (options_.pending == PendingStrategy::fantasies)
        throw InvalidArgument("pending", "fantasies", "must be another: they are drawn from models on the processor");
    }
  }

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
  static constexpr bool on_processor = std::same_as<Where, OnProcessor>;
  using Improvement = LogExpectedImprovementOf<typename Where::Model>;

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
    const EncodedPoints pending = pending_points(request.history, before);
    condition(request, pending);
    const auto in_flight = static_cast<std::size_t>(pending.rows());
    const double margin = required_improvement(request, index, in_flight);
    std::vector<typename Improvement::Part> parts;
    for (auto& [model, log_weight, log_unit] : ensemble_->members()) {
      model.truncate(0);
      double incumbent = model.fitted().minCoeff();
      if (in_flight > 0 && !is_constant_liar(options_.pending)) {
        for (Eigen::Index i = 0; i < pending.rows(); ++i) model.append(pending.row(i));
        // What is believed of a trial in flight counts as found, so that not all workers go after the same gain.
        if (believing()) incumbent = std::min(incumbent, model.screen(pending).mean.minCoeff());
      }
      model.prepare();
      parts.push_back({&model, incumbent - margin, log_weight + log_unit});
    }
    if (!special(in_flight)) {
      Improvement acquisition{std::move(parts)};
      return maximum(acquisition, request, index, taken);
    }
    const auto acquisition = make_special(request, index, std::move(parts));
    return maximum(*acquisition, request, index, taken);
  }

  template <class A, class Taken>
  [[nodiscard]] EncodedPoint maximum(A& acquisition, const SuggestRequest& request, std::size_t index,
                                     const Taken& taken) const {
    numeric::Random random{request.seed, index};
    Maximiser maximiser{acquisition, request.space, taken, options_.maximiser};
    const auto found = maximiser(candidates(request, index, random), random);
    return found ? found->point : EncodedPoint(quasi_random_points(request.space, request.seed, index, 1).row(0));
  }

  // Whether fantasies take the place of beliefs: they are those of an improvement.
  [[nodiscard]] bool believing() const { return options_.pending == PendingStrategy::believer || options_.acquisition; }

  // Whether it takes more than the log expected improvement of the models.
  [[nodiscard]] bool special(std::size_t in_flight) const {
    return options_.acquisition || feasibility_known_ ||
           (options_.pending == PendingStrategy::fantasies && in_flight > 0);
  }

  [[nodiscard]] std::unique_ptr<DynamicAcquisition> make_special(const SuggestRequest& request, std::size_t index,
                                                                 std::vector<typename Improvement::Part> parts) const {
    std::unique_ptr<DynamicAcquisition> acquisition;
    if constexpr (on_processor) {
      if (options_.acquisition) {
        acquisition =
            options_.acquisition({request.space, request.history, *known_, request.seed, index, std::move(parts)});
      } else if (options_.pending == PendingStrategy::fantasies) {
        acquisition = std::make_unique<FantasisedImprovement>(std::move(parts), options_.fantasies, request.seed);
      }
    }
    if (!acquisition) {
      acquisition = std::make_unique<DynamicAcquisitionOf<Improvement>>(Improvement{std::move(parts)});
    }
    if (!feasibility_known_) return acquisition;
    return std::make_unique<AcquisitionProduct>(std::move(acquisition),
                                                std::make_unique<LogFeasibility>(*feasibility_));
  }

  // The points in flight: those of pending trials, and those chosen before in the same call. The newest of very many.
  [[nodiscard]] EncodedPoints pending_points(const History& history,
                                             const Eigen::Ref<const EncodedPoints>& before) const {
    const auto pending = history.pending();
    EncodedPoints points(static_cast<Eigen::Index>(pending.size()) + before.rows(), before.cols());
    for (std::size_t i = 0; i < pending.size(); ++i) {
      points.row(static_cast<Eigen::Index>(i)) = history.point(pending[i]);
    }
    points.bottomRows(before.rows()) = before;
    const auto most = static_cast<Eigen::Index>(options_.most_in_flight);
    return points.rows() <= most ? points : EncodedPoints(points.bottomRows(most));
  }

  // Of the targets' standard deviations. Results of trials that were in flight when the best was found are no news.
  [[nodiscard]] double required_improvement(const SuggestRequest& request, std::size_t index,
                                            std::size_t in_flight) const {
    constexpr std::size_t cycle = 15;
    constexpr double worth_counting = 0.02;
    if (request.budget && index + *request.budget / 10 >= *request.budget) return 0;
    const std::size_t patience = 5 + in_flight;
    const std::size_t stalled = stalled_trials(known_->losses, worth_counting);
    if (stalled <= patience) return 0;
    const std::size_t beyond = stalled - patience;
    if (index % (2 + in_flight) != 0) return options_.persistence * static_cast<double>(beyond);
    return options_.ambition * static_cast<double>(beyond % cycle);
  }

  void condition(const SuggestRequest& request, const EncodedPoints& pending) {
    const History& history = request.history;
    const std::size_t failures = history.count(TrialState::failed);
    const bool apart = failures >= options_.least_failures;
    Observations now = objective_observations(history, !apart);
    if (!ensemble_ || seed_ != request.seed) {
      ensemble_.emplace(request.space, options_.surrogate, request.seed, where_);
      feasibility_.reset();
      seed_ = request.seed;
      known_.reset();
    }
    feasibility_known_ = apart;
    if (apart) learn_failures(request);
    const bool lies = is_constant_liar(options_.pending) && pending.rows() > 0;
    if (!lies && !lied_ && known_ && known_->size() == now.size() && known_->shared_prefix(now) == now.size()) return;
    known_ = std::move(now);
    lied_ = lies;
    ensemble_->condition(*known_, lies ? lie(pending) : Observations{});
  }

  void learn_failures(const SuggestRequest& request) {
    Observations now = outcome_observations(request.history);
    if (!feasibility_) {
      feasibility_.emplace(request.space, options_.surrogate, request.seed);
    } else if (outcomes_.size() == now.size() && outcomes_.shared_prefix(now) == now.size()) {
      return;
    }
    outcomes_ = std::move(now);
    feasibility_->condition(outcomes_);
  }

  [[nodiscard]] Observations lie(const EncodedPoints& pending) const {
    const auto& losses = known_->losses;
    const auto [least, largest] = std::minmax_element(losses.begin(), losses.end());
    double mean = 0;
    for (const double loss : losses) mean += loss / static_cast<double>(losses.size());
    const double value = options_.pending == PendingStrategy::cl_min    ? *least
                         : options_.pending == PendingStrategy::cl_mean ? mean
                                                                        : *largest;
    return {.points = pending, .losses = std::vector<double>(static_cast<std::size_t>(pending.rows()), value)};
  }

  [[nodiscard]] EncodedPoints candidates(const SuggestRequest& request, std::size_t index,
                                         numeric::Random& random) const {
    const auto& space = request.space;
    const auto& sizes = options_.maximiser.candidates;
    const auto cardinality = space.cardinality();
    if (cardinality && *cardinality <= sizes.enumerate) return all_points(space);
    const auto& best = ensemble_->members().front().model;
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
  Where where_;
  std::optional<EnsembleOn<Where>> ensemble_;
  std::uint64_t seed_ = 0;
  std::optional<Observations> known_;
  bool lied_ = false;  // whether the ensemble is conditioned on more than known_
  std::optional<Feasibility> feasibility_;
  Observations outcomes_;           // what feasibility_ knows
  bool feasibility_known_ = false;  // whether it applies to the present request
};

using GaussianProcessSampler = GaussianProcessSamplerOn<OnProcessor>;

static_assert(Sampler<GaussianProcessSampler>);

}  // namespace hposearch::inline v0
