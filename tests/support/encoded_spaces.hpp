// Encoded spaces and points for tests of samplers and what they are made of.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <hposearch/numeric/random.hpp>
#include <hposearch/space/encoded_space.hpp>

namespace support {

/// Two reals, an ordered dimension, a logarithmic ordered one and a category.
inline hposearch::EncodedSpace mixed_space() {
  using hposearch::DimensionKind;
  std::vector<hposearch::EncodedDimension> dimensions(5);
  dimensions[2].kind = DimensionKind::ordered;
  dimensions[2].cells = 6;
  dimensions[3].kind = DimensionKind::ordered;
  dimensions[3].cells = 64;
  dimensions[3].log = true;
  dimensions[3].first = 1;
  dimensions[4].kind = DimensionKind::categorical;
  dimensions[4].cells = 3;
  for (std::size_t j = 0; j < dimensions.size(); ++j) dimensions[j].name = "x" + std::to_string(j);
  return hposearch::EncodedSpace{std::move(dimensions)};
}

/// `d` dimensions of random kinds and sizes.
inline hposearch::EncodedSpace random_space(std::size_t d, hposearch::numeric::Random& random) {
  using hposearch::DimensionKind;
  std::vector<hposearch::EncodedDimension> dimensions(d);
  for (auto& dimension : dimensions) {
    dimension.kind = static_cast<DimensionKind>(random.below(3));
    if (dimension.kind == DimensionKind::real) continue;
    dimension.cells = 2 + static_cast<std::size_t>(random.below(random.below(8) == 0 ? 1000 : 8));
    dimension.log = dimension.kind == DimensionKind::ordered && random.below(3) == 0;
    if (dimension.log) dimension.first = 0.5 + 3 * random.uniform();
  }
  return hposearch::EncodedSpace{std::move(dimensions)};
}

/// Uniform canonical points.
inline hposearch::EncodedPoints random_points(const hposearch::EncodedSpace& space, std::size_t count,
                                              hposearch::numeric::Random& random) {
  hposearch::EncodedPoints points(static_cast<Eigen::Index>(count), static_cast<Eigen::Index>(space.size()));
  for (Eigen::Index i = 0; i < points.rows(); ++i) {
    for (Eigen::Index j = 0; j < points.cols(); ++j) points(i, j) = random.uniform();
    space.snap(points.row(i));
  }
  return points;
}

}  // namespace support
