/// \file
/// Small systems of linear equations, in a fixed order of operations.
#pragma once

#include <cmath>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include <hposearch/numeric/dense.hpp>

namespace hposearch::inline v0::numeric {

/// P A = L U with partial pivoting, for the few equations of a quasi-Newton model.
///
/// Thread safety: const members may run at the same time.
class SmallLu {
 public:
  /// Factors the square `matrix`.
  /// \return false where it is singular or not finite; solve must not be called then
  [[nodiscard]] bool factor(const Eigen::Ref<const Eigen::MatrixXd>& matrix) {
    const Eigen::Index n = matrix.rows();
    lu_ = matrix;
    swaps_.resize(static_cast<std::size_t>(n));
    for (Eigen::Index j = 0; j < n; ++j) {
      Eigen::Index pivot = j;
      for (Eigen::Index i = j + 1; i < n; ++i)
        if (std::abs(lu_(i, j)) > std::abs(lu_(pivot, j))) pivot = i;
      if (!(std::abs(lu_(pivot, j)) > 0) || !std::isfinite(lu_(pivot, j))) return false;
      swaps_[static_cast<std::size_t>(j)] = pivot;
      if (pivot != j)
        for (Eigen::Index c = 0; c < n; ++c) std::swap(lu_(j, c), lu_(pivot, c));
      for (Eigen::Index i = j + 1; i < n; ++i) lu_(i, j) /= lu_(j, j);
      const double* column = lu_.data() + n * j;
      for (Eigen::Index c = j + 1; c < n; ++c)
        add_multiple(lu_.data() + n * c + j + 1, column + j + 1, -lu_(j, c), n - j - 1);
    }
    return true;
  }

  /// Replaces `b` by A^-1 b.
  void solve(Eigen::Ref<Eigen::VectorXd> b) const {
    const Eigen::Index n = lu_.rows();
    for (Eigen::Index j = 0; j < n; ++j) std::swap(b[j], b[swaps_[static_cast<std::size_t>(j)]]);
    const double* lu = lu_.data();
    for (Eigen::Index j = 0; j < n; ++j) add_multiple(b.data() + j + 1, lu + n * j + j + 1, -b[j], n - j - 1);
    for (Eigen::Index j = n; j-- > 0;) {
      b[j] /= lu_(j, j);
      add_multiple(b.data(), lu + n * j, -b[j], j);
    }
  }

 private:
  Eigen::MatrixXd lu_;
  std::vector<Eigen::Index> swaps_;
};

}  // namespace hposearch::inline v0::numeric
