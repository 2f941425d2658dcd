/// \file
/// The generations of CMA-ES, restarts included, as a function of the trials in order.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include <hposearch/numeric/random.hpp>
#include <hposearch/sampler/cma_es/constants.hpp>
#include <hposearch/sampler/cma_es/strategy.hpp>
#include <hposearch/space/encoded_space.hpp>
#include <hposearch/trial/history.hpp>

namespace hposearch::inline v0::cma_es {

/// What an evolution starts from.
struct Start {
  double sigma;
  std::size_t population;
  bool restarts;
};

/// Strategies, one per generation. Copies are cheap: past strategies are shared.
class Evolution {
 public:
  Evolution(const EncodedSpace& space, std::uint64_t seed, Start start) : space_(&space), seed_(seed), start_(start) {
    EncodedPoint centre(static_cast<Eigen::Index>(space.size()));
    for (std::size_t j = 0; j < space.size(); ++j) {
      centre[static_cast<Eigen::Index>(j)] = space[j].initial.value_or(0.5);
    }
    begin(centre);
  }

  [[nodiscard]] const Strategy& current() const { return *recent_.back(); }

  /// The point that trial `id` gets.
  [[nodiscard]] Sample propose(TrialId id) const { return current().sample(numeric::Random{seed_, id}); }

  /// One generation from the trials `ids`, all ended. Failed and pruned ones rank last; where nothing completed, there
  /// is nothing to learn.
  void advance(const History& history, std::vector<TrialId> ids) {
    const auto completed = [&](TrialId id) { return history.state(id) == TrialState::completed; };
    const auto losses = history.losses();
    std::stable_sort(ids.begin(), ids.end(), [&](TrialId a, TrialId b) {
      if (completed(a) != completed(b)) return completed(a);
      return completed(a) && losses[a] < losses[b];
    });
    if (ids.size() < 2 || !completed(ids[0])) return;
    std::vector<Sample> samples;
    for (const TrialId id : ids) samples.push_back(sample_of(history, id));
    auto next = std::make_shared<Strategy>(current());
    next->update(samples, losses[ids[0]]);
    const bool restart = start_.restarts && next->converged();
    recent_.push_back(std::move(next));
    if (restart) begin_anywhere();
    constexpr std::size_t remembered = 8;  // strategies that trials in flight may come from
    if (recent_.size() > remembered) recent_.erase(recent_.begin());
  }

 private:
  // A trial's point drawn again from the strategy that it came from, so that what was rounded is known; where no recent
  // one gives this point, it came from elsewhere.
  [[nodiscard]] Sample sample_of(const History& history, TrialId id) const {
    for (auto strategy = recent_.rbegin(); strategy != recent_.rend(); ++strategy) {
      Sample sample = (*strategy)->sample(numeric::Random{seed_, id});
      if (sample.point != history.point(id)) continue;
      sample.own = strategy == recent_.rbegin();
      return sample;
    }
    return current().adopt(history.point(id));
  }

  void begin(const EncodedPoint& mean) {
    recent_.push_back(std::make_shared<Strategy>(*space_, mean, start_.sigma, start_.population));
  }

  // Twice the population, from a random point. Source: A. Auger, N. Hansen, A restart CMA evolution strategy with
  // increasing population size, CEC 2005.
  void begin_anywhere() {
    constexpr std::size_t most = 10000;
    start_.population = std::min(2 * start_.population, std::max(start_.population, most));
    numeric::Random random{~seed_, ++runs_};
    EncodedPoint mean(static_cast<Eigen::Index>(space_->size()));
    for (Eigen::Index j = 0; j < mean.size(); ++j) mean[j] = random.uniform();
    begin(mean);
  }

  const EncodedSpace* space_;
  std::uint64_t seed_;
  Start start_;
  std::uint64_t runs_ = 0;
  std::vector<std::shared_ptr<const Strategy>> recent_;  // the current one last
};

}  // namespace hposearch::inline v0::cma_es
