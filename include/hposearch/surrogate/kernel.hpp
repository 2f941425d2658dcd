/// \file
/// The covariance of the surrogate: Matern-5/2 over the numeric dimensions times an overlap kernel over the categories.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include <Eigen/Core>

#include <hposearch/numeric/elementary.hpp>
#include <hposearch/numeric/elementwise.hpp>
#include <hposearch/space/encoded_space.hpp>

namespace hposearch::inline v0 {

/// Points in a kernel's scaled coordinates, column-major: coordinate j of point i is at first[i + j * stride].
struct ScaledPoints {
  const double* first;
  Eigen::Index count, stride;

  [[nodiscard]] const double* dimension(Eigen::Index j) const { return first + j * stride; }
};

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

  /// Number of dimensions. A theta may be followed by other parameters, which are not looked at.
  [[nodiscard]] Eigen::Index dimensions() const noexcept { return static_cast<Eigen::Index>(categorical_.size()); }
  [[nodiscard]] bool categorical(Eigen::Index j) const { return categorical_[static_cast<std::size_t>(j)]; }

  /// What coordinate j is multiplied by: sqrt(5) / l_j, or for a category a number that sets equal ones at distance 0
  /// and different ones at least 1 apart.
  [[nodiscard]] Eigen::RowVectorXd scales(const Eigen::VectorXd& theta) const {
    Eigen::RowVectorXd scales(dimensions());
    for (Eigen::Index j = 0; j < dimensions(); ++j) {
      scales[j] = categorical(j) ? 2 * cells_[static_cast<std::size_t>(j)] : root_five * numeric::exp(-theta[j]);
    }
    return scales;
  }

  /// lambda_j for categories, 0 elsewhere.
  [[nodiscard]] Eigen::RowVectorXd rates(const Eigen::VectorXd& theta) const {
    Eigen::RowVectorXd rates = Eigen::RowVectorXd::Zero(dimensions());
    for (Eigen::Index j = 0; j < dimensions(); ++j) {
      if (categorical(j)) rates[j] = numeric::exp(theta[j]);
    }
    return rates;
  }

  /// Correlations of many points with one, all in scaled coordinates.
  /// \param point  d coordinates, contiguous
  /// \param rates  see rates()
  /// \param value  gets a correlation for each of `points`
  /// \param slope  gets (1 + t) exp(-t - c) / 3 for each, with which d value / d log l_j = slope (difference in j)^2
  /// and
  ///               d value / d (coordinate j of `point`) = -slope (point_j - points_ij), all in scaled coordinates
  void correlate(ScaledPoints points, const double* point, const Eigen::RowVectorXd& rates, double* value,
                 double* slope) const {
    const Eigen::Index n = points.count;
    std::fill_n(value, n, 0.0);  // t^2 for now
    std::fill_n(slope, n, 0.0);  // c for now
    for (Eigen::Index j = 0; j < dimensions(); ++j) {
      const double* column = points.dimension(j);
      const double here = point[j];
      if (categorical(j)) {
        for (Eigen::Index i = 0; i < n; ++i) slope[i] += column[i] == here ? 0 : rates[j];
      } else {
        numeric::for_each_element(n, [&](auto at) {
          const auto difference = at.of(column) - here;
          at.set(value, at.of(value) + difference * difference);
        });
      }
    }
    numeric::sqrt_in_place(value, n);
    numeric::for_each_element(n, [&](auto at) { at.set(slope, -(at.of(value) + at.of(slope))); });
    numeric::exp_in_place(std::span{slope, static_cast<std::size_t>(n)});
    numeric::for_each_element(n, [&](auto at) {
      const auto t = at.of(value), decay = at.of(slope);
      at.set(slope, (t + 1.0) * third * decay);
      at.set(value, (t * t * third + (t + 1.0)) * decay);
    });
  }

  static constexpr double root_five = 2.23606797749978969;

 private:
  static constexpr double third = 1.0 / 3.0;

  std::vector<bool> categorical_;
  std::vector<double> cells_;
};

}  // namespace hposearch::inline v0
