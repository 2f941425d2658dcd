/// \file
/// Quasi-random search: a scrambled Halton sequence.
#pragma once

#include <cstddef>
#include <span>

#include <hposearch/numeric/halton.hpp>
#include <hposearch/sampler.hpp>

namespace hposearch::inline v0 {

/// Points of one scrambled Halton sequence; the study's seed is the scrambling.
///
/// The trial with id i gets point i of the sequence, so asks continue it whatever else was in the history. Any number
/// of dimensions; in more than about ten, SobolSampler's points are more even.
class HaltonSampler {
 public:
  [[nodiscard]] EncodedPoints suggest(const SuggestRequest& request) const {
    const auto& space = request.space;
    EncodedPoints points(static_cast<Eigen::Index>(request.count), static_cast<Eigen::Index>(space.size()));
    const numeric::Halton sequence{space.size(), request.seed};
    for (std::size_t i = 0; i < request.count; ++i) {
      auto row = points.row(static_cast<Eigen::Index>(i));
      sequence.at(request.history.size() + i, std::span{row.data(), space.size()});
      space.snap(row);
    }
    return points;
  }
};

static_assert(Sampler<HaltonSampler>);

}  // namespace hposearch::inline v0
