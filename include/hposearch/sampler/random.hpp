/// \file
/// Random search.
#pragma once

#include <hposearch/numeric/random.hpp>
#include <hposearch/sampler.hpp>

namespace hposearch::inline v0 {

/// Independent uniform points: reals uniform on their (possibly logarithmic) axis, every cell of a linear ordered
/// dimension and every category equally likely, cells of a logarithmic axis by their share of it.
class RandomSampler {
 public:
  [[nodiscard]] EncodedPoints suggest(const SuggestRequest& request) const {
    const auto& space = request.space;
    EncodedPoints points(static_cast<Eigen::Index>(request.count), static_cast<Eigen::Index>(space.size()));
    numeric::Random random{request.seed, request.history.size()};
    for (Eigen::Index i = 0; i < points.rows(); ++i) {
      for (std::size_t j = 0; j < space.size(); ++j) {
        points(i, static_cast<Eigen::Index>(j)) = space[j].snap(random.uniform());
      }
    }
    return points;
  }
};

static_assert(Sampler<RandomSampler>);

}  // namespace hposearch::inline v0
