/// \file
/// The inverse of a symmetric positive definite matrix from its Cholesky factor in strips.
#pragma once

#include <algorithm>
#include <vector>

#include <Eigen/Core>

#include <hposearch/numeric/strip_triangle.hpp>
#include <hposearch/numeric/substitution.hpp>
#include <hposearch/numeric/tile.hpp>

namespace hposearch::inline v0::numeric {

/// The columns of L^-1, eight to a Vectors, without the zeros above the diagonal: n^3 / 3 operations.
class InverseColumns {
 public:
  InverseColumns(const StripTriangle& l, Eigen::Index size)
      : strips_(strips_for(size)), elements_(static_cast<std::size_t>(offset(strips_))) {
    for (Eigen::Index first = 0; first < strips_; first += Batch::capacity) {
      Batch batch;
      for (Eigen::Index s = first; s < std::min(strips_, first + Batch::capacity); ++s) {
        batch.push_back((*this)[s]);
        for (Eigen::Index i = 0; i < std::min(strip, size - strip * s); ++i) (*this)[s].data[(strip + 1) * i] = 1;
      }
      solve_forward(l, batch, strips_);
      for (const auto& x : batch) clear_beyond(x, size);
    }
  }

  [[nodiscard]] Vectors operator[](Eigen::Index s) { return {elements_.data() + offset(s), s, strips_}; }

 private:
  // Columns of strip t have strips - t blocks.
  [[nodiscard]] Eigen::Index offset(Eigen::Index s) const { return strip * strip * (strips_ * s - s * (s - 1) / 2); }

  Eigen::Index strips_;
  std::vector<double> elements_;
};

/// -K^-1 = -L^-T L^-1, its lower triangle: another n^3 / 3 operations.
[[nodiscard]] inline StripTriangle negative_inverse(const StripTriangle& l, Eigen::Index size) {
  const Eigen::Index strips = strips_for(size);
  InverseColumns x(l, size);
  StripTriangle result;
  result.reserve(size);
  for (Eigen::Index begin = 0; begin < strips; begin += substitution_depth) {
    const Eigen::Index end = std::min(strips, begin + substitution_depth);
    for (Eigen::Index row = 0; row < end; ++row) {
      const Eigen::Index from = std::max(begin, row);
      for (Eigen::Index column = 0; column <= row; ++column) {
        double* block = result[row] + strip * strip * column;
        for_each_tile([&](int i, int j) {
          Tile tile;
          tile.load(block + strip * j + i);
          tile.subtract_products(x[row].block(from) + i, x[column].block(from) + j, strip * (end - from));
          tile.store(block + strip * j + i);
        });
      }
    }
  }
  return result;
}

/// The symmetric matrix whose lower triangle is -`negative`.
[[nodiscard]] inline Eigen::MatrixXd negated_symmetric(const StripTriangle& negative, Eigen::Index size) {
  Eigen::MatrixXd result(size, size);
  for (Eigen::Index s = 0; strip * s < size; ++s) {
    const Eigen::Index rows = std::min(strip, size - strip * s);
    for (Eigen::Index p = 0; p < strip * s + rows; ++p) {
      for (Eigen::Index i = std::max(Eigen::Index{0}, p - strip * s); i < rows; ++i) {
        const double value = 0 - negative[s][strip * p + i];
        result(strip * s + i, p) = value;
        result(p, strip * s + i) = value;
      }
    }
  }
  return result;
}

}  // namespace hposearch::inline v0::numeric
