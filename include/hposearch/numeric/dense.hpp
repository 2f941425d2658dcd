/// \file
/// Scalar products and matrix products with a fixed order of operations.
///
/// Eigen's own depend on the width of the machine's registers and on the size of its caches, so that nothing that
/// decides points may use them. Here each element of a matrix product is the textbook sum in ascending order of the
/// summed index, and a scalar product has eight partial sums. Only the compiler's leave to fuse a product and a sum
/// changes bits: see tile.hpp.
///
/// Thread safety: pure functions.
#pragma once

#include <algorithm>

#include <Eigen/Core>

#include <hposearch/error.hpp>
#include <hposearch/numeric/strips.hpp>
#include <hposearch/numeric/tile.hpp>
#include <hposearch/text.hpp>

namespace hposearch::inline v0::numeric {

/// \throws InvalidArgument where two lengths that must agree do not
inline void require_equal_lengths(const char* name, Eigen::Index given, Eigen::Index wanted) {
  if (given != wanted) throw InvalidArgument(name, to_text(given), "must be " + to_text(wanted));
}

/// a_0 b_0 + ... + a_(n-1) b_(n-1) for contiguous memory.
///
/// Partial sum i, 0 <= i < 8, takes the products at i, i + 8, i + 16, ... in that order; then i and i + 4 are added, of
/// those i and i + 2, and of those i and i + 1.
[[nodiscard]] inline double dot(const double* a, const double* b, Eigen::Index n) {
  constexpr int packs = strip / pack_size;
  Pack sum[packs] = {};
  Eigen::Index i = 0;
  for (; i + strip <= n; i += strip) {
    unrolled<packs>([&](auto r) __attribute__((always_inline)) {
      sum[r] += load_pack(a + i + pack_size * r) * load_pack(b + i + pack_size * r);
    });
  }
  double partial[strip];
  unrolled<packs>([&](auto r) __attribute__((always_inline)) { store_pack(partial + pack_size * r, sum[r]); });
  for (Eigen::Index r = 0; i + r < n; ++r) partial[r] += a[i + r] * b[i + r];
  const double p04 = partial[0] + partial[4], p15 = partial[1] + partial[5];
  const double p26 = partial[2] + partial[6], p37 = partial[3] + partial[7];
  return (p04 + p26) + (p15 + p37);
}

/// The scalar product of two vectors, in the order above.
/// \throws InvalidArgument where the sizes differ
[[nodiscard]] inline double dot(const Eigen::Ref<const Eigen::VectorXd>& a,
                                const Eigen::Ref<const Eigen::VectorXd>& b) {
  require_equal_lengths("size of b", b.size(), a.size());
  return dot(a.data(), b.data(), a.size());
}

/// y += factor a for contiguous vectors of length `n`.
inline void add_multiple(double* y, const double* a, double factor, Eigen::Index n) {
  Eigen::Index i = 0;
  for (; i + pack_size <= n; i += pack_size) store_pack(y + i, load_pack(y + i) + load_pack(a + i) * factor);
  for (; i < n; ++i) y[i] += a[i] * factor;
}

/// y += a_0 x_0 + a_1 x_1 + ..., one after the other, where column a_p of length `n` starts at `a + p * stride`.
inline void add_columns(double* y, const double* a, Eigen::Index n, Eigen::Index stride, const double* x,
                        Eigen::Index columns) {
  Eigen::Index p = 0;
  // Four columns at a time, so that y is read and written once for four products.
  for (; p + 4 <= columns; p += 4, a += 4 * stride) {
    const double x0 = x[p], x1 = x[p + 1], x2 = x[p + 2], x3 = x[p + 3];
    const double *a1 = a + stride, *a2 = a1 + stride, *a3 = a2 + stride;
    Eigen::Index i = 0;
    for (; i + pack_size <= n; i += pack_size) {
      Pack sum = load_pack(y + i);
      sum += load_pack(a + i) * x0;
      sum += load_pack(a1 + i) * x1;
      sum += load_pack(a2 + i) * x2;
      sum += load_pack(a3 + i) * x3;
      store_pack(y + i, sum);
    }
    for (; i < n; ++i) {
      y[i] += a[i] * x0;
      y[i] += a1[i] * x1;
      y[i] += a2[i] * x2;
      y[i] += a3[i] * x3;
    }
  }
  for (; p < columns; ++p, a += stride) add_multiple(y, a, x[p], n);
}

/// A x.
/// \throws InvalidArgument where the sizes do not fit
[[nodiscard]] inline Eigen::VectorXd apply(const Eigen::Ref<const Eigen::MatrixXd>& a,
                                           const Eigen::Ref<const Eigen::VectorXd>& x) {
  require_equal_lengths("size of x", x.size(), a.cols());
  Eigen::VectorXd result = Eigen::VectorXd::Zero(a.rows());
  add_columns(result.data(), a.data(), a.rows(), a.outerStride(), x.data(), a.cols());
  return result;
}

/// A^T x: the scalar products of A's columns with x.
/// \throws InvalidArgument where the sizes do not fit
[[nodiscard]] inline Eigen::VectorXd apply_transposed(const Eigen::Ref<const Eigen::MatrixXd>& a,
                                                      const Eigen::Ref<const Eigen::VectorXd>& x) {
  require_equal_lengths("size of x", x.size(), a.rows());
  Eigen::VectorXd result(a.cols());
  for (Eigen::Index j = 0; j < a.cols(); ++j) result[j] = dot(a.data() + a.outerStride() * j, x.data(), a.rows());
  return result;
}

/// Vectors of equal length in strips: the operands of a matrix product.
class Operand {
 public:
  /// The rows of `matrix`.
  [[nodiscard]] static Operand rows(const Eigen::Ref<const Eigen::MatrixXd>& matrix) {
    Operand result(matrix.rows(), matrix.cols());
    for (Eigen::Index s = 0; s < matrix.rows(); s += strip) pack(rows_of(matrix, s), result[s], matrix.cols());
    return result;
  }

  /// The columns of `matrix`.
  [[nodiscard]] static Operand columns(const Eigen::Ref<const Eigen::MatrixXd>& matrix) {
    Operand result(matrix.cols(), matrix.rows());
    for (Eigen::Index s = 0; s < matrix.cols(); s += strip) pack(columns_of(matrix, s), result[s], matrix.rows());
    return result;
  }

  [[nodiscard]] Eigen::Index count() const noexcept { return count_; }
  [[nodiscard]] Eigen::Index length() const noexcept { return length_; }

  /// The strip that begins with `vector`, a multiple of eight.
  [[nodiscard]] double* operator[](Eigen::Index vector) { return elements_.data() + vector * length_; }
  [[nodiscard]] const double* operator[](Eigen::Index vector) const { return elements_.data() + vector * length_; }

 private:
  Operand(Eigen::Index count, Eigen::Index length)
      : count_(count), length_(length), elements_((count + strip - 1) / strip * strip * length) {}

  Eigen::Index count_, length_;
  Eigen::VectorXd elements_;
};

/// The scalar products left_i . right_j, i = row, ..., row + 7, j = column, ..., column + 7, each summed in ascending
/// order, into `result` as far as that reaches.
inline void multiply_block(const Operand& left, const Operand& right, Eigen::Index row, Eigen::Index column,
                           Eigen::MatrixXd& result) {
  double negative[strip * strip] = {};
  for_each_tile([&](int i, int j) {
    Tile tile;
    tile.load(negative + strip * j + i);
    tile.subtract_products(left[row] + i, right[column] + j, left.length());
    tile.store(negative + strip * j + i);
  });
  for (Eigen::Index j = 0; j < std::min(strip, result.cols() - column); ++j)
    for (Eigen::Index i = 0; i < std::min(strip, result.rows() - row); ++i)
      result(row + i, column + j) = 0 - negative[strip * j + i];
}

/// All scalar products of `left`'s vectors with `right`'s.
[[nodiscard]] inline Eigen::MatrixXd multiply(const Operand& left, const Operand& right) {
  Eigen::MatrixXd result(left.count(), right.count());
  for (Eigen::Index column = 0; column < right.count(); column += strip)
    for (Eigen::Index row = 0; row < left.count(); row += strip) multiply_block(left, right, row, column, result);
  return result;
}

/// A B.
/// \throws InvalidArgument where the sizes do not fit
[[nodiscard]] inline Eigen::MatrixXd product(const Eigen::Ref<const Eigen::MatrixXd>& a,
                                             const Eigen::Ref<const Eigen::MatrixXd>& b) {
  require_equal_lengths("rows of b", b.rows(), a.cols());
  return multiply(Operand::rows(a), Operand::columns(b));
}

/// A^T B.
/// \throws InvalidArgument where the sizes do not fit
[[nodiscard]] inline Eigen::MatrixXd transposed_product(const Eigen::Ref<const Eigen::MatrixXd>& a,
                                                        const Eigen::Ref<const Eigen::MatrixXd>& b) {
  require_equal_lengths("rows of b", b.rows(), a.rows());
  return multiply(Operand::columns(a), Operand::columns(b));
}

/// A^T A, exactly symmetric, for half the work of transposed_product(A, A) and with its bits.
[[nodiscard]] inline Eigen::MatrixXd gram(const Eigen::Ref<const Eigen::MatrixXd>& a) {
  const auto columns = Operand::columns(a);
  Eigen::MatrixXd result(a.cols(), a.cols());
  for (Eigen::Index column = 0; column < a.cols(); column += strip)
    for (Eigen::Index row = column; row < a.cols(); row += strip) multiply_block(columns, columns, row, column, result);
  for (Eigen::Index j = 0; j < a.cols(); ++j)
    for (Eigen::Index i = 0; i < j; ++i) result(i, j) = result(j, i);
  return result;
}

}  // namespace hposearch::inline v0::numeric
