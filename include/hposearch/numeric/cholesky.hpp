/// \file
/// The Cholesky factor of a covariance matrix that grows and shrinks by rows.
#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>

#include <Eigen/Core>

#include <hposearch/error.hpp>
#include <hposearch/numeric/elementary.hpp>
#include <hposearch/numeric/strip_factor.hpp>
#include <hposearch/numeric/strip_inverse.hpp>
#include <hposearch/numeric/strip_triangle.hpp>
#include <hposearch/numeric/strips.hpp>
#include <hposearch/numeric/substitution.hpp>
#include <hposearch/text.hpp>

namespace hposearch::inline v0::numeric {

/// L of K = L L^T for a symmetric positive definite K.
///
/// Bits: every element of L and of a solution is what the textbook loop gives that subtracts product after product in
/// ascending order of the summed index (descending in solve_upper) and multiplies by the reciprocal of the diagonal. So
/// factor, extend and append agree bit for bit about the same rows, a right-hand side gives the same alone and among
/// others, and every machine and compiler gives the same, as long as products and differences are not fused: see
/// tile.hpp.
///
/// Cost: n^3 / 3 operations for factor, 2 n^3 / 3 for inverse, n^2 for each right-hand side and for append.
///
/// Thread safety: const members may run at the same time.
class Cholesky {
 public:
  /// Rows in the factor.
  [[nodiscard]] Eigen::Index size() const noexcept { return size_; }

  /// Room for `size` rows, so that growing up to there does not allocate.
  void reserve(Eigen::Index size) { lower_.reserve(size); }

  /// Factors `matrix` (n x n, only its lower triangle counts) from scratch.
  /// \return false where it is not positive definite in floating point, or not finite; the factor is empty then
  /// \throws InvalidArgument where `matrix` is not square
  [[nodiscard]] bool factor(const Eigen::Ref<const Eigen::MatrixXd>& matrix) {
    size_ = 0;
    return extend(matrix);
  }

  /// Adds k rows. Row r of `rows` (k x (n + k)) holds the covariances of the new point r with the n old points, and
  /// then with the new ones; what stands to the right of its own variance in column n + r does not count. \return false
  /// where the larger matrix is not positive definite or not finite; the factor is as before then \throws
  /// InvalidArgument where `rows` has not n + k columns
  [[nodiscard]] bool extend(const Eigen::Ref<const Eigen::MatrixXd>& rows) {
    check("columns", rows.cols(), size_ + rows.rows());
    const Eigen::Index before = size_;
    reserve(before + rows.rows());
    // One row at a time where a strip would stay more than half empty.
    Eigen::Index r = 0;
    for (; r < rows.rows() && (size_ % strip != 0 || rows.rows() - r <= strip / 2); ++r) {
      if (!append_row(rows.data() + r, rows.outerStride())) return undo(before, rows.rows());
    }
    if (!factor_strips(lower_, size_ / strip, rows.bottomRows(rows.rows() - r))) return undo(before, rows.rows());
    size_ = before + rows.rows();
    return true;
  }

  /// Adds one row, in O(n^2). `covariances` holds the n covariances with the old points and then the new one's
  /// variance. \return false where the larger matrix is not positive definite or not finite; the factor is as before
  /// then \throws InvalidArgument where `covariances` has not n + 1 elements
  [[nodiscard]] bool append(const Eigen::Ref<const Eigen::VectorXd>& covariances) {
    check("covariances", covariances.size(), size_ + 1);
    const Eigen::Index before = size_;
    reserve(before + 1);
    return append_row(covariances.data(), 1) || undo(before, 1);
  }

  /// Keeps the first `size` rows and columns, in O(1). Capacity stays.
  /// \throws InvalidArgument where there are fewer
  void truncate(Eigen::Index size) {
    if (size < 0 || size > size_) throw InvalidArgument("size", to_text(size), "must be 0 to " + to_text(size_));
    size_ = size;
  }

  /// L as a dense matrix with zeros above its diagonal.
  [[nodiscard]] Eigen::MatrixXd lower() const {
    Eigen::MatrixXd result = Eigen::MatrixXd::Zero(size_, size_);
    for (Eigen::Index j = 0; j < size_; ++j)
      for (Eigen::Index i = j; i < size_; ++i) result(i, j) = lower_(i, j);
    return result;
  }

  /// log det K; 0 for an empty factor.
  [[nodiscard]] double log_determinant() const {
    // The product of the diagonal, with its exponent apart so that it cannot overflow: one logarithm instead of n.
    double mantissa = 1;
    double exponent = 0;
    for (Eigen::Index i = 0; i < size_; ++i) {
      int e = 0;
      mantissa = std::frexp(mantissa * lower_(i, i), &e);
      exponent += e;
    }
    return 2 * (numeric::log(mantissa) + exponent * std::numbers::ln2);
  }

  /// Replaces each column of `b` (n x m, a vector too) by L^-1 of it.
  /// \throws InvalidArgument where `b` has not n rows
  void solve_lower(Eigen::Ref<Eigen::MatrixXd> b) const {
    check("b", b.rows(), size_);
    in_columns(
        b, [&](double* x) { solve_forward(lower_, x, size_); },
        [&](const Batch& xs) { solve_forward(lower_, xs, strips_for(size_)); });
  }

  /// Replaces each column of `b` (n x m, a vector too) by L^-T of it.
  /// \throws InvalidArgument where `b` has not n rows
  void solve_upper(Eigen::Ref<Eigen::MatrixXd> b) const {
    check("b", b.rows(), size_);
    in_columns(
        b, [&](double* x) { solve_backward(lower_, x, size_); },
        [&](const Batch& xs) { solve_backward(lower_, xs, size_); });
  }

  /// Replaces each column of `b` (n x m, a vector too) by K^-1 of it.
  /// \throws InvalidArgument where `b` has not n rows
  void solve(Eigen::Ref<Eigen::MatrixXd> b) const {
    check("b", b.rows(), size_);
    in_columns(
        b,
        [&](double* x) {
          solve_forward(lower_, x, size_);
          solve_backward(lower_, x, size_);
        },
        [&](const Batch& xs) {
          solve_forward(lower_, xs, strips_for(size_));
          solve_backward(lower_, xs, size_);
        });
  }

  /// b^T K^-1 b for each column b of `columns` (n x m): what conditioning takes off the prior variance.
  /// \throws InvalidArgument where `columns` has not n rows
  [[nodiscard]] Eigen::VectorXd quadratic_forms(const Eigen::Ref<const Eigen::MatrixXd>& columns) const {
    check("columns", columns.rows(), size_);
    Eigen::VectorXd result = Eigen::VectorXd::Zero(columns.cols());
    in_strips(columns, [&](Eigen::Index first, const Batch& xs) {
      solve_forward(lower_, xs, strips_for(size_));
      for (const auto& x : xs) {
        double sums[strip] = {};
        for (Eigen::Index p = 0; p < size_; ++p)
          for (Eigen::Index i = 0; i < strip; ++i) sums[i] += x.data[strip * p + i] * x.data[strip * p + i];
        const Eigen::Index count = std::min(strip, result.size() - first);
        std::copy_n(sums, count, result.data() + first);
        first += strip;
      }
    });
    return result;
  }

  /// K^-1, both triangles.
  [[nodiscard]] Eigen::MatrixXd inverse() const { return negated_symmetric(negative_inverse(lower_, size_), size_); }

 private:
  static void check(const char* name, Eigen::Index given, Eigen::Index wanted) {
    if (given != wanted) throw InvalidArgument(name, to_text(given), "must be " + to_text(wanted) + ", as the factor");
  }

  // Covariance p is at covariances[p * stride].
  [[nodiscard]] bool append_row(const double* covariances, Eigen::Index stride) {
    const Eigen::Index n = size_;
    Eigen::VectorXd row(n);
    for (Eigen::Index p = 0; p < n; ++p) row[p] = covariances[p * stride];
    solve_forward(lower_, row.data(), n);
    double pivot = covariances[n * stride];
    for (Eigen::Index p = 0; p < n; ++p) {
      pivot -= row[p] * row[p];
      lower_(n, p) = row[p];
    }
    if (!is_pivot(pivot)) return false;
    lower_(n, n) = std::sqrt(pivot);
    lower_.reciprocals(n / strip)[n % strip] = 1 / lower_(n, n);
    ++size_;
    return true;
  }

  // The rows of a failed attempt may hold NaN, and what is not in use must stay finite.
  bool undo(Eigen::Index before, Eigen::Index added) {
    for (Eigen::Index i = before; i < before + added; ++i)
      for (Eigen::Index p = 0; p < strip * (i / strip + 1); ++p) lower_(i, p) = 0;
    size_ = before;
    return false;
  }

  /// Calls use(first column, strips of columns) for all of `columns`, as many strips at a time as the cache likes.
  template <class Use>
  void in_strips(const Eigen::Ref<const Eigen::MatrixXd>& columns, Use use) const {
    const Eigen::Index blocks = strips_for(size_), stride = strip * strip * blocks;
    if (blocks == 0) return;
    Eigen::VectorXd buffer(stride * std::min(Batch::capacity, strips_for(columns.cols())));
    for (Eigen::Index first = 0; first < columns.cols(); first += strip * Batch::capacity) {
      Batch batch;
      for (Eigen::Index s = 0; s < std::min(Batch::capacity, strips_for(columns.cols() - first)); ++s) {
        batch.push_back({buffer.data() + stride * s, 0, blocks});
        pack(columns_of(columns, first + strip * s), buffer.data() + stride * s, strip * blocks);
      }
      use(first, batch);
    }
  }

  /// Calls alone(column) or together(strips), whichever is cheaper, for all columns of `b` and writes them back.
  template <class Alone, class Together>
  void in_columns(Eigen::Ref<Eigen::MatrixXd> b, Alone alone, Together together) const {
    if (b.cols() < strip / 2) {
      for (Eigen::Index c = 0; c < b.cols(); ++c) alone(b.data() + b.outerStride() * c);
      return;
    }
    in_strips(b, [&](Eigen::Index first, const Batch& xs) {
      together(xs);
      for (const auto& x : xs) {
        unpack(x.data, columns_of(b, first));
        first += strip;
      }
    });
  }

  Eigen::Index size_ = 0;
  StripTriangle lower_;
};

}  // namespace hposearch::inline v0::numeric
