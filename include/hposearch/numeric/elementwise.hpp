/// \file
/// Loops over contiguous arrays, a register at a time, with the same bits as one element after the other.
///
/// In the place of Eigen's array expressions, each of which is a type of its own that a compiler has to work through in
/// every program that includes the library.
///
/// Thread safety: pure functions.
#pragma once

#include <cmath>

#include <Eigen/Core>

#include <hposearch/numeric/tile.hpp>

namespace hposearch::inline v0::numeric {

/// The elements that one step of a loop deals with: a register full of them, or one.
template <class Values>
struct Elements {
  Eigen::Index first;

  [[nodiscard, gnu::always_inline]] Values of(const double* array) const {
    if constexpr (sizeof(Values) == sizeof(double)) {
      return array[first];
    } else {
      return load_pack(array + first);
    }
  }

  [[gnu::always_inline]] void set(double* array, Values values) const {
    if constexpr (sizeof(Values) == sizeof(double)) {
      array[first] = values;
    } else {
      store_pack(array + first, values);
    }
  }
};

/// Calls body(elements) for all of 0, ..., n - 1 in ascending order.
template <class Body>
[[gnu::always_inline]] inline void for_each_element(Eigen::Index n, Body body) {
  Eigen::Index i = 0;
  for (; i + pack_size <= n; i += pack_size) body(Elements<Pack>{i});
  for (; i < n; ++i) body(Elements<double>{i});
}

/// The sum of term(elements) over 0, ..., n - 1: four partial sums, of the terms at i, i + 4, i + 8, ..., then
/// (0 + 1) + (2 + 3) and after these the last n % 4 terms.
template <class Term>
[[nodiscard, gnu::always_inline]] inline double ordered_sum(Eigen::Index n, Term term) {
  constexpr int lanes = 4;
  double partial[lanes] = {};
  Eigen::Index i = 0;
  if constexpr (pack_size <= lanes) {
    constexpr int packs = lanes / pack_size;
    Pack sums[packs] = {};
    for (; i + lanes <= n; i += lanes)
      unrolled<packs>([&](auto r)
                          __attribute__((always_inline)) { sums[r] += term(Elements<Pack>{i + pack_size * r}); });
    unrolled<packs>([&](auto r) __attribute__((always_inline)) { store_pack(partial + pack_size * r, sums[r]); });
  } else {
    for (; i + lanes <= n; i += lanes)
      unrolled<lanes>([&](auto r) __attribute__((always_inline)) { partial[r] += term(Elements<double>{i + r}); });
  }
  double total = (partial[0] + partial[1]) + (partial[2] + partial[3]);
  for (; i < n; ++i) total += term(Elements<double>{i});
  return total;
}

/// The square root of every element.
inline void sqrt_in_place(double* values, Eigen::Index n) {
  Eigen::Map<Eigen::ArrayXd> array{values, n};
  array = array.sqrt();
}

}  // namespace hposearch::inline v0::numeric
