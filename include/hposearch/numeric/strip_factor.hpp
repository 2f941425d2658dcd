/// \file
/// Rows of a Cholesky factor in strips.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include <Eigen/Core>

#include <hposearch/numeric/strip_triangle.hpp>
#include <hposearch/numeric/strips.hpp>
#include <hposearch/numeric/substitution.hpp>
#include <hposearch/numeric/tile.hpp>

namespace hposearch::inline v0::numeric {

/// Whether a pivot makes the matrix positive definite; false for NaN and infinity.
[[nodiscard]] inline bool is_pivot(double x) noexcept { return x > 0 && x < std::numeric_limits<double>::infinity(); }

/// Replaces the diagonal block of strip s, from which the rows before have been subtracted, by its Cholesky factor.
/// \return false where one of its first `rows` pivots is not positive
[[nodiscard]] inline bool factor_diagonal(StripTriangle& l, Eigen::Index s, Eigen::Index rows) {
  double* block = l[s] + strip * strip * s;
  for (Eigen::Index j = 0; j < rows; ++j) {
    double* column = block + strip * j;
    if (!is_pivot(column[j])) return false;
    column[j] = std::sqrt(column[j]);
    const double reciprocal = 1 / column[j];
    l.reciprocals(s)[j] = reciprocal;
    for (Eigen::Index i = j + 1; i < strip; ++i) column[i] *= reciprocal;
    for (Eigen::Index k = j + 1; k < rows; ++k)
      for (Eigen::Index i = k; i < strip; ++i) block[strip * k + i] -= column[i] * column[k];
  }
  return true;
}

/// Turns `rows` (k x (8 first + k), columns as in Cholesky::extend) into the strips from `first` on.
/// \return false where a pivot is not positive
[[nodiscard]] inline bool factor_strips(StripTriangle& l, Eigen::Index first,
                                        const Eigen::Ref<const Eigen::MatrixXd>& rows) {
  const Eigen::Index end = first + strips_for(rows.rows());
  for (Eigen::Index group = first; group < end; group += Batch::capacity) {
    Batch batch;
    for (Eigen::Index s = group; s < std::min(end, group + Batch::capacity); ++s) {
      auto from = rows_of(rows, strip * (s - first));
      from.length = std::min(from.length, strip * (s + 1));
      pack(from, l[s], strip * (s + 1));
      batch.push_back({l[s], 0, s + 1});
    }
    solve_forward(l, batch, group);
    for (const auto& x : batch) {
      const Eigen::Index s = x.last - 1;
      for (Eigen::Index row = group; row < s; ++row) solve_block(l, x, row, group);
      subtract_blocks(l, x, s, group, s);
      if (!factor_diagonal(l, s, std::min(strip, rows.cols() - strip * s))) return false;
    }
  }
  return true;
}

}  // namespace hposearch::inline v0::numeric
