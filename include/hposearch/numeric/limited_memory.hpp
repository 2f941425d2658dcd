/// \file
/// The compact representation of a limited-memory BFGS matrix.
///
/// R. H. Byrd, J. Nocedal, R. B. Schnabel: Representations of quasi-Newton matrices and their use in limited memory
/// methods. Mathematical Programming 63, 1994.
#pragma once

#include <algorithm>
#include <limits>

#include <Eigen/Core>

#include <hposearch/numeric/dense.hpp>
#include <hposearch/numeric/small_lu.hpp>

namespace hposearch::inline v0::numeric {

/// B = theta I - W M W^T from the last steps s and changes of gradient y, where W = [Y, theta S] and
/// M^-1 = [[-D, L^T], [L, theta S^T S]] with D and L the diagonal and the strictly lower triangle of S^T Y.
class LimitedMemory {
 public:
  /// \param dimensions of the space, n
  /// \param capacity   how many pairs to remember, at least 1
  LimitedMemory(Eigen::Index dimensions, Eigen::Index capacity)
      : s_(dimensions, capacity), y_(dimensions, capacity), sy_(capacity, capacity), ss_(capacity, capacity) {}

  /// Pairs remembered, k.
  [[nodiscard]] Eigen::Index size() const noexcept { return size_; }

  /// B's curvature where nothing is known.
  [[nodiscard]] double theta() const noexcept { return theta_; }

  /// Forgets all pairs; B = theta I.
  void reset(double theta) {
    size_ = 0;
    theta_ = theta;
  }

  /// Learns from a step `s` over which the gradient changed by `y`. A pair without positive curvature is passed over,
  /// so that B stays positive definite; if nothing else is known, it says at least that theta was too large.
  void learn(const Eigen::VectorXd& s, const Eigen::VectorXd& y) {
    const double curvature = dot(s, y);
    const double yy = dot(y, y);
    if (!(curvature > std::numeric_limits<double>::epsilon() * yy)) {
      if (size_ == 0) theta_ /= 10;
      return;
    }
    if (size_ == s_.cols()) forget_oldest();
    const Eigen::Index n = s_.rows();
    std::copy_n(s.data(), n, s_.data() + n * size_);
    std::copy_n(y.data(), n, y_.data() + n * size_);
    ++size_;
    for (Eigen::Index j = 0; j < size_; ++j) {
      sy_(size_ - 1, j) = dot(s.data(), y_.data() + n * j, n);
      sy_(j, size_ - 1) = dot(s_.data() + n * j, y.data(), n);
      ss_(size_ - 1, j) = ss_(j, size_ - 1) = dot(s.data(), s_.data() + n * j, n);
    }
    theta_ = yy / curvature;
    if (!middle_.factor(inverse_middle())) reset(theta_);
  }

  /// M^-1, 2 k x 2 k.
  [[nodiscard]] Eigen::MatrixXd inverse_middle() const {
    Eigen::MatrixXd result(2 * size_, 2 * size_);
    for (Eigen::Index j = 0; j < size_; ++j) {
      for (Eigen::Index i = 0; i < size_; ++i) {
        result(i, j) = i == j ? -sy_(i, i) : 0;
        result(size_ + i, j) = result(j, size_ + i) = i > j ? sy_(i, j) : 0;
        result(size_ + i, size_ + j) = theta_ * ss_(i, j);
      }
    }
    return result;
  }

  /// Replaces `v` (2 k) by M v.
  void apply_middle(Eigen::VectorXd& v) const {
    if (size_ > 0) middle_.solve(v);
  }

  /// Row `i` of W, 2 k elements, into `row`.
  void row(Eigen::Index i, Eigen::VectorXd& row) const {
    for (Eigen::Index j = 0; j < size_; ++j) {
      row[j] = y_(i, j);
      row[size_ + j] = theta_ * s_(i, j);
    }
  }

  /// W^T v into `result`, 2 k elements.
  void project(const Eigen::VectorXd& v, Eigen::VectorXd& result) const {
    for (Eigen::Index j = 0; j < size_; ++j) {
      result[j] = dot(y_.data() + y_.rows() * j, v.data(), v.size());
      result[size_ + j] = theta_ * dot(s_.data() + s_.rows() * j, v.data(), v.size());
    }
  }

 private:
  void forget_oldest() {
    const Eigen::Index kept = size_ - 1;
    for (auto* pairs : {&s_, &y_}) std::copy_n(pairs->data() + pairs->rows(), pairs->rows() * kept, pairs->data());
    for (Eigen::Index j = 0; j < kept; ++j) {
      for (Eigen::Index i = 0; i < kept; ++i) {
        sy_(i, j) = sy_(i + 1, j + 1);
        ss_(i, j) = ss_(i + 1, j + 1);
      }
    }
    size_ = kept;
  }

  Eigen::MatrixXd s_, y_;    // n x capacity, oldest first
  Eigen::MatrixXd sy_, ss_;  // S^T Y and S^T S
  Eigen::Index size_ = 0;
  double theta_ = 1;
  SmallLu middle_;
};

}  // namespace hposearch::inline v0::numeric
