/// \file
/// Quasi-random search: a scrambled Sobol sequence.
#pragma once

#include <span>

#include <hposearch/numeric/sobol.hpp>
#include <hposearch/sampler.hpp>

namespace hposearch::inline v0 {

/// Points of one Owen-scrambled Sobol sequence; the study's seed is the scrambling.
///
/// The trial with id i gets point i of the sequence, so asks continue it whatever else was in the history. Cells and
/// categories are stratified by a coordinate of their own. At most numeric::Sobol's number of dimensions, beyond which
/// its constructor throws InvalidArgument. Source: Owen, Scrambled net variance for integrals of smooth functions,
/// Annals of Statistics 25 (1997).
class SobolSampler {
 public:
  [[nodiscard]] EncodedPoints suggest(const SuggestRequest& request) const {
    const auto& space = request.space;
    EncodedPoints points(static_cast<Eigen::Index>(request.count), static_cast<Eigen::Index>(space.size()));
    if (space.size() == 0) return points;
    const numeric::Sobol sequence{space.size(), request.seed};
    for (std::size_t i = 0; i < request.count; ++i) {
      auto row = points.row(static_cast<Eigen::Index>(i));
      sequence.at(request.history.size() + i, std::span{row.data(), space.size()});
      space.snap(row);
    }
    return points;
  }
};

static_assert(Sampler<SobolSampler>);

}  // namespace hposearch::inline v0
