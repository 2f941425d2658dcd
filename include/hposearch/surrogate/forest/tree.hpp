/// \file
/// A regression tree over mixed dimensions.
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <numeric>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include <hposearch/numeric/random.hpp>
#include <hposearch/space/encoded_space.hpp>

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
  /// \param points  n x d, canonical
  /// \param targets n values
  /// \param rows    indices of the observations to learn from, repetitions allowed; at least one
  RegressionTree(const EncodedSpace& space, const EncodedPoints& points, std::span<const double> targets,
                 std::vector<std::size_t> rows, const TreeOptions& options, numeric::Random& random)
      : space_(&space) {
    Training training{points, targets, std::move(rows), options, random};
    struct Open {
      std::size_t node, begin, end;
    };
    std::vector<Open> open{{add(training, 0, training.rows.size()), 0, training.rows.size()}};
    while (!open.empty()) {
      const Open at = open.back();
      open.pop_back();
      if (at.end - at.begin < 2 * options.min_leaf || nodes_[at.node].leaf.variance <= 1e-15) continue;
      auto split = best_split(training, at.begin, at.end);
      if (!split) continue;
      const auto first = training.rows.begin() + static_cast<std::ptrdiff_t>(at.begin);
      const auto last = training.rows.begin() + static_cast<std::ptrdiff_t>(at.end);
      const auto middle =
          std::stable_partition(first, last, [&](std::size_t row) { return goes_left(*split, points.row(at_(row))); });
      const auto cut = static_cast<std::size_t>(middle - training.rows.begin());
      const std::size_t left = add(training, at.begin, cut), right = add(training, cut, at.end);
      nodes_[at.node].split = std::move(*split);
      nodes_[at.node].left = left;
      nodes_[at.node].right = right;
      open.push_back({left, at.begin, cut});
      open.push_back({right, cut, at.end});
    }
  }

  /// Mean and variance of the targets in the leaf that `point` falls into.
  [[nodiscard]] const MeanAndVariance& predict(const Eigen::Ref<const EncodedPoint>& point) const {
    std::size_t node = 0;
    while (nodes_[node].left != 0) node = goes_left(nodes_[node].split, point) ? nodes_[node].left : nodes_[node].right;
    return nodes_[node].leaf;
  }

 private:
  struct Training {
    const EncodedPoints& points;
    std::span<const double> targets;
    std::vector<std::size_t> rows;
    TreeOptions options;
    numeric::Random& random;
  };
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
    double sum = 0;
    std::size_t count = 0;
  };

  [[nodiscard]] static Eigen::Index at_(std::size_t i) noexcept { return static_cast<Eigen::Index>(i); }

  [[nodiscard]] bool goes_left(const Split& split, const Eigen::Ref<const EncodedPoint>& point) const {
    const double u = point[at_(split.dimension)];
    return split.left.empty() ? u <= split.threshold : split.left[(*space_)[split.dimension].cell(u)];
  }

  std::size_t add(const Training& training, std::size_t begin, std::size_t end) {
    const auto n = static_cast<double>(end - begin);
    double mean = 0, variance = 0;
    for (std::size_t i = begin; i < end; ++i) mean += training.targets[training.rows[i]];
    mean /= n;
    for (std::size_t i = begin; i < end; ++i) {
      const double difference = training.targets[training.rows[i]] - mean;
      variance += difference * difference;
    }
    nodes_.push_back({.leaf = {mean, variance / n}});
    return nodes_.size() - 1;
  }

  [[nodiscard]] std::optional<Split> best_split(Training& training, std::size_t begin, std::size_t end) const {
    Split best;
    for (std::size_t j = 0; j < space_->size(); ++j) {
      std::vector<Group> groups = grouped(training, begin, end, j);
      if (groups.size() < 2) continue;
      const bool categorical = (*space_)[j].kind == DimensionKind::categorical;
      if (categorical) arrange(groups, training);
      const bool drawn = training.options.random_splits;
      const double threshold = drawn && !categorical ? drawn_threshold(groups, training.random) : 0;
      const std::size_t first = !drawn        ? 1
                                : categorical ? drawn_cut(groups, training.random)
                                              : cut_at(groups, threshold);
      const auto [cut, gain] = best_cut(groups, first, drawn ? first + 1 : groups.size(), training.options.min_leaf);
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
  [[nodiscard]] std::vector<Group> grouped(const Training& training, std::size_t begin, std::size_t end,
                                           std::size_t j) const {
    std::vector<std::pair<double, std::size_t>> order;
    order.reserve(end - begin);
    for (std::size_t i = begin; i < end; ++i) order.emplace_back(training.points(at_(training.rows[i]), at_(j)), i);
    std::sort(order.begin(), order.end());
    std::vector<Group> groups;
    for (const auto& [coordinate, i] : order) {
      if (groups.empty() || groups.back().coordinate != coordinate) groups.push_back({.coordinate = coordinate});
      groups.back().sum += training.targets[training.rows[i]];
      ++groups.back().count;
    }
    return groups;
  }

  // Puts categories in the order in which one cut gives the best two sets, or in a random order.
  static void arrange(std::vector<Group>& groups, const Training& training) {
    if (training.options.random_splits) {
      training.random.shuffle(std::span{groups});
    } else {
      std::stable_sort(groups.begin(), groups.end(), [](const Group& a, const Group& b) {
        return a.sum / static_cast<double>(a.count) < b.sum / static_cast<double>(b.count);
      });
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
    double total = 0;
    std::size_t count = 0;
    for (const Group& group : groups) {
      total += group.sum;
      count += group.count;
    }
    std::pair<std::size_t, double> best{0, -std::numeric_limits<double>::infinity()};
    double sum = 0;
    std::size_t below = 0;
    for (std::size_t cut = 1; cut < last; ++cut) {
      sum += groups[cut - 1].sum;
      below += groups[cut - 1].count;
      if (cut < first || below < min_leaf || count - below < min_leaf) continue;
      const double rest = total - sum;
      const double gain = sum * sum / static_cast<double>(below) + rest * rest / static_cast<double>(count - below);
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
