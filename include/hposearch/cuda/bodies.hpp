/// \file
/// What a thread of each kernel does: the same functions are compiled for the processor, so that all that is computed
/// on a GPU, but for cuBLAS and cuSOLVER, is tested without one.
///
/// Matrices are column-major; `stride` is what lies between columns.
#pragma once

#include <cstddef>

#include <hposearch/cuda/correlation.hpp>
#include <hposearch/cuda/host_device.hpp>

namespace hposearch::inline v0::cuda {

/// Element (i, k) of the correlations with noise, in the lower triangle.
struct Covariance {
  PointsView points;
  double noise;  ///< variance over the scale
  double* result;
  std::size_t stride;

  HPOSEARCH_HOST_DEVICE void operator()(std::size_t i, std::size_t k) const {
    if (i < k) return;
    result[i + stride * k] = i == k ? 1 + noise : correlate(points, i, points.first, points.stride, k).value;
  }
};

/// Element (i, k) of the correlations of points with others.
struct CrossCorrelation {
  PointsView points;
  const double* others;
  std::size_t others_stride;
  double* result;
  std::size_t stride;

  HPOSEARCH_HOST_DEVICE void operator()(std::size_t i, std::size_t k) const {
    result[i + stride * k] = correlate(points, i, others, others_stride, k).value;
  }
};

/// Correlations with one point whose coordinates are contiguous, and their slopes. i: a point.
struct PointCorrelation {
  PointsView points;
  const double* point;
  double *value, *slope;

  HPOSEARCH_HOST_DEVICE void operator()(std::size_t i) const {
    const Correlation found = correlate(points, i, point, 1, 0);
    value[i] = found.value;
    slope[i] = found.slope;
  }
};

/// The diagonal of a matrix. i: an element of it.
struct Diagonal {
  const double* matrix;
  std::size_t stride;
  double* result;

  HPOSEARCH_HOST_DEVICE void operator()(std::size_t i) const { result[i] = matrix[i + stride * i]; }
};

/// The lower triangle of a matrix, copied. (i, k): an element.
struct CopyLower {
  const double* from;
  std::size_t from_stride;
  double* to;
  std::size_t to_stride;

  HPOSEARCH_HOST_DEVICE void operator()(std::size_t i, std::size_t k) const {
    if (i >= k) to[i + to_stride * k] = from[i + from_stride * k];
  }
};

/// A row of a matrix: `from`, then `last`. i: a column.
struct PlaceRow {
  const double* from;
  std::size_t count;  ///< elements of `from`
  double last;
  double* row;  ///< where it begins
  std::size_t stride;

  HPOSEARCH_HOST_DEVICE void operator()(std::size_t i) const { row[stride * i] = i < count ? from[i] : last; }
};

/// Sums of the squares of each column. A group: a column.
struct SquaredColumns {
  const double* columns;
  std::size_t rows, stride;

  [[nodiscard]] HPOSEARCH_HOST_DEVICE std::size_t begin(std::size_t) const { return 0; }
  [[nodiscard]] HPOSEARCH_HOST_DEVICE std::size_t end(std::size_t) const { return rows; }
  HPOSEARCH_HOST_DEVICE void operator()(std::size_t column, std::size_t i, double* sum) const {
    const double value = columns[i + stride * column];
    sum[0] += value * value;
  }
};

/// Sums over one index of values with another. A group: what is kept, at values[group + groups * i].
struct Fold {
  const double* values;
  std::size_t groups, count;

  [[nodiscard]] HPOSEARCH_HOST_DEVICE std::size_t begin(std::size_t) const { return 0; }
  [[nodiscard]] HPOSEARCH_HOST_DEVICE std::size_t end(std::size_t) const { return count; }
  HPOSEARCH_HOST_DEVICE void operator()(std::size_t group, std::size_t i, double* sum) const {
    sum[0] += values[group + groups * i];
  }
};

/// The derivatives of the evidence by `width` parameters of the kernel, summed over the pairs below the diagonal in one
/// column: -sum_i M_ik dA_ik / dp with M = A^-1 - a a^T / s, see Evidence. Correlations are computed again instead of
/// being kept, which spares a matrix. A group: a column.
struct GradientTerms {
  static constexpr int width = 8;

  PointsView points;
  std::size_t count;      ///< points
  const double* inverse;  ///< A^-1, in the lower triangle
  std::size_t stride;
  const double* weights;  ///< a
  double scale;           ///< s
  std::size_t first;      ///< of the dimensions whose sums these are

  [[nodiscard]] HPOSEARCH_HOST_DEVICE std::size_t begin(std::size_t column) const { return column + 1; }
  [[nodiscard]] HPOSEARCH_HOST_DEVICE std::size_t end(std::size_t) const { return count; }
  HPOSEARCH_HOST_DEVICE void operator()(std::size_t k, std::size_t i, double* sums) const {
    const Correlation pair = correlate(points, i, points.first, points.stride, k);
    const double factor = inverse[i + stride * k] - weights[i] * weights[k] / scale;
    for (int w = 0; w < width; ++w) {
      const std::size_t j = first + static_cast<std::size_t>(w);
      if (j >= points.dimensions) return;
      const double difference = points.first[i + j * points.stride] - points.first[k + j * points.stride];
      if (points.rates[j] > 0)
        sums[w] += difference == 0 ? 0 : factor * points.rates[j] * pair.value;
      else
        sums[w] -= factor * pair.slope * (difference * difference);
    }
  }
};

/// All that a query at one point needs of the data, as sums over them. Groups: for each dimension j the derivative of
/// the mean by the scaled coordinate j, then for each half of that of the explained variance, then the mean less the
/// constant one, then the explained variance.
struct QuerySums {
  PointsView points;
  std::size_t count, observations;
  const double* point;                   ///< scaled
  const double *value, *slope, *solved;  ///< correlations, their slopes, and A^-1 times the correlations
  const double* weights;                 ///< of the observations in the mean

  [[nodiscard]] HPOSEARCH_HOST_DEVICE std::size_t begin(std::size_t) const { return 0; }
  [[nodiscard]] HPOSEARCH_HOST_DEVICE std::size_t end(std::size_t group) const {
    const std::size_t d = points.dimensions;
    return group < d || group == 2 * d ? observations : count;
  }
  HPOSEARCH_HOST_DEVICE void operator()(std::size_t group, std::size_t i, double* sum) const {
    const std::size_t d = points.dimensions;
    if (group >= 2 * d) {
      sum[0] += value[i] * (group == 2 * d ? weights[i] : solved[i]);
      return;
    }
    const std::size_t j = group < d ? group : group - d;
    const double difference = point[j] - points.first[i + j * points.stride];
    sum[0] -= (group < d ? weights[i] : solved[i]) * slope[i] * difference;
  }
};

/// One problem of a batch.
struct BatchedProblem {
  PointsView points;
  std::size_t count;  ///< points; rows beyond are those of the unit matrix
  double noise;
};

/// Element (i, k) of covariance k / size of a batch, in the lower triangle. All have `size` rows, so that one call can
/// factor them.
struct BatchedCovariance {
  const BatchedProblem* problems;
  std::size_t size;
  double* result;

  HPOSEARCH_HOST_DEVICE void operator()(std::size_t i, std::size_t k) const {
    const BatchedProblem& problem = problems[k / size];
    const std::size_t column = k % size;
    if (i < column) return;
    double value = i == column ? 1 : 0;
    if (i < problem.count)
      value = i == column ? 1 + problem.noise
                          : correlate(problem.points, i, problem.points.first, problem.points.stride, column).value;
    result[i + size * k] = value;
  }
};

/// The diagonals of a batch, one after the other. i: an element of them.
struct BatchedDiagonal {
  const double* matrices;
  std::size_t size;
  double* result;

  HPOSEARCH_HOST_DEVICE void operator()(std::size_t i) const {
    result[i] = matrices[i / size * size * size + i % size * (size + 1)];
  }
};

}  // namespace hposearch::inline v0::cuda
