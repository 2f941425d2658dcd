/// \file
/// What there is to choose about Bayesian optimisation with a Gaussian process.
#pragma once

#include <cstddef>
#include <optional>

#include <hposearch/acquisition/dynamic_acquisition.hpp>
#include <hposearch/acquisition/maximiser.hpp>
#include <hposearch/sampler/pending_strategy.hpp>
#include <hposearch/surrogate/ensemble.hpp>

namespace hposearch::inline v0 {

struct GaussianProcessOptions {
  /// Trials before the model; by default clamp(d + 2, 4, 12), and at most a fifth of a known budget.
  std::optional<std::size_t> initial{};
  EnsembleOptions surrogate{};
  MaximiserOptions maximiser{};
  std::size_t elites = 6;  ///< observed points whose surroundings are searched for candidates
  /// How much more improvement, in standard deviations of the targets, every second trial must promise for each trial
  /// that the search has stalled beyond the first five, counted to 14 and from 0 again, so that it looks near and far
  /// in turn. 0: a local optimum or a plateau is searched for as long as the model sees the least gain there. With
  /// trials in flight it is one trial of as many more, and so many more stalled ones are borne. The last tenth of a
  /// known budget takes any gain.
  double ambition = 0.03;
  /// The same for all other trials, counted on: what the surroundings of the best still hide grows ever less worth a
  /// trial.
  double persistence = 0.003;
  PendingStrategy pending = PendingStrategy::believer;
  std::size_t fantasies = 32;        ///< draws, where that is the strategy
  std::size_t most_in_flight = 128;  ///< of more trials in flight, the newest enter the model; none is asked again
  /// What is maximised; log expected improvement if empty. See acquisition/by_name.hpp.
  AcquisitionRule acquisition{};
  /// Failures from which on a model of them steers clear of more; fewer count as the worst loss seen.
  std::size_t least_failures = 3;
};

}  // namespace hposearch::inline v0
