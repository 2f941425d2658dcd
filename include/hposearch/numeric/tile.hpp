/// \file
/// The register tile: the one inner loop under every O(n^3) computation of the library.
///
/// Reproducible and fast at once: a tile holds one running sum per element, and each sum takes its products one after
/// the other in ascending order of the summed index, so that neither the width of the machine's registers nor the way
/// in which the loops around are blocked can change a bit. Speed comes from many elements at once, never from
/// splitting a sum. What does change bits is the compiler's leave to fuse a multiplication and a subtraction
/// (-ffp-contract=fast, the default of g++, or on, of clang++) on a target that can (-mfma, -march=native, ARM64):
/// with -ffp-contract=off all targets agree.
#pragma once

#include <cstring>
#include <utility>

#include <Eigen/Core>

namespace hposearch::inline v0::numeric {

/// How many rows lie side by side in memory: element (i, p) of a strip is at `8 * p + i`, 0 <= i < 8. One strip is then
/// both a left operand (8 elements of one column at a time) and a right operand (8 scalars).
inline constexpr Eigen::Index strip = 8;

/// Doubles in the machine's widest register.
#if defined(__AVX512F__)
inline constexpr int pack_size = 8;
#elif defined(__AVX__)
inline constexpr int pack_size = 4;
#else
inline constexpr int pack_size = 2;
#endif

/// A register. A vector type of the compiler and not an Eigen array, because Eigen does not vectorise under nvcc.
using Pack = double __attribute__((vector_size(pack_size * sizeof(double))));

/// The `pack_size` doubles from `source` on, at any alignment.
[[nodiscard, gnu::always_inline]] inline Pack load_pack(const double* source) {
  Pack values;
  std::memcpy(&values, source, sizeof values);
  return values;
}

/// Writes the `pack_size` doubles from `target` on, at any alignment.
[[gnu::always_inline]] inline void store_pack(double* target, Pack values) {
  std::memcpy(target, &values, sizeof values);
}

/// Calls f(0), ..., f(n - 1) with the index as a constant: -O2 alone does not unroll, and an array that is indexed by a
/// variable does not live in registers. Nor does it with a call in the way, so that `f` must insist on being inlined.
template <int n, class F>
[[gnu::always_inline]] inline void unrolled(F f) {
  [&]<int... i>(std::integer_sequence<int, i...>) __attribute__((always_inline)) {
    (f(std::integral_constant<int, i>{}), ...);
  }
  (std::make_integer_sequence<int, n>{});
}

/// `lanes` x `columns` elements of a strip, as many as keep eight registers busy: the multiplications and subtractions
/// of eight independent sums hide each other's latency, and eight more registers are left for the operands.
class Tile {
 public:
  static constexpr int lanes = pack_size == 2 ? 4 : 8;
  static constexpr int columns = pack_size == 8 ? 8 : 4;

  [[gnu::always_inline]] void load(const double* x) {
    unrolled<registers>([&](auto r) __attribute__((always_inline)) { sum_[r] = load_pack(x + place(r)); });
  }

  [[gnu::always_inline]] void store(double* x) const {
    unrolled<registers>([&](auto r) __attribute__((always_inline)) { store_pack(x + place(r), sum_[r]); });
  }

  /// element (i, j) -= a(i, p) b(j, p), p = 0, ..., count - 1; `a` and `b` are strips.
  [[gnu::always_inline]] void subtract_products(const double* a, const double* b, Eigen::Index count) {
    for (Eigen::Index p = 0; p < count; ++p) subtract_product<1>(a + strip * p, b + strip * p);
  }

  /// element (i, j) -= a(i, p) b(p, j), p = count - 1, ..., 0; b(p, j) is at `8 * j + p`: a right operand across
  /// strips.
  [[gnu::always_inline]] void subtract_products_descending(const double* a, const double* b, Eigen::Index count) {
    for (Eigen::Index p = count; p-- > 0;) subtract_product<strip>(a + strip * p, b + p);
  }

  /// Forward substitution with the lower triangle l(k, j) at `8 * j + k` and the reciprocals of its diagonal.
  [[gnu::always_inline]] void solve_forward(const double* l, const double* reciprocal) {
    unrolled<columns>([&](auto j) __attribute__((always_inline)) {
      finish_column(j, reciprocal[j]);
      unrolled<columns>([&](auto k) __attribute__((always_inline)) {
        if constexpr (k > j) subtract_column(k, j, l[strip * j + k]);
      });
    });
  }

  /// Backward substitution with the same triangle, transposed.
  [[gnu::always_inline]] void solve_backward(const double* l, const double* reciprocal) {
    unrolled<columns>([&](auto step) __attribute__((always_inline)) {
      constexpr int j = columns - 1 - step;
      finish_column(j, reciprocal[j]);
      unrolled<j>([&](auto k) __attribute__((always_inline)) { subtract_column(k, j, l[strip * k + j]); });
    });
  }

 private:
  static constexpr int packs = lanes / pack_size;
  static constexpr int registers = packs * columns;

  [[nodiscard]] static constexpr Eigen::Index place(int r) { return strip * (r / packs) + pack_size * (r % packs); }

  /// element (i, j) -= a(i) b(j), b(j) at `step * j`.
  template <Eigen::Index step>
  [[gnu::always_inline]] void subtract_product(const double* a, const double* b) {
    unrolled<registers>([&](auto r) __attribute__((always_inline)) {
      sum_[r] -= load_pack(a + pack_size * (r % packs)) * b[step * (r / packs)];
    });
  }

  [[gnu::always_inline]] void finish_column(int j, double factor) {
    unrolled<packs>([&](auto i) __attribute__((always_inline)) { sum_[packs * j + i] *= factor; });
  }

  /// Column k -= column j times `factor`.
  [[gnu::always_inline]] void subtract_column(int k, int j, double factor) {
    unrolled<packs>([&](auto i)
                        __attribute__((always_inline)) { sum_[packs * k + i] -= sum_[packs * j + i] * factor; });
  }

  Pack sum_[registers];
};

/// Calls f(lane, column) for the corners of the tiles that cover an 8 x 8 block, columns ascending.
template <class F>
[[gnu::always_inline]] inline void for_each_tile(F f) {
  for (int j = 0; j < strip; j += Tile::columns)
    for (int i = 0; i < strip; i += Tile::lanes) f(i, j);
}

}  // namespace hposearch::inline v0::numeric
