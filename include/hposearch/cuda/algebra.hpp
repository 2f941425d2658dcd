/// \file
/// What the surrogate needs of a device: memory, kernels, and some calls of cuBLAS and cuSOLVER.
#pragma once

#include <concepts>
#include <cstddef>
#include <span>
#include <vector>

namespace hposearch::inline v0::cuda {

/// A body for the concept below.
struct NoBody {
  void operator()(std::size_t) const {}
  void operator()(std::size_t, std::size_t) const {}
};
/// A body of sums for the concept below.
struct NoSum {
  [[nodiscard]] std::size_t begin(std::size_t) const { return 0; }
  [[nodiscard]] std::size_t end(std::size_t) const { return 0; }
  void operator()(std::size_t, std::size_t, double*) const {}
};

/// A place where the surrogate can be computed: DeviceAlgebra is a GPU, HostAlgebra the processor, with which tests
/// drive all that is built on it. Everything happens in the order of the calls. Matrices are column-major in memory of
/// the place, and `stride` is what lies between their columns; of symmetric and triangular ones only the lower triangle
/// counts. Calls throw OutOfDeviceMemory or Error; one thread at a time may make them.
template <class A>
concept Algebra = requires(A algebra, typename A::template Buffer<double> buffer, double* to, const double* from,
                           std::size_t n, std::span<double> into, std::span<const double> values) {
  /// An array in its memory, movable, with data() and size().
  { algebra.template allocate<double>(n) } -> std::same_as<typename A::template Buffer<double>>;
  algebra.upload(values, buffer);
  algebra.download(buffer, into);
  /// Bytes that could be allocated now.
  { algebra.free_memory() } -> std::same_as<std::size_t>;

  /// body(i) for i below n, in any order.
  algebra.for_each(n, NoBody{});
  /// body(i, k) for i below the number of rows and k below that of columns, in any order.
  algebra.for_each_pair(n, n, NoBody{});
  /// `Width` sums for each group, at buffer[w + Width * group], in the order of lanes.hpp.
  algebra.template sums<1>(n, NoSum{}, buffer);

  /// The Cholesky factor in the place of a matrix, (to, rows, stride); whether it is positive definite.
  { algebra.cholesky(to, n, n) } -> std::same_as<bool>;
  /// L^-1 b and L^-T L^-1 b in the place of b: (L, rows, stride, b, columns of b, stride of b).
  algebra.solve_lower(from, n, n, to, n, n);
  algebra.solve(from, n, n, to, n, n);
  /// (L L^T)^-1 in the place of L: (L, rows, stride).
  algebra.inverse(to, n, n);
  /// y = A x for a symmetric A: (A, rows, stride, x, y).
  algebra.symmetric_times(from, n, n, from, to);
  /// y = A^T x: (A, rows, columns, stride, x, y).
  algebra.transposed_times(from, n, n, n, from, to);
  /// Factors `count` matrices of n^2 elements one after the other: (matrices, n, count); which are positive definite.
  { algebra.cholesky_batched(to, n, n) } -> std::same_as<std::vector<bool>>;
  /// solve() with each of them and as many right-hand sides of n x columns: (L, n, count, b, columns).
  algebra.solve_batched(to, n, n, to, n);
};

}  // namespace hposearch::inline v0::cuda
