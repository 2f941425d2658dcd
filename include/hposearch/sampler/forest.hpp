/// \file
/// Bayesian optimisation with a forest of regression trees.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include <hposearch/acquisition/candidates.hpp>
#include <hposearch/error.hpp>
#include <hposearch/numeric/elementary.hpp>
#include <hposearch/numeric/normal.hpp>
#include <hposearch/numeric/random.hpp>
#include <hposearch/sampler.hpp>
#include <hposearch/space/encoded_space.hpp>
#include <hposearch/surrogate/forest/forest.hpp>
#include <hposearch/surrogate/targets.hpp>
#include <hposearch/text.hpp>
#include <hposearch/trial/history.hpp>
#include <hposearch/trial/point_set.hpp>

namespace hposearch::inline v0 {

/// The defaults are scikit-optimize's, except for the search of the maximum.
struct ForestSamplerOptions {
  ForestOptions forest;            ///< a random forest; see extra_trees()
  std::size_t initial = 10;        ///< quasi-random points before the model, at least 2
  double xi = 0.01;                ///< least improvement that counts, in standard deviations of the losses
  CandidateOptions candidates;     ///< where the search for the best point begins
  std::size_t elites = 10;         ///< observed points whose surroundings are searched
  std::size_t local_searches = 5;  ///< from the best candidates
  std::size_t max_trials = 2000;   ///< that the model learns from: the better half of so many, and the newest others

  /// Extremely randomised trees: no bootstrap, random splits.
  [[nodiscard]] static ForestSamplerOptions extra_trees() {
    ForestSamplerOptions options;
    options.forest.bootstrap = false;
    options.forest.tree.random_splits = true;
    return options;
  }
};

/// Expected improvement under a forest, whose spread is the model's doubt. Good where the losses jump, and with
/// categories, which the trees split into sets.
///
/// Failed and pruned trials count as the worst loss, pending ones and those chosen in the same call as an average one.
/// Losses worse than the median are pulled in (see TargetWarp). The maximum is sought among quasi-random points and the
/// surroundings of the best trials, and from there by local steps; a small finite space is tried in full. Sources: F.
/// Hutter, H. H. Hoos, K. Leyton-Brown, Sequential model-based optimization for general algorithm configuration (SMAC),
/// LION 2011; scikit-optimize's forest_minimize.
class ForestSampler {
 public:
  /// \throws InvalidArgument if an option is out of its range
  explicit ForestSampler(ForestSamplerOptions options = {}) : options_(std::move(options)) {
    const auto check = [](const char* name, std::size_t value, std::size_t least) {
      if (value < least) throw InvalidArgument(name, to_text(value), "must be at least " + to_text(least));
    };
    check("trees", options_.forest.trees, 1);
    check("min_leaf", options_.forest.tree.min_leaf, 1);
    check("initial", options_.initial, 2);
    check("max_trials", options_.max_trials, 2);
    check("candidates.global", options_.candidates.global, 1);
  }

  [[nodiscard]] EncodedPoints suggest(const SuggestRequest& request) const {
    const History& history = request.history;
    const std::size_t n = history.size();
    if (n < options_.initial || history.count(TrialState::completed) == 0 || request.space.size() == 0) {
      return quasi_random_points(request.space, request.seed, n, request.count);
    }
    EncodedPoints points(static_cast<Eigen::Index>(request.count), static_cast<Eigen::Index>(request.space.size()));
    PointSet chosen;
    Data data = ended(history);
    add_pending(data, history);
    for (Eigen::Index i = 0; i < points.rows(); ++i) {
      const std::uint64_t id = n + static_cast<std::uint64_t>(i);
      points.row(i) = propose(request, data, chosen, id);
      chosen.insert(points.row(i));
      add(data, points.row(i), 0);
    }
    return points;
  }

 private:
  struct Data {
    EncodedPoints points;
    std::vector<double> targets;  // standardised
    double best = 0;              // smallest target of a completed trial
    std::vector<Eigen::Index> elites;
  };

  static void add(Data& data, const Eigen::Ref<const EncodedPoint>& point, double target) {
    data.points.conservativeResize(data.points.rows() + 1, point.size());
    data.points.row(data.points.rows() - 1) = point;
    data.targets.push_back(target);
  }

  [[nodiscard]] Data ended(const History& history) const {
    const double worst = worst_loss(history);
    std::vector<TrialId> ids;
    std::vector<double> losses(history.size());
    for (TrialId id = 0; id < history.size(); ++id) {
      const TrialState state = history.state(id);
      if (state == TrialState::pending || state == TrialState::cancelled) continue;
      losses[id] = state == TrialState::completed ? history.losses()[id] : worst;
      ids.push_back(id);
    }
    std::stable_sort(ids.begin(), ids.end(), [&](TrialId a, TrialId b) { return losses[a] < losses[b]; });
    if (ids.size() > options_.max_trials) {
      const auto half = ids.begin() + static_cast<std::ptrdiff_t>(options_.max_trials / 2);
      std::sort(half, ids.end(), std::greater<>{});
      ids.resize(options_.max_trials);
    }
    Data data;
    data.points.resize(static_cast<Eigen::Index>(ids.size()), static_cast<Eigen::Index>(history.dimensions()));
    std::vector<double> kept;
    for (const TrialId id : ids) {
      data.points.row(static_cast<Eigen::Index>(kept.size())) = history.point(id);
      kept.push_back(losses[id]);
    }
    const auto warped = targets(kept).values;
    data.targets.assign(warped.begin(), warped.end());
    data.best = data.targets[0];
    data.elites.resize(std::min(ids.size(), options_.elites));
    std::iota(data.elites.begin(), data.elites.end(), Eigen::Index{0});
    return data;
  }

  [[nodiscard]] static double worst_loss(const History& history) {
    double worst = history.losses()[*history.best()];
    for (TrialId id = 0; id < history.size(); ++id) {
      if (history.state(id) == TrialState::completed) worst = std::max(worst, history.losses()[id]);
    }
    return worst;
  }

  static void add_pending(Data& data, const History& history) {
    for (const TrialId id : history.pending()) add(data, history.point(id), 0);
  }

  [[nodiscard]] EncodedPoint propose(const SuggestRequest& request, const Data& data, const PointSet& chosen,
                                     std::uint64_t id) const {
    const auto& space = request.space;
    numeric::Random random{request.seed, id};
    const Forest forest{space, data.points, data.targets, options_.forest, random.next()};
    // The log of the expected improvement; nothing for points that were seen.
    const auto score = [&](const Eigen::Ref<const EncodedPoint>& point) -> std::optional<double> {
      if (request.history.seen().contains(point) || chosen.contains(point)) return {};
      const MeanAndVariance at = forest.predict(point);
      const double deviation = std::max(std::sqrt(at.variance), 1e-6);
      return numeric::log(deviation) + numeric::log_h((data.best - options_.xi - at.mean) / deviation);
    };
    std::vector<Scored> best = ranked(candidates(request, data, id, random), score);
    if (best.empty()) return quasi_random_points(space, request.seed, id, 1).row(0);
    best.resize(std::min(best.size(), std::max<std::size_t>(options_.local_searches, 1)));
    for (std::size_t s = 0; s < std::min(best.size(), options_.local_searches); ++s) {
      climb(space, best[s], score, random);
    }
    return std::max_element(best.begin(), best.end(), [](const auto& a, const auto& b) { return a.score < b.score; })
        ->point;
  }

  struct Scored {
    EncodedPoint point;
    double score;
  };

  // Best first; of equals the first.
  template <class Score>
  [[nodiscard]] static std::vector<Scored> ranked(const EncodedPoints& points, const Score& score) {
    std::vector<Scored> result;
    for (Eigen::Index i = 0; i < points.rows(); ++i) {
      if (const auto value = score(points.row(i))) result.push_back({points.row(i), *value});
    }
    std::stable_sort(result.begin(), result.end(), [](const auto& a, const auto& b) { return a.score > b.score; });
    return result;
  }

  // Moves to the best of some neighbours until none is better.
  template <class Score>
  static void climb(const EncodedSpace& space, Scored& at, const Score& score, numeric::Random& random) {
    const EncodedPoint width = EncodedPoint::Constant(at.point.size(), 0.1);
    for (int step = 0; step < 20; ++step) {
      EncodedPoints moves(10, at.point.size());
      perturb(space, at.point, width, 2, random, moves);
      const auto near = ranked(moves, score);
      const auto discrete = ranked(discrete_neighbours(space, at.point, 8, random), score);
      const double before = at.score;
      if (!near.empty() && near[0].score > at.score) at = near[0];
      if (!discrete.empty() && discrete[0].score > at.score) at = discrete[0];
      if (!(at.score > before)) return;
    }
  }

  [[nodiscard]] EncodedPoints candidates(const SuggestRequest& request, const Data& data, std::uint64_t id,
                                         numeric::Random& random) const {
    const auto& space = request.space;
    const auto& sizes = options_.candidates;
    const auto cardinality = space.cardinality();
    if (cardinality && *cardinality <= sizes.enumerate) return all_points(space);
    const auto global = static_cast<Eigen::Index>(sizes.global), around = static_cast<Eigen::Index>(sizes.around);
    EncodedPoints points(global + around * static_cast<Eigen::Index>(data.elites.size()), data.points.cols());
    points.topRows(global) = quasi_random_points(space, ~request.seed, id * sizes.global, sizes.global);
    const EncodedPoint width = EncodedPoint::Constant(points.cols(), 0.2);
    Eigen::Index row = global;
    for (const Eigen::Index elite : data.elites) {
      perturb(space, data.points.row(elite), width, 4, random, points.middleRows(row, around));
      row += around;
    }
    return points;
  }

  ForestSamplerOptions options_;
};

static_assert(Sampler<ForestSampler>);

}  // namespace hposearch::inline v0
