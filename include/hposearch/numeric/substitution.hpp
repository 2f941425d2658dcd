/// \file
/// Forward and backward substitution with a triangle in strips, for one vector and for many at a time.
#pragma once

#include <algorithm>

#include <Eigen/Core>

#include <hposearch/numeric/strip_triangle.hpp>
#include <hposearch/numeric/tile.hpp>

namespace hposearch::inline v0::numeric {

/// Eight vectors x_0, ..., x_7 side by side, in blocks of eight elements: element p of x_i is at
/// `8 * (p - 8 * first) + i`. What stands before block `first` is zero and not stored.
struct Vectors {
  double* data;
  Eigen::Index first;  ///< the first block that is stored
  Eigen::Index last;   ///< one past the last block

  /// Elements 8 b to 8 b + 7 of the eight vectors.
  [[nodiscard]] double* block(Eigen::Index b) const { return data + strip * strip * (b - first); }
};

/// Blocks of eight elements that substitution finishes before it moves on: a strip of that length stays in the
/// first-level cache while it meets one right-hand side after the other.
inline constexpr Eigen::Index substitution_depth = 16;

/// Vectors that go through substitution together, so that a triangle larger than the caches is read less often.
struct Batch {
  static constexpr Eigen::Index capacity = 16;

  Vectors items[capacity];
  Eigen::Index count = 0;

  void push_back(const Vectors& x) { items[count++] = x; }
  [[nodiscard]] const Vectors* begin() const noexcept { return items; }
  [[nodiscard]] const Vectors* end() const noexcept { return items + count; }
};

/// Block `row` of `x` -= (row `row` of L) times the blocks [begin, end) of `x`.
inline void subtract_blocks(const StripTriangle& l, const Vectors& x, Eigen::Index row, Eigen::Index begin,
                            Eigen::Index end) {
  for_each_tile([&](int i, int j) {
    Tile tile;
    tile.load(x.block(row) + strip * j + i);
    tile.subtract_products(x.block(begin) + i, l[row] + strip * strip * begin + j, strip * (end - begin));
    tile.store(x.block(row) + strip * j + i);
  });
}

/// Block `row` of L^-1 `x`, where the blocks before `begin` have been subtracted and those from there on are solved.
inline void solve_block(const StripTriangle& l, const Vectors& x, Eigen::Index row, Eigen::Index begin) {
  for_each_tile([&](int i, int j) {
    const double* strip_of_l = l[row];
    Tile tile;
    tile.load(x.block(row) + strip * j + i);
    tile.subtract_products(x.block(begin) + i, strip_of_l + strip * strip * begin + j, strip * (row - begin) + j);
    tile.solve_forward(strip_of_l + strip * (strip * row + j) + j, l.reciprocals(row) + j);
    tile.store(x.block(row) + strip * j + i);
  });
}

/// Replaces the blocks [0, solved) of each x by those of L^-1 x, and takes their part off the blocks that follow.
/// \param xs by ascending `last`
inline void solve_forward(const StripTriangle& l, const Batch& xs, Eigen::Index solved) {
  for (Eigen::Index begin = 0; begin < solved; begin += substitution_depth) {
    const Eigen::Index end = std::min(solved, begin + substitution_depth);
    for (const auto& x : xs)
      for (Eigen::Index row = std::max(begin, x.first); row < end; ++row)
        solve_block(l, x, row, std::max(begin, x.first));
    for (Eigen::Index row = end; row < xs.items[xs.count - 1].last; ++row)
      for (const auto& x : xs)
        if (row < x.last && x.first < end) subtract_blocks(l, x, row, std::max(begin, x.first), end);
  }
}

/// Sets the elements from `size` on of the last block to zero, where the triangle has rows that are not in use.
inline void clear_beyond(const Vectors& x, Eigen::Index size) {
  const Eigen::Index used = size - strip * (x.last - 1);
  std::fill(x.block(x.last - 1) + strip * used, x.block(x.last), 0.0);
}

/// Block `row` of L^-T `x`, where the blocks after it are solved.
inline void solve_block_backward(const StripTriangle& l, const Vectors& x, Eigen::Index row) {
  const double* diagonal = l[row] + strip * strip * row;
  for (int j = strip - Tile::columns; j >= 0; j -= Tile::columns) {
    const int done = j + Tile::columns;
    for (int i = 0; i < strip; i += Tile::lanes) {
      Tile tile;
      tile.load(x.block(row) + strip * j + i);
      for (Eigen::Index below = x.last; --below > row;)
        tile.subtract_products_descending(x.block(below) + i, l[below] + strip * (strip * row + j), strip);
      tile.subtract_products_descending(x.block(row) + strip * done + i, diagonal + strip * j + done, strip - done);
      tile.solve_backward(diagonal + strip * j + j, l.reciprocals(row) + j);
      tile.store(x.block(row) + strip * j + i);
    }
  }
}

/// Replaces each x by L^-T x, `size` elements.
inline void solve_backward(const StripTriangle& l, const Batch& xs, Eigen::Index size) {
  for (const auto& x : xs) clear_beyond(x, size);
  for (Eigen::Index row = strips_for(size); row-- > 0;)
    for (const auto& x : xs) solve_block_backward(l, x, row);
}

/// Replaces `x` by L^-1 x for one vector of `size` elements: the same bits as among eight.
inline void solve_forward(const StripTriangle& l, double* x, Eigen::Index size) {
  constexpr int packs = strip / pack_size;
  for (Eigen::Index s = 0; strip * s < size; ++s) {
    const double* rows = l[s];
    const Eigen::Index used = std::min(strip, size - strip * s);
    double block[strip] = {};
    std::copy_n(x + strip * s, used, block);
    Pack sum[packs];
    unrolled<packs>([&](auto i) __attribute__((always_inline)) { sum[i] = load_pack(block + pack_size * i); });
    for (Eigen::Index p = 0; p < strip * s; ++p)
      unrolled<packs>([&](auto i) __attribute__((always_inline)) {
        sum[i] -= load_pack(rows + strip * p + pack_size * i) * x[p];
      });
    unrolled<packs>([&](auto i) __attribute__((always_inline)) { store_pack(block + pack_size * i, sum[i]); });
    const double* diagonal = rows + strip * strip * s;
    for (Eigen::Index j = 0; j < used; ++j) {
      block[j] *= l.reciprocals(s)[j];
      for (Eigen::Index k = j + 1; k < used; ++k) block[k] -= diagonal[strip * j + k] * block[j];
    }
    std::copy_n(block, used, x + strip * s);
  }
}

/// block[i] -= l(p, i) x[p], p = 7, ..., 0, for an 8 x 8 block with l(p, i) at `8 * i + p`.
inline void subtract_transposed_block(const double* l, const double* x, double* block) {
  // Two sums side by side need their factors from two columns: a transposition on the fly.
  using Pair = double __attribute__((vector_size(2 * sizeof(double))));
  for (int i = 0; i < strip; i += 2) {
    Pair sum = {block[i], block[i + 1]};
    for (int p = strip - 1; p >= 0; --p) sum -= Pair{l[strip * i + p], l[strip * (i + 1) + p]} * x[p];
    block[i] = sum[0];
    block[i + 1] = sum[1];
  }
}

/// Replaces `x` by L^-T x for one vector of `size` elements: the same bits as among eight.
inline void solve_backward(const StripTriangle& l, double* x, Eigen::Index size) {
  const Eigen::Index last = strips_for(size) - 1;
  double end[strip] = {};  // the last block of the solution, padded with zeros
  for (Eigen::Index s = last; s >= 0; --s) {
    const Eigen::Index used = std::min(strip, size - strip * s);
    double block[strip] = {};
    std::copy_n(x + strip * s, used, block);
    for (Eigen::Index below = last; below > s; --below)
      subtract_transposed_block(l[below] + strip * strip * s, below == last ? end : x + strip * below, block);
    const double* diagonal = l[s] + strip * strip * s;
    for (Eigen::Index j = used; j-- > 0;) {
      block[j] *= l.reciprocals(s)[j];
      for (Eigen::Index k = j; k-- > 0;) block[k] -= diagonal[strip * k + j] * block[j];
    }
    std::copy_n(block, used, x + strip * s);
    if (s == last) std::copy_n(block, used, end);
  }
}

}  // namespace hposearch::inline v0::numeric
