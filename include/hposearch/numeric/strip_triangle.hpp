/// \file
/// A lower triangular matrix stored in strips of eight rows.
#pragma once

#include <cstddef>
#include <vector>

#include <Eigen/Core>

#include <hposearch/numeric/tile.hpp>

namespace hposearch::inline v0::numeric {

/// Number of strips that hold `rows` rows.
[[nodiscard]] constexpr Eigen::Index strips_for(Eigen::Index rows) noexcept { return (rows + strip - 1) / strip; }

/// The rows of a lower triangle, strip after strip: strip s has rows 8 s to 8 s + 7 and the columns 0 to 8 s + 7. A row
/// is added at the end without moving the others, half the memory of a square is enough, and whoever walks over a strip
/// reads memory in one direction.
///
/// Elements that do not belong to the triangle (above the diagonal, or in rows not in use) hold finite values without
/// meaning: the kernels may compute with them as long as nothing that counts takes part.
class StripTriangle {
 public:
  /// Room for `rows` rows; what is new is 0.
  void reserve(Eigen::Index rows) {
    const Eigen::Index strips = strips_for(rows);
    const auto wanted = static_cast<std::size_t>(offset(strips));
    if (wanted <= elements_.size()) return;
    elements_.resize(wanted);
    reciprocals_.resize(static_cast<std::size_t>(strip * strips));
  }

  /// Strip s: element (8 s + i, p) is at `8 * p + i`.
  [[nodiscard]] double* operator[](Eigen::Index s) { return elements_.data() + offset(s); }
  [[nodiscard]] const double* operator[](Eigen::Index s) const { return elements_.data() + offset(s); }

  /// 1 / element (i, i) for the rows of strip s.
  [[nodiscard]] double* reciprocals(Eigen::Index s) { return reciprocals_.data() + strip * s; }
  [[nodiscard]] const double* reciprocals(Eigen::Index s) const { return reciprocals_.data() + strip * s; }

  [[nodiscard]] double& operator()(Eigen::Index i, Eigen::Index p) { return (*this)[i / strip][strip * p + i % strip]; }
  [[nodiscard]] double operator()(Eigen::Index i, Eigen::Index p) const {
    return (*this)[i / strip][strip * p + i % strip];
  }

 private:
  // Strip t holds 8 (t + 1) columns of 8 elements.
  [[nodiscard]] static constexpr Eigen::Index offset(Eigen::Index s) noexcept {
    return strip * strip * (s * (s + 1) / 2);
  }

  std::vector<double> elements_, reciprocals_;
};

}  // namespace hposearch::inline v0::numeric
