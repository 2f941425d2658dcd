/// \file
/// The covariance of the surrogate: Matern-5/2 over the numeric dimensions times an overlap kernel over the categories.
#pragma once

#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <Eigen/Core>

#include <hposearch/numeric/elementary.hpp>
#include <hposearch/space/encoded_space.hpp>

namespace hposearch::inline v0 {

/// Correlation of two points of a space under log-parameters theta.
///
///     k(a, b) = (1 + t + t^2 / 3) exp(-t - c),   t^2 = 5 sum_j (a_j - b_j)^2 / l_j^2,   c = sum_j lambda_j [a_j !=
///     b_j]
///
/// t runs over reals and ordered cells, c over categories. theta_j is log l_j or log lambda_j, one per dimension in the
/// space's order. Points must be canonical (EncodedSpace::snap): rounding inside the kernel then comes for free.
/// Sources: Rasmussen and Williams (2006), section 4.2; Garrido-Merchan and Hernandez-Lobato (2020) for the rounding;
/// Wan et al., Casmopolitan (ICML 2021) for the transformed overlap kernel.
class Kernel {
 public:
  explicit Kernel(const EncodedSpace& space) {
    for (const auto& dimension : space) {
      categorical_.push_back(dimension.kind == DimensionKind::categorical);
      cells_.push_back(static_cast<double>(dimension.cells));
    }
  }

  /// Number of dimensions, which is the length of theta.
  [[nodiscard]] Eigen::Index dimensions() const noexcept { return static_cast<Eigen::Index>(categorical_.size()); }
  [[nodiscard]] bool categorical(Eigen::Index j) const { return categorical_[static_cast<std::size_t>(j)]; }

  /// What coordinate j is multiplied by: sqrt(5) / l_j, or for a category a number that sets equal ones at distance 0
  /// and different ones at least 1 apart.
  [[nodiscard]] Eigen::RowVectorXd scales(const Eigen::Ref<const Eigen::VectorXd>& theta) const {
    Eigen::RowVectorXd scales(dimensions());
    for (Eigen::Index j = 0; j < dimensions(); ++j) {
      scales[j] = categorical(j) ? 2 * cells_[static_cast<std::size_t>(j)] : root_five * numeric::exp(-theta[j]);
    }
    return scales;
  }

  /// lambda_j for categories, 0 elsewhere.
  [[nodiscard]] Eigen::RowVectorXd rates(const Eigen::Ref<const Eigen::VectorXd>& theta) const {
    Eigen::RowVectorXd rates = Eigen::RowVectorXd::Zero(dimensions());
    for (Eigen::Index j = 0; j < dimensions(); ++j) {
      if (categorical(j)) rates[j] = numeric::exp(theta[j]);
    }
    return rates;
  }

  /// Correlations of many points with one, all in scaled coordinates.
  /// \param points m x d, column-major so that a dimension lies contiguous
  /// \param rates  see rates()
  /// \param value  m correlations
  /// \param slope  (1 + t) exp(-t - c) / 3 for each, with which d value / d log l_j = slope (difference in j)^2 and
  ///               d value / d (coordinate j of `point`) = -slope (point_j - points_ij), all in scaled coordinates
  void correlate(const Eigen::Ref<const Eigen::MatrixXd>& points, const Eigen::Ref<const Eigen::RowVectorXd>& point,
                 const Eigen::RowVectorXd& rates, Eigen::Ref<Eigen::ArrayXd> value,
                 Eigen::Ref<Eigen::ArrayXd> slope) const {
    value.setZero();  // t^2 for now
    slope.setZero();  // c for now
    for (Eigen::Index j = 0; j < dimensions(); ++j) {
      const auto difference = points.col(j).array() - point[j];
      if (categorical(j)) {
        slope += rates[j] * difference.abs().min(1.0);
      } else {
        value += difference.square();
      }
    }
    value = value.sqrt();
    slope = -(value + slope);
    numeric::exp_in_place(std::span{slope.data(), static_cast<std::size_t>(slope.size())});
    Eigen::Index i = 0;
    for (; i + lanes <= value.size(); i += lanes) finish<lanes>(value.segment<lanes>(i), slope.segment<lanes>(i));
    for (; i < value.size(); ++i) finish<1>(value.segment<1>(i), slope.segment<1>(i));
  }

  static constexpr double root_five = 2.23606797749978969;

 private:
  static constexpr double third = 1.0 / 3.0;
  static constexpr int lanes = 8;

  // From t and exp(-t - c) to the correlation and its slope, in registers.
  template <int n, class Segment>
  static void finish(Segment value, Segment slope) {
    const Eigen::Array<double, n, 1> t = value;
    const Eigen::Array<double, n, 1> decay = slope;
    slope = (t + 1.0) * third * decay;
    value = (t * t * third + (t + 1.0)) * decay;
  }

  std::vector<bool> categorical_;
  std::vector<double> cells_;
};

}  // namespace hposearch::inline v0
