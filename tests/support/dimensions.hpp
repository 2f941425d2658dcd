// Short names for the dimensions of encoded spaces.
#pragma once

#include <cstddef>
#include <vector>

#include <hposearch/space/encoded_space.hpp>

namespace support {

inline hposearch::EncodedDimension real() { return {}; }

inline hposearch::EncodedDimension discrete(hposearch::DimensionKind kind, std::size_t cells) {
  hposearch::EncodedDimension dimension;
  dimension.kind = kind;
  dimension.cells = cells;
  return dimension;
}

inline hposearch::EncodedDimension integers(std::size_t cells) {
  return discrete(hposearch::DimensionKind::ordered, cells);
}

inline hposearch::EncodedDimension categories(std::size_t cells) {
  return discrete(hposearch::DimensionKind::categorical, cells);
}

// Integers from 1 on a logarithmic axis.
inline hposearch::EncodedDimension log_integers(std::size_t cells) {
  hposearch::EncodedDimension dimension = integers(cells);
  dimension.log = true;
  dimension.first = 1;
  return dimension;
}

inline hposearch::EncodedSpace reals(std::size_t dimensions) {
  return hposearch::EncodedSpace{std::vector<hposearch::EncodedDimension>(dimensions, real())};
}

}  // namespace support
