/// \file
/// Random forests and extra trees.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include <hposearch/numeric/random.hpp>
#include <hposearch/space/encoded_space.hpp>
#include <hposearch/surrogate/forest/training.hpp>
#include <hposearch/surrogate/forest/tree.hpp>

namespace hposearch::inline v0 {

struct ForestOptions {
  std::size_t trees = 100;
  bool bootstrap = true;  ///< each tree learns from n observations drawn with replacement
  TreeOptions tree;
};

/// The average of regression trees that differ by chance. Refers to the space, which must outlive it.
class Forest {
 public:
  /// \param points  n x d, canonical, n and d at least 1
  /// \param targets n values
  Forest(const EncodedSpace& space, const EncodedPoints& points, std::span<const double> targets,
         const ForestOptions& options, std::uint64_t seed) {
    const ForestTraining training{space, points, targets};
    trees_.reserve(options.trees);
    for (std::size_t t = 0; t < options.trees; ++t) {
      numeric::Random random{seed, t};
      std::vector<double> weights(targets.size(), options.bootstrap ? 0 : 1);
      if (options.bootstrap) {
        for (std::size_t i = 0; i < targets.size(); ++i) weights[random.below(targets.size())] += 1;
      }
      trees_.emplace_back(training, std::move(weights), options.tree, random);
    }
  }

  /// Mean and variance by the law of total variance: the variance within the leaves and that between the trees. Source:
  /// F. Hutter et al., Algorithm runtime prediction: methods and evaluation, Artificial Intelligence 206 (2014),
  /// section 4.3.2.
  [[nodiscard]] MeanAndVariance predict(const Eigen::Ref<const EncodedPoint>& point) const {
    const auto n = static_cast<double>(trees_.size());
    double mean = 0, within = 0, between = 0;
    std::vector<double> means;
    means.reserve(trees_.size());
    for (const auto& tree : trees_) {
      const MeanAndVariance& leaf = tree.predict(point);
      means.push_back(leaf.mean);
      mean += leaf.mean / n;
      within += leaf.variance / n;
    }
    for (const double m : means) between += (m - mean) * (m - mean) / n;
    return {mean, within + between};
  }

 private:
  std::vector<RegressionTree> trees_;
};

}  // namespace hposearch::inline v0
