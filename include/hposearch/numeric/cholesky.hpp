/// \file
/// The Cholesky factor of a covariance matrix that grows and shrinks by rows.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include <Eigen/Core>

#include <hposearch/error.hpp>
#include <hposearch/numeric/elementary.hpp>
#include <hposearch/text.hpp>

namespace hposearch::inline v0::numeric {

/// L of K = L L^T for a symmetric positive definite K.
///
/// Bits: every element is what the textbook loops give in ascending (solve_upper: descending) order of the summed
/// index, so that factor, extend and append of the same rows agree bit for bit, and so does a right-hand side alone
/// with the same one among others.
///
/// Thread safety: const members may run at the same time.
class Cholesky {
 public:
  [[nodiscard]] Eigen::Index size() const noexcept { return size_; }

  /// Room for `size` rows, so that appending up to there does not allocate.
  void reserve(Eigen::Index size) {
    if (size <= lower_.rows()) return;
    lower_.conservativeResize(size, size);
    reciprocal_.conservativeResize(size);
  }

  /// Factors `matrix` (n x n, only its lower triangle is read) from scratch.
  /// \return false where it is not positive definite in floating point, or not finite; the factor is empty then
  [[nodiscard]] bool factor(const Eigen::Ref<const Eigen::MatrixXd>& matrix) {
    size_ = 0;
    return extend(matrix);
  }

  /// Adds k rows. Row r of `rows` (k x (n + k)) holds the covariances of the new point r with the n old points, and
  /// then with the new ones; entries to the right of its own variance at column n + r are not read. \return false where
  /// the larger matrix is not positive definite or not finite; the factor is as before then
  [[nodiscard]] bool extend(const Eigen::Ref<const Eigen::MatrixXd>& rows) {
    check("rows", rows.cols(), size_ + rows.rows());
    const Eigen::Index before = size_;
    grow(size_ + rows.rows());
    for (Eigen::Index r = 0; r < rows.rows(); ++r) {
      if (!append_row(rows, r)) {
        size_ = before;
        return false;
      }
    }
    return true;
  }

  /// Adds one row, in O(n^2). `covariances` holds the n covariances with the old points and then the new one's
  /// variance. \return false where the larger matrix is not positive definite or not finite; the factor is as before
  /// then
  [[nodiscard]] bool append(const Eigen::Ref<const Eigen::VectorXd>& covariances) {
    return extend(covariances.transpose());
  }

  /// Keeps the first `size` rows and columns, in O(1). Capacity stays.
  void truncate(Eigen::Index size) {
    if (size < 0 || size > size_) throw InvalidArgument("size", to_text(size), "must be at most " + to_text(size_));
    size_ = size;
  }

  /// L as a dense matrix with zeros above its diagonal.
  [[nodiscard]] Eigen::MatrixXd lower() const {
    Eigen::MatrixXd result = Eigen::MatrixXd::Zero(size_, size_);
    for (Eigen::Index j = 0; j < size_; ++j)
      for (Eigen::Index i = j; i < size_; ++i) result(i, j) = lower_(i, j);
    return result;
  }

  /// log det K = 2 log det L; 0 for an empty factor.
  [[nodiscard]] double log_determinant() const {
    double sum = 0;
    for (Eigen::Index i = 0; i < size_; ++i) sum += numeric::log(lower_(i, i));
    return 2 * sum;
  }

  /// Replaces each column of `b` (n x m) by L^-1 of it.
  void solve_lower(Eigen::Ref<Eigen::MatrixXd> b) const {
    check("b", b.rows(), size_);
    for (Eigen::Index c = 0; c < b.cols(); ++c) {
      for (Eigen::Index i = 0; i < size_; ++i) {
        for (Eigen::Index p = 0; p < i; ++p) b(i, c) -= lower_(i, p) * b(p, c);
        b(i, c) *= reciprocal_[i];
      }
    }
  }

  /// Replaces each column of `b` (n x m) by L^-T of it.
  void solve_upper(Eigen::Ref<Eigen::MatrixXd> b) const {
    check("b", b.rows(), size_);
    for (Eigen::Index c = 0; c < b.cols(); ++c) {
      for (Eigen::Index i = size_; i-- > 0;) {
        for (Eigen::Index p = size_; --p > i;) b(i, c) -= lower_(p, i) * b(p, c);
        b(i, c) *= reciprocal_[i];
      }
    }
  }

  /// Replaces each column of `b` (n x m) by K^-1 of it.
  void solve(Eigen::Ref<Eigen::MatrixXd> b) const {
    solve_lower(b);
    solve_upper(b);
  }

  /// b^T K^-1 b for each column b of `columns` (n x m): what conditioning takes off the prior variance.
  [[nodiscard]] Eigen::VectorXd quadratic_forms(const Eigen::Ref<const Eigen::MatrixXd>& columns) const {
    Eigen::MatrixXd whitened = columns;
    solve_lower(whitened);
    Eigen::VectorXd result = Eigen::VectorXd::Zero(columns.cols());
    for (Eigen::Index c = 0; c < columns.cols(); ++c)
      for (Eigen::Index i = 0; i < size_; ++i) result[c] += whitened(i, c) * whitened(i, c);
    return result;
  }

  /// K^-1, both triangles.
  [[nodiscard]] Eigen::MatrixXd inverse() const {
    Eigen::MatrixXd whitened = Eigen::MatrixXd::Identity(size_, size_);
    solve_lower(whitened);
    Eigen::MatrixXd result(size_, size_);
    for (Eigen::Index j = 0; j < size_; ++j) {
      for (Eigen::Index i = j; i < size_; ++i) {
        double sum = 0;
        for (Eigen::Index p = i; p < size_; ++p) sum += whitened(p, i) * whitened(p, j);
        result(i, j) = result(j, i) = sum;
      }
    }
    return result;
  }

 private:
  static void check(const char* name, Eigen::Index given, Eigen::Index wanted) {
    if (given != wanted) throw InvalidArgument(name, "size " + to_text(given), "must be of size " + to_text(wanted));
  }

  void grow(Eigen::Index size) {
    if (size > lower_.rows()) reserve(std::max(size, 2 * lower_.rows()));
  }

  [[nodiscard]] bool append_row(const Eigen::Ref<const Eigen::MatrixXd>& rows, Eigen::Index r) {
    const Eigen::Index i = size_;
    for (Eigen::Index j = 0; j < i; ++j) {
      double sum = rows(r, j);
      for (Eigen::Index p = 0; p < j; ++p) sum -= lower_(i, p) * lower_(j, p);
      lower_(i, j) = sum * reciprocal_[j];
    }
    double pivot = rows(r, i);
    for (Eigen::Index p = 0; p < i; ++p) pivot -= lower_(i, p) * lower_(i, p);
    if (!(pivot > 0 && pivot < std::numeric_limits<double>::infinity())) return false;
    lower_(i, i) = std::sqrt(pivot);
    reciprocal_[i] = 1 / lower_(i, i);
    ++size_;
    return true;
  }

  Eigen::Index size_ = 0;
  Eigen::MatrixXd lower_;
  Eigen::VectorXd reciprocal_;  // of the diagonal
};

}  // namespace hposearch::inline v0::numeric
