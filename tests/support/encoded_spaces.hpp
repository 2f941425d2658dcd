// Encoded spaces and histories for tests of samplers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <hposearch/numeric/random.hpp>
#include <hposearch/space/encoded_space.hpp>
#include <hposearch/trial/history.hpp>

namespace support {

using namespace hposearch;

inline EncodedDimension real() { return {}; }

inline EncodedDimension discrete(DimensionKind kind, std::size_t cells) {
  EncodedDimension dimension;
  dimension.kind = kind;
  dimension.cells = cells;
  return dimension;
}

inline EncodedDimension integers(std::size_t cells) { return discrete(DimensionKind::ordered, cells); }
inline EncodedDimension categories(std::size_t cells) { return discrete(DimensionKind::categorical, cells); }

// Integers from `first` on a logarithmic axis.
inline EncodedDimension log_integers(std::size_t cells, double first = 1) {
  EncodedDimension dimension = integers(cells);
  dimension.log = true;
  dimension.first = first;
  return dimension;
}

inline EncodedSpace reals(std::size_t dimensions) {
  return EncodedSpace{std::vector<EncodedDimension>(dimensions, real())};
}

// One to `most` dimensions of any kind and size.
inline EncodedSpace random_space(numeric::Random& random, std::size_t most = 6) {
  std::vector<EncodedDimension> dimensions;
  const std::size_t d = 1 + static_cast<std::size_t>(random.below(most));
  for (std::size_t j = 0; j < d; ++j) {
    const std::size_t cells = 2 + static_cast<std::size_t>(random.below(random.below(4) == 0 ? 999 : 6));
    switch (random.below(5)) {
      case 0:
        dimensions.push_back(integers(cells));
        break;
      case 1:
        dimensions.push_back(log_integers(cells, 1 + static_cast<double>(random.below(10))));
        break;
      case 2:
        dimensions.push_back(categories(cells));
        break;
      default:
        dimensions.push_back(real());
    }
  }
  return EncodedSpace{std::move(dimensions)};
}

inline EncodedPoint random_point(const EncodedSpace& space, numeric::Random& random) {
  EncodedPoint point(static_cast<Eigen::Index>(space.size()));
  for (Eigen::Index j = 0; j < point.size(); ++j) point[j] = random.uniform();
  space.snap(point);
  return point;
}

}  // namespace support
