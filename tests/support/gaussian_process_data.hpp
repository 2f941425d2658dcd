// The reference data set in the shapes that the surrogate takes.
#pragma once

#include <cmath>

#include <Eigen/Core>
#include <support/gaussian_process_reference.hpp>

#include <hposearch/space/encoded_space.hpp>

namespace support {

inline hposearch::EncodedSpace cube(std::size_t d) {
  return hposearch::EncodedSpace{std::vector<hposearch::EncodedDimension>(d)};
}

inline Eigen::MatrixXd reference_points() {
  Eigen::MatrixXd points(reference::n, reference::d);
  for (int i = 0; i < reference::n; ++i) {
    for (int j = 0; j < reference::d; ++j) points(i, j) = reference::points[i][j];
  }
  return points;
}

inline Eigen::VectorXd reference_targets() {
  return Eigen::Map<const Eigen::VectorXd>(reference::targets, reference::n);
}

inline hposearch::EncodedPoints reference_queries() {
  hposearch::EncodedPoints points(reference::m, reference::d);
  for (int i = 0; i < reference::m; ++i) {
    for (int j = 0; j < reference::d; ++j) points(i, j) = reference::queries[i][j];
  }
  return points;
}

inline Eigen::VectorXd reference_parameters() {
  Eigen::VectorXd parameters(reference::d + 1);
  for (int j = 0; j < reference::d; ++j) parameters[j] = std::log(reference::lengthscales[j]);
  parameters[reference::d] = std::log(reference::noise_ratio);
  return parameters;
}

}  // namespace support
