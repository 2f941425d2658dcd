/// \file
/// Dense matrices in and out of strips.
#pragma once

#include <algorithm>
#include <type_traits>

#include <Eigen/Core>

#include <hposearch/numeric/tile.hpp>

namespace hposearch::inline v0::numeric {

/// Up to eight vectors of a dense matrix, as its memory has them.
template <class Scalar>
struct VectorsIn {
  Scalar* data;             ///< element 0 of vector 0
  Eigen::Index count;       ///< vectors, 1 to 8
  Eigen::Index length;      ///< elements of each
  Eigen::Index to_vector;   ///< from a vector to the next one
  Eigen::Index to_element;  ///< from an element to the next one
};

/// Columns `first`, ..., `first + 7` (or as many as there are) of a column-major matrix.
template <class Matrix>
[[nodiscard]] auto columns_of(Matrix& matrix, Eigen::Index first) {
  return VectorsIn<std::remove_pointer_t<decltype(matrix.data())>>{
      matrix.data() + first * matrix.outerStride(), std::min(strip, matrix.cols() - first), matrix.rows(),
      matrix.outerStride(), Eigen::Index{1}};
}

/// Rows `first`, ..., `first + 7` (or as many as there are) of a column-major matrix.
template <class Matrix>
[[nodiscard]] auto rows_of(Matrix& matrix, Eigen::Index first) {
  return VectorsIn<std::remove_pointer_t<decltype(matrix.data())>>{
      matrix.data() + first, std::min(strip, matrix.rows() - first), matrix.cols(), Eigen::Index{1},
      matrix.outerStride()};
}

/// Writes vectors as a strip of `padded` elements; vectors and elements that are not there become zero.
template <class Scalar>
void pack(VectorsIn<Scalar> from, double* to, Eigen::Index padded) {
  if (from.count < strip || from.length < padded) std::fill_n(to, strip * padded, 0.0);
  for (Eigen::Index p = 0; p < from.length; ++p)
    for (Eigen::Index i = 0; i < from.count; ++i)
      to[strip * p + i] = from.data[from.to_vector * i + from.to_element * p];
}

/// Writes a strip back into its vectors.
inline void unpack(const double* from, VectorsIn<double> to) {
  for (Eigen::Index p = 0; p < to.length; ++p)
    for (Eigen::Index i = 0; i < to.count; ++i) to.data[to.to_vector * i + to.to_element * p] = from[strip * p + i];
}

}  // namespace hposearch::inline v0::numeric
