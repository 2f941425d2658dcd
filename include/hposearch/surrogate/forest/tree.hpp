/// \file
/// A regression tree over mixed dimensions.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include <hposearch/numeric/random.hpp>
#include <hposearch/space/encoded_space.hpp>
#include <hposearch/surrogate/forest/training.hpp>

namespace hposearch::inline v0 {

struct TreeOptions {
  std::size_t min_leaf = 3;  ///< observations in a leaf, at least 1
  /// Extremely randomised: of each dimension one split drawn at random, rather than the best one. Source: P. Geurts,
  /// D. Ernst, L. Wehenkel, Extremely randomized trees, Machine Learning 63 (2006).
  bool random_splits = false;
};

/// Mean and variance of what a model expects at a point.
struct MeanAndVariance {
  double mean;
  double variance;
};

/// A regression tree that splits where the squared error falls most. Real and ordered dimensions are split at a
/// threshold, categorical ones into two sets of categories; a category that a node has not seen goes where more
/// observations went. Source: L. Breiman et al., Classification and Regression Trees (1984), sets of categories:
/// section 8.8 (best among all splits of the categories in the order of their means).
class RegressionTree {
 public:
  /// \param weights how often each observation counts, for example in a bootstrap sample; those with weight 0 are left
  ///                out, and of the others each counts once towards min_leaf
  RegressionTree(const ForestTraining& training, std::vector<double> weights, const TreeOptions& options,
                 numeric::Random& random)
      : space_(training.space) {
    Growth growth{training, std::move(weights), options, random};
    struct Open {
      std::size_t node, begin, end;
    };
    std::vector<Open> open{{add(growth, 0, growth.size()), 0, growth.size()}};
    while (!open.empty()) {
      const Open at = open.back();
      open.pop_back();
      if (at.end - at.begin < 2 * options.min_leaf || nodes_[at.node].leaf.variance <= 1e-15) continue;
      auto split = best_split(growth, at.begin, at.end);
      if (!split) continue;
      const std::size_t cut = growth.partition(at.begin, at.end, [&](std::uint32_t row) {
        return goes_left(*split, training.coordinate(row, split->dimension));
      });
      const std::size_t left = add(growth, at.begin, cut), right = add(growth, cut, at.end);
      nodes_[at.node].split = std::move(*split);
      nodes_[at.node].left = left;
      nodes_[at.node].right = right;
      open.push_back({left, at.begin, cut});
      open.push_back({right, cut, at.end});
    }
  }

  /// Mean and variance of the targets in the leaf that `point` falls into.
  [[nodiscard]] const MeanAndVariance& predict(const Eigen::Ref<const EncodedPoint>& point) const {
    const Node* node = &nodes_[0];
    while (node->left != 0) {
      const double u = point[static_cast<Eigen::Index>(node->split.dimension)];
      node = &nodes_[goes_left(node->split, u) ? node->left : node->right];
    }
    return node->leaf;
  }

 private:
  struct Split {
    std::size_t dimension = 0;
    double threshold = 0;         // real and ordered: the largest coordinate that goes left
    std::vector<bool> left = {};  // categorical: the categories that go left
    double gain = -std::numeric_limits<double>::infinity();
  };
  struct Node {
    MeanAndVariance leaf;
    Split split = {};
    std::size_t left = 0, right = 0;  // 0: none, since the root is nobody's child
  };
  // Observations with the same coordinate.
  struct Group {
    double coordinate;
    double weight = 0, sum = 0;
    std::size_t count = 0;
  };

  // A tree while it grows: a node's observations stand at the same positions of each dimension's order.
  struct Growth {
    Growth(const ForestTraining& training_, std::vector<double> weights_, const TreeOptions& options_,
           numeric::Random& random_)
        : training(training_), weights(std::move(weights_)), options(options_), random(random_), order(training.order) {
      for (auto& rows : order) std::erase_if(rows, [&](std::uint32_t row) { return weights[row] == 0; });
      left.resize(training.size());
    }

    [[nodiscard]] std::size_t size() const { return order.empty() ? 0 : order[0].size(); }

    // Moves the rows that go left to the front in every order. Returns where the others begin.
    template <class GoesLeft>
    std::size_t partition(std::size_t begin, std::size_t end, GoesLeft goes_left) {
      std::size_t cut = begin;
      for (std::size_t i = begin; i < end; ++i) {
        const std::uint32_t row = order[0][i];
        left[row] = goes_left(row);
        cut += left[row];
      }
      for (auto& rows : order) {
        rest.clear();
        std::size_t front = begin;
        for (std::size_t i = begin; i < end; ++i) {
          const std::uint32_t row = rows[i];
          if (left[row]) {
            rows[front++] = row;
          } else {
            rest.push_back(row);
          }
        }
        std::copy(rest.begin(), rest.end(), rows.begin() + static_cast<std::ptrdiff_t>(front));
      }
      return cut;
    }

    const ForestTraining& training;
    std::vector<double> weights;
    TreeOptions options;
    numeric::Random& random;
    std::vector<std::vector<std::uint32_t>> order;
    std::vector<std::uint8_t> left;
    std::vector<std::uint32_t> rest;  // kept for its memory, as are the groups
    std::vector<Group> groups;
  };

  [[nodiscard]] bool goes_left(const Split& split, double u) const {
    return split.left.empty() ? u <= split.threshold : split.left[(*space_)[split.dimension].cell(u)];
  }

  std::size_t add(const Growth& growth, std::size_t begin, std::size_t end) {
    double weight = 0, mean = 0, variance = 0;
    const auto rows = std::span{growth.order[0]}.subspan(begin, end - begin);
    for (const std::uint32_t row : rows) {
      weight += growth.weights[row];
      mean += growth.weights[row] * growth.training.targets[row];
    }
    mean /= weight;
    for (const std::uint32_t row : rows) {
      const double difference = growth.training.targets[row] - mean;
      variance += growth.weights[row] * difference * difference;
    }
    nodes_.push_back({.leaf = {mean, variance / weight}});
    return nodes_.size() - 1;
  }

  [[nodiscard]] std::optional<Split> best_split(Growth& growth, std::size_t begin, std::size_t end) const {
    Split best;
    std::vector<Group>& groups = growth.groups;
    for (std::size_t j = 0; j < space_->size(); ++j) {
      group(growth, begin, end, j);
      if (groups.size() < 2) continue;
      const bool categorical = (*space_)[j].kind == DimensionKind::categorical;
      if (categorical) arrange(growth);
      const bool drawn = growth.options.random_splits;
      const double threshold = drawn && !categorical ? drawn_threshold(groups, growth.random) : 0;
      const std::size_t first = !drawn ? 1 : categorical ? drawn_cut(groups, growth.random) : cut_at(groups, threshold);
      const auto [cut, gain] = best_cut(groups, first, drawn ? first + 1 : groups.size(), growth.options.min_leaf);
      if (!(gain > best.gain)) continue;
      best = {.dimension = j, .gain = gain};
      if (categorical) {
        best.left = left_set(groups, cut, (*space_)[j]);
      } else {
        best.threshold = drawn ? threshold : groups[cut - 1].coordinate / 2 + groups[cut].coordinate / 2;
      }
    }
    if (best.gain == -std::numeric_limits<double>::infinity()) return {};
    return best;
  }

  // The observations of a node by their coordinate, ascending.
  static void group(Growth& growth, std::size_t begin, std::size_t end, std::size_t j) {
    growth.groups.clear();
    for (std::size_t i = begin; i < end; ++i) {
      const std::uint32_t row = growth.order[j][i];
      const double coordinate = growth.training.coordinate(row, j);
      if (growth.groups.empty() || growth.groups.back().coordinate != coordinate) {
        growth.groups.push_back({.coordinate = coordinate});
      }
      Group& last = growth.groups.back();
      last.weight += growth.weights[row];
      last.sum += growth.weights[row] * growth.training.targets[row];
      ++last.count;
    }
  }

  // Puts categories in the order in which one cut gives the best two sets, or in a random order.
  static void arrange(Growth& growth) {
    if (growth.options.random_splits) {
      growth.random.shuffle(std::span{growth.groups});
    } else {
      std::stable_sort(growth.groups.begin(), growth.groups.end(),
                       [](const Group& a, const Group& b) { return a.sum / a.weight < b.sum / b.weight; });
    }
  }

  [[nodiscard]] static std::size_t drawn_cut(const std::vector<Group>& groups, numeric::Random& random) {
    return 1 + static_cast<std::size_t>(random.below(groups.size() - 1));
  }

  // Uniform between the ends; the last group is always above.
  [[nodiscard]] static double drawn_threshold(const std::vector<Group>& groups, numeric::Random& random) {
    const double low = groups.front().coordinate, high = groups.back().coordinate;
    const double threshold = low + random.uniform() * (high - low);
    return threshold < high ? threshold : low;
  }

  // Number of groups up to `threshold`.
  [[nodiscard]] static std::size_t cut_at(const std::vector<Group>& groups, double threshold) {
    return static_cast<std::size_t>(
        std::count_if(groups.begin(), groups.end(), [&](const Group& group) { return group.coordinate <= threshold; }));
  }

  // Of the cuts first, ..., last - 1 that leave enough observations on both sides, the first one that lowers the
  // squared error most, and by how much, up to a constant.
  [[nodiscard]] static std::pair<std::size_t, double> best_cut(const std::vector<Group>& groups, std::size_t first,
                                                               std::size_t last, std::size_t min_leaf) {
    double total = 0, weight = 0;
    std::size_t count = 0;
    for (const Group& group : groups) {
      total += group.sum;
      weight += group.weight;
      count += group.count;
    }
    std::pair<std::size_t, double> best{0, -std::numeric_limits<double>::infinity()};
    double sum = 0, below_weight = 0;
    std::size_t below = 0;
    for (std::size_t cut = 1; cut < last; ++cut) {
      sum += groups[cut - 1].sum;
      below_weight += groups[cut - 1].weight;
      below += groups[cut - 1].count;
      if (cut < first || below < min_leaf || count - below < min_leaf) continue;
      const double rest = total - sum;
      const double gain = sum * sum / below_weight + rest * rest / (weight - below_weight);
      if (gain > best.second) best = {cut, gain};
    }
    return best;
  }

  [[nodiscard]] static std::vector<bool> left_set(const std::vector<Group>& groups, std::size_t cut,
                                                  const EncodedDimension& dimension) {
    std::size_t left = 0, right = 0;
    for (std::size_t g = 0; g < groups.size(); ++g) (g < cut ? left : right) += groups[g].count;
    std::vector<bool> set(dimension.cells, left >= right);
    for (std::size_t g = 0; g < groups.size(); ++g) set[dimension.cell(groups[g].coordinate)] = g < cut;
    return set;
  }

  const EncodedSpace* space_;
  std::vector<Node> nodes_;
};

}  // namespace hposearch::inline v0
