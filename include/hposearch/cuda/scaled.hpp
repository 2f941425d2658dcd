/// \file
/// Points as they go to a device.
#pragma once

#include <cstddef>
#include <span>

#include <Eigen/Core>

#include <hposearch/error.hpp>
#include <hposearch/text.hpp>

namespace hposearch::inline v0::cuda {

/// Of more points cuSOLVER cannot invert the covariance: the square must be an int.
inline constexpr std::size_t most_points = 46'340;

/// \throws InvalidArgument unless there is at least one, and at most most_points
[[nodiscard]] inline std::size_t checked_points(Eigen::Index count) {
  if (count < 1 || static_cast<std::size_t>(count) > most_points)
    throw InvalidArgument("points", to_text(count) + " rows", "must have 1 to " + to_text(most_points));
  return static_cast<std::size_t>(count);
}

/// Each column of `points` times its scale, column-major.
template <class Points>
[[nodiscard]] Eigen::MatrixXd scaled_coordinates(const Points& points, const Eigen::RowVectorXd& scales) {
  Eigen::MatrixXd scaled(points.rows(), points.cols());
  for (Eigen::Index j = 0; j < points.cols(); ++j)
    for (Eigen::Index i = 0; i < points.rows(); ++i) scaled(i, j) = points(i, j) * scales[j];
  return scaled;
}

/// The elements of a matrix or a vector.
template <class Matrix>
[[nodiscard]] std::span<const double> values_of(const Matrix& matrix) {
  return {matrix.data(), static_cast<std::size_t>(matrix.size())};
}

}  // namespace hposearch::inline v0::cuda
