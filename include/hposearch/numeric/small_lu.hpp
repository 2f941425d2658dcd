/// \file
/// Small systems of linear equations, in a fixed order of operations.
#pragma once

#include <cmath>
#include <utility>
#include <vector>

#include <Eigen/Core>

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
      for (Eigen::Index c = j + 1; c < n; ++c)
        for (Eigen::Index i = j + 1; i < n; ++i) lu_(i, c) -= lu_(i, j) * lu_(j, c);
    }
    return true;
  }

  /// Replaces `b` by A^-1 b.
  void solve(Eigen::Ref<Eigen::VectorXd> b) const {
    const Eigen::Index n = lu_.rows();
    for (Eigen::Index j = 0; j < n; ++j) std::swap(b[j], b[swaps_[static_cast<std::size_t>(j)]]);
    for (Eigen::Index j = 0; j < n; ++j)
      for (Eigen::Index i = j + 1; i < n; ++i) b[i] -= lu_(i, j) * b[j];
    for (Eigen::Index j = n; j-- > 0;) {
      b[j] /= lu_(j, j);
      for (Eigen::Index i = 0; i < j; ++i) b[i] -= lu_(i, j) * b[j];
    }
  }

 private:
  Eigen::MatrixXd lu_;
  std::vector<Eigen::Index> swaps_;
};

}  // namespace hposearch::inline v0::numeric
