/// \file
/// Covariance matrix adaptation evolution strategy for mixed spaces.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <hposearch/error.hpp>
#include <hposearch/sampler.hpp>
#include <hposearch/sampler/cma_es/constants.hpp>
#include <hposearch/sampler/cma_es/evolution.hpp>
#include <hposearch/space/encoded_space.hpp>
#include <hposearch/text.hpp>
#include <hposearch/trial/history.hpp>
#include <hposearch/trial/prefix.hpp>

namespace hposearch::inline v0 {

struct CmaEsOptions {
  double sigma = 0.3;                     ///< first standard deviation, in widths of the cube, above 0 and at most 1
  std::optional<std::size_t> population;  ///< at least 2; default 4 + floor(3 ln d)
  bool restarts = true;                   ///< from a random point with twice the population, once converged
};

/// CMA-ES with margin: weighted recombination, active covariance update and cumulative step-size adaptation with
/// pycma's constants over real and ordered dimensions (see cma_es::keep_margin), and a distribution per categorical
/// dimension that follows its natural gradient, as in CatCMA (see cma_es::Categories). Starts at the declared initial
/// values, or the centre.
///
/// A generation is the next `population` trials in the order of their ids, wherever they came from, those cancelled
/// left out. While some are pending, new points come from the same distribution and belong to the next generation; one
/// whose successor's results are all in no longer waits for them. So the proposals depend on the trials alone, not on
/// the order in which they ended: a new sampler that is given the history goes on where another one stopped. Points
/// asked for beyond a generation that is still pending are a little out of date: a batch of the population's size costs
/// nothing, 8 trials in flight half as many trials again, and many more ask for a larger population.
///
/// Costs O(d^3) for each generation, once, and O(n d) for each ask to see that the trials are still those that it
/// knows.
///
/// Sources: N. Hansen, The CMA Evolution Strategy: A Tutorial, arXiv 1604.00772; R. Hamano et al., GECCO 2022 (margin)
/// and GECCO 2024 (categories); Auger and Hansen, CEC 2005 (restarts).
class CmaEsSampler {
 public:
  /// \throws InvalidArgument if an option is out of its range
  explicit CmaEsSampler(CmaEsOptions options = {}) : options_(options) {
    if (!(options.sigma > 0 && options.sigma <= 1)) {
      throw InvalidArgument("sigma", to_text(options.sigma), "must be above 0 and at most 1");
    }
    if (options.population && *options.population < 2) {
      throw InvalidArgument("population", to_text(*options.population), "must be at least 2");
    }
  }

  [[nodiscard]] EncodedPoints suggest(const SuggestRequest& request) {
    const std::size_t d = request.space.size();
    EncodedPoints points(static_cast<Eigen::Index>(request.count), static_cast<Eigen::Index>(d));
    if (d == 0) return points;
    const cma_es::Evolution evolution = evolve(request);
    for (std::size_t i = 0; i < request.count; ++i) {
      points.row(static_cast<Eigen::Index>(i)) = evolution.propose(request.history.size() + i).point;
    }
    return points;
  }

 private:
  // What the trials before `next`, all ended, have led to. Stays where it is, since the evolution refers to the space.
  struct Settled {
    Settled(const SuggestRequest& request, const cma_es::Start& start)
        : space(request.space), seed(request.seed), evolution(space, seed, start) {}

    [[nodiscard]] bool holds(const SuggestRequest& request) const {
      return seed == request.seed && next <= request.history.size() &&
             fingerprint == prefix_fingerprint(request.history, next) && space == request.space;
    }

    EncodedSpace space;
    std::uint64_t seed;
    cma_es::Evolution evolution;
    TrialId next = 0;
    std::uint64_t fingerprint = 0;
  };

  struct Generation {
    std::vector<TrialId> ended;
    std::size_t pending = 0;
    TrialId next = 0;       // the first trial after it
    bool complete = false;  // has as many individuals as the population
  };

  [[nodiscard]] static Generation generation(const History& history, TrialId first, std::size_t population) {
    Generation result;
    TrialId id = first;
    for (; id < history.size() && result.ended.size() + result.pending < population; ++id) {
      const TrialState state = history.state(id);
      if (state == TrialState::pending) ++result.pending;
      if (state != TrialState::pending && state != TrialState::cancelled) result.ended.push_back(id);
    }
    result.next = id;
    result.complete = result.ended.size() + result.pending == population;
    return result;
  }

  // Consumes the generations that nothing can change any more.
  void settle(const SuggestRequest& request) {
    const History& history = request.history;
    if (!settled_ || !settled_->holds(request)) {
      const std::size_t population = options_.population.value_or(cma_es::default_population(request.space.size()));
      settled_ = std::make_unique<Settled>(request, cma_es::Start{options_.sigma, population, options_.restarts});
    }
    for (;;) {
      const auto next = generation(history, settled_->next, settled_->evolution.current().population());
      if (!next.complete || next.pending > 0) break;
      settled_->evolution.advance(history, next.ended);
      settled_->next = next.next;
    }
    settled_->fingerprint = prefix_fingerprint(history, settled_->next);
  }

  // Where all trials lead to, with those generations too that should have been complete by now.
  [[nodiscard]] cma_es::Evolution evolve(const SuggestRequest& request) {
    const History& history = request.history;
    settle(request);
    cma_es::Evolution evolution = settled_->evolution;
    TrialId first = settled_->next;
    std::size_t results = 0;
    for (TrialId id = first; id < history.size(); ++id) {
      if (history.state(id) != TrialState::pending && history.state(id) != TrialState::cancelled) ++results;
    }
    for (;;) {
      const std::size_t population = evolution.current().population();
      const Generation next = generation(history, first, population);
      results -= next.ended.size();
      if (!next.complete || (next.pending > 0 && results < population)) return evolution;
      evolution.advance(history, next.ended);
      first = next.next;
    }
  }

  CmaEsOptions options_;
  std::unique_ptr<Settled> settled_;
};

static_assert(Sampler<CmaEsSampler>);

}  // namespace hposearch::inline v0
