/// \file
/// The first points of a model-based search.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <vector>

#include <Eigen/Core>

#include <hposearch/numeric/random.hpp>
#include <hposearch/space/encoded_space.hpp>

namespace hposearch::inline v0 {

/// Every dimension's declared default, or its centre.
[[nodiscard]] inline EncodedPoint default_point(const EncodedSpace& space) {
  EncodedPoint point(static_cast<Eigen::Index>(space.size()));
  for (std::size_t j = 0; j < space.size(); ++j) {
    point[static_cast<Eigen::Index>(j)] = space[j].snap(space[j].initial.value_or(0.5));
  }
  return point;
}

namespace detail {

/// `count` canonical points, one in each of `count` equal intervals of every dimension.
[[nodiscard]] inline EncodedPoints latin_hypercube(const EncodedSpace& space, std::size_t count,
                                                   numeric::Random& random) {
  EncodedPoints points(static_cast<Eigen::Index>(count), static_cast<Eigen::Index>(space.size()));
  std::vector<std::size_t> interval(count);
  std::iota(interval.begin(), interval.end(), std::size_t{0});
  for (Eigen::Index j = 0; j < points.cols(); ++j) {
    random.shuffle(std::span{interval});
    for (std::size_t i = 0; i < count; ++i) {
      points(static_cast<Eigen::Index>(i), j) =
          (static_cast<double>(interval[i]) + random.uniform()) / static_cast<double>(count);
    }
  }
  for (Eigen::Index i = 0; i < points.rows(); ++i) space.snap(points.row(i));
  return points;
}

/// Squared distance in the unit cube; different categories are half a side apart.
[[nodiscard]] inline double squared_distance(const EncodedSpace& space, const Eigen::Ref<const EncodedPoint>& a,
                                             const Eigen::Ref<const EncodedPoint>& b) {
  double sum = 0;
  for (std::size_t j = 0; j < space.size(); ++j) {
    const double difference = a[static_cast<Eigen::Index>(j)] - b[static_cast<Eigen::Index>(j)];
    const bool categorical = space[j].kind == DimensionKind::categorical;
    sum += categorical ? (difference == 0 ? 0 : 0.25) : difference * difference;
  }
  return sum;
}

}  // namespace detail

/// A Latin hypercube that keeps its points, and the default point, apart.
///
/// Of 64 random hypercubes the one whose two closest points, default_point() among them, are farthest apart. A few
/// points cover each axis more evenly so than the first of a Sobol sequence. Source: Morris and Mitchell, Exploratory
/// designs for computational experiments (1995).
/// \param count number of points, the default point not among them
[[nodiscard]] inline EncodedPoints spread_out_design(const EncodedSpace& space, std::size_t count, std::uint64_t seed) {
  constexpr int tries = 64;
  constexpr std::uint64_t stream = 0x64657369676eULL;
  const EncodedPoint centre = default_point(space);
  numeric::Random random{seed, stream};
  EncodedPoints best;
  double best_distance = -1;
  for (int attempt = 0; attempt < tries; ++attempt) {
    const EncodedPoints points = detail::latin_hypercube(space, count, random);
    double closest = std::numeric_limits<double>::infinity();
    for (Eigen::Index i = 0; i < points.rows(); ++i) {
      closest = std::min(closest, detail::squared_distance(space, points.row(i), centre));
      for (Eigen::Index k = 0; k < i; ++k) {
        closest = std::min(closest, detail::squared_distance(space, points.row(i), points.row(k)));
      }
    }
    if (closest <= best_distance) continue;
    best_distance = closest;
    best = points;
  }
  return best;
}

}  // namespace hposearch::inline v0
