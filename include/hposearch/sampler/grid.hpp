/// \file
/// Grid search.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <vector>

#include <hposearch/acquisition/candidates.hpp>
#include <hposearch/error.hpp>
#include <hposearch/sampler.hpp>
#include <hposearch/space/encoded_space.hpp>
#include <hposearch/text.hpp>

namespace hposearch::inline v0 {

struct GridOptions {
  /// Values of each real dimension, both ends among them, at least 2; default as many as the budget allows for, or 5.
  std::optional<std::size_t> levels;
};

/// All combinations of evenly spaced values of the real dimensions and every value of the discrete ones.
///
/// The order jumps by the golden section of the grid, so that a search that is stopped early has seen all of it
/// coarsely. After the grid come the points in the middle between its real values, then those in the middle between all
/// of these, and so on: no point comes twice, and without real dimensions the grid is the whole space. Of a grid with
/// more than 2^32 points, which no search completes, a quasi-random selection is tried. The trial with id i gets point
/// i of this order.
class GridSampler {
 public:
  /// \throws InvalidArgument if there are fewer than 2 levels
  explicit GridSampler(GridOptions options = {}) : options_(options) {
    if (options.levels && *options.levels < 2) {
      throw InvalidArgument("levels", to_text(*options.levels), "must be at least 2");
    }
  }

  [[nodiscard]] EncodedPoints suggest(const SuggestRequest& request) const {
    const auto& space = request.space;
    const std::size_t levels = options_.levels.value_or(default_levels(space, request.budget));
    EncodedPoints points(static_cast<Eigen::Index>(request.count), static_cast<Eigen::Index>(space.size()));
    for (std::size_t i = 0; i < request.count; ++i) {
      points.row(static_cast<Eigen::Index>(i)) = point(space, request.seed, levels, request.history.size() + i);
    }
    return points;
  }

 private:
  static constexpr std::uint64_t most = std::uint64_t{1} << 32;

  // Evenly spaced coordinates, the first at `offset` steps from 0.
  struct Axis {
    std::uint64_t values;
    double offset, step;
  };

  // Number of points with `levels` values in real dimensions, at most `most`.
  [[nodiscard]] static std::uint64_t size(const EncodedSpace& space, std::uint64_t levels) {
    std::uint64_t product = 1;
    for (const auto& dimension : space) {
      const std::uint64_t values = dimension.discrete() ? dimension.cells : levels;
      if (values >= most || product * values >= most) return most;
      product *= values;
    }
    return product;
  }

  [[nodiscard]] static std::size_t default_levels(const EncodedSpace& space, std::optional<std::size_t> budget) {
    const bool continuous = std::any_of(space.begin(), space.end(), [](const auto& d) { return !d.discrete(); });
    if (!budget || !continuous) return 5;
    std::size_t levels = 2;
    while (size(space, levels + 1) <= std::min<std::uint64_t>(*budget, most - 1)) ++levels;
    return levels;
  }

  [[nodiscard]] static EncodedPoint point(const EncodedSpace& space, std::uint64_t seed, std::size_t levels,
                                          std::uint64_t index) {
    Axis axis{levels, 0, 1 / static_cast<double>(levels - 1)};
    std::uint64_t count = size(space, axis.values);
    while (index >= count && space.cardinality() != count) {
      index -= count;
      // The first refinement has a value in each gap, a later one twice as many as the one before.
      const bool first = axis.offset == 0;
      axis = {first ? axis.values - 1 : 2 * axis.values, 0.5, first ? axis.step : axis.step / 2};
      count = size(space, axis.values);
    }
    if (count == most) return quasi_random(space, seed, axis, index);
    EncodedPoint result(static_cast<Eigen::Index>(space.size()));
    std::uint64_t rest = (count / 2 + index % count * stride(count)) % count;
    for (std::size_t j = space.size(); j-- > 0;) {
      const std::uint64_t values = space[j].discrete() ? space[j].cells : axis.values;
      const std::uint64_t k = rest % values;
      rest /= values;
      result[static_cast<Eigen::Index>(j)] =
          space[j].discrete() ? space[j].centre(static_cast<std::size_t>(k)) : coordinate(axis, static_cast<double>(k));
    }
    return result;
  }

  [[nodiscard]] static EncodedPoint quasi_random(const EncodedSpace& space, std::uint64_t seed, const Axis& axis,
                                                 std::uint64_t index) {
    EncodedPoint result = quasi_random_points(space, seed, index, 1).row(0);
    for (std::size_t j = 0; j < space.size(); ++j) {
      double& u = result[static_cast<Eigen::Index>(j)];
      const auto values = static_cast<double>(axis.values);
      if (!space[j].discrete()) u = coordinate(axis, std::min(std::floor(u * values), values - 1));
    }
    return result;
  }

  [[nodiscard]] static double coordinate(const Axis& axis, double k) {
    return std::min((axis.offset + k) * axis.step, 1.0);
  }

  // A step about the golden section of `count` that visits every index.
  [[nodiscard]] static std::uint64_t stride(std::uint64_t count) {
    auto step = static_cast<std::uint64_t>(0.6180339887498949 * static_cast<double>(count)) + 1;
    while (std::gcd(step, count) != 1) ++step;
    return step;
  }

  GridOptions options_;
};

static_assert(Sampler<GridSampler>);

}  // namespace hposearch::inline v0
