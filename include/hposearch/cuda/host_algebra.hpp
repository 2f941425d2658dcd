/// \file
/// The processor in the place of a device, to test without one what runs on it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include <hposearch/cuda/algebra.hpp>
#include <hposearch/cuda/lanes.hpp>
#include <hposearch/numeric/cholesky.hpp>

namespace hposearch::inline v0::cuda {

/// An Algebra of plain loops and numeric::Cholesky: slow, and with the sums of a device.
class HostAlgebra {
 public:
  template <class T>
  using Buffer = std::vector<T>;

  /// \param memory what free_memory() says
  explicit HostAlgebra(std::size_t memory = std::numeric_limits<std::size_t>::max()) : memory_(memory) {}

  template <class T>
  [[nodiscard]] Buffer<T> allocate(std::size_t count) const {
    return Buffer<T>(count);
  }
  template <class T>
  void upload(std::span<const T> from, Buffer<T>& to) const {
    std::copy(from.begin(), from.end(), to.begin());
  }
  template <class T>
  void download(const Buffer<T>& from, std::span<T> to) const {
    std::copy_n(from.begin(), to.size(), to.begin());
  }
  [[nodiscard]] std::size_t free_memory() const noexcept { return memory_; }

  template <class Body>
  void for_each(std::size_t count, const Body& body) const {
    for (std::size_t i = 0; i < count; ++i) body(i);
  }
  template <class Body>
  void for_each_pair(std::size_t rows, std::size_t columns, const Body& body) const {
    for (std::size_t k = 0; k < columns; ++k)
      for (std::size_t i = 0; i < rows; ++i) body(i, k);
  }
  template <int Width, class Body>
  void sums(std::size_t groups, const Body& body, Buffer<double>& result) const {
    std::vector<double> partial(std::size_t{Width} * lanes);
    for (std::size_t group = 0; group < groups; ++group) {
      for (unsigned lane = 0; lane < lanes; ++lane) {
        double own[Width];
        sum_lane<Width>(body, group, lane, own);
        for (std::size_t w = 0; w < Width; ++w) partial[w * lanes + lane] = own[w];
      }
      for (unsigned half = lanes / 2; half > 0; half /= 2)
        for (unsigned lane = 0; lane < lanes; ++lane) join_lanes<Width>(partial.data(), lane, half);
      for (std::size_t w = 0; w < Width; ++w) result[w + Width * group] = partial[w * lanes];
    }
  }

  [[nodiscard]] bool cholesky(double* matrix, std::size_t n, std::size_t stride) const {
    numeric::Cholesky factor;
    Matrix lower = view(matrix, n, n, stride);
    if (!factor.factor(Eigen::MatrixXd{lower})) return false;
    lower.triangularView<Eigen::Lower>() = factor.lower();
    return true;
  }
  void solve_lower(const double* factor, std::size_t n, std::size_t stride, double* b, std::size_t columns,
                   std::size_t b_stride) const {
    Matrix right = view(b, n, columns, b_stride);
    view(factor, n, n, stride).triangularView<Eigen::Lower>().solveInPlace(right);
  }
  void solve(const double* factor, std::size_t n, std::size_t stride, double* b, std::size_t columns,
             std::size_t b_stride) const {
    solve_lower(factor, n, stride, b, columns, b_stride);
    Matrix right = view(b, n, columns, b_stride);
    view(factor, n, n, stride).transpose().triangularView<Eigen::Upper>().solveInPlace(right);
  }
  void inverse(double* factor, std::size_t n, std::size_t stride) const {
    Eigen::MatrixXd result = Eigen::MatrixXd::Identity(index(n), index(n));
    solve(factor, n, stride, result.data(), n, n);
    view(factor, n, n, stride).triangularView<Eigen::Lower>() = result;
  }
  void symmetric_times(const double* matrix, std::size_t n, std::size_t stride, const double* x, double* y) const {
    view(y, n, 1, n) = view(matrix, n, n, stride).selfadjointView<Eigen::Lower>() * Eigen::MatrixXd{view(x, n, 1, n)};
  }
  void transposed_times(const double* matrix, std::size_t rows, std::size_t columns, std::size_t stride,
                        const double* x, double* y) const {
    view(y, columns, 1, columns) = view(matrix, rows, columns, stride).transpose() * view(x, rows, 1, rows);
  }
  [[nodiscard]] std::vector<bool> cholesky_batched(double* matrices, std::size_t n, std::size_t count) const {
    std::vector<bool> definite(count);
    for (std::size_t i = 0; i < count; ++i) definite[i] = cholesky(matrices + n * n * i, n, n);
    return definite;
  }
  void solve_batched(double* factors, std::size_t n, std::size_t count, double* b, std::size_t columns) const {
    for (std::size_t i = 0; i < count; ++i) solve(factors + n * n * i, n, n, b + n * columns * i, columns, n);
  }

 private:
  using Matrix = Eigen::Map<Eigen::MatrixXd, Eigen::Unaligned, Eigen::OuterStride<>>;
  using ConstMatrix = Eigen::Map<const Eigen::MatrixXd, Eigen::Unaligned, Eigen::OuterStride<>>;

  [[nodiscard]] static Eigen::Index index(std::size_t n) { return static_cast<Eigen::Index>(n); }
  [[nodiscard]] static Matrix view(double* first, std::size_t rows, std::size_t columns, std::size_t stride) {
    return {first, index(rows), index(columns), Eigen::OuterStride<>{index(stride)}};
  }
  [[nodiscard]] static ConstMatrix view(const double* first, std::size_t rows, std::size_t columns,
                                        std::size_t stride) {
    return {first, index(rows), index(columns), Eigen::OuterStride<>{index(stride)}};
  }

  std::size_t memory_;
};

static_assert(Algebra<HostAlgebra>);

}  // namespace hposearch::inline v0::cuda
