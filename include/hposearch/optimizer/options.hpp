/// \file
/// How an Optimizer is set up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <hposearch/sampler.hpp>
#include <hposearch/trial/state.hpp>

namespace hposearch::inline v0 {

/// Options of an Optimizer; all have defaults, so name only what differs.
struct OptimizerOptions {
  /// The same seed and the same order of asks and tells give the same points on every machine.
  std::uint64_t seed = 0;
  /// Which way is better. Left open, the first of minimize() and maximize() decides; a tell before means minimize.
  std::optional<Direction> direction = {};
  /// What proposes the points; AutoSampler if none is given.
  std::optional<AnySampler> sampler = {};
  /// Trials of the whole study, if known: lets the sampler spend the last ones on refinement.
  std::optional<std::size_t> budget = {};
};

}  // namespace hposearch::inline v0
