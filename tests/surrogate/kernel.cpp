#include <cmath>
#include <vector>

#include <support/catch.hpp>
#include <support/encoded_spaces.hpp>

#include <hposearch/numeric/random.hpp>
#include <hposearch/surrogate/kernel.hpp>

using namespace hposearch;

namespace {

struct Correlations {
  Eigen::VectorXd value, slope;
};

Correlations correlate(const Kernel& kernel, const Eigen::MatrixXd& points, const Eigen::RowVectorXd& point,
                       const Eigen::VectorXd& theta) {
  const Eigen::RowVectorXd scales = kernel.scales(theta);
  Eigen::MatrixXd scaled = points;
  for (Eigen::Index j = 0; j < points.cols(); ++j) scaled.col(j) *= scales[j];
  const Eigen::RowVectorXd scaled_point = point.cwiseProduct(scales);
  Correlations result{Eigen::VectorXd(points.rows()), Eigen::VectorXd(points.rows())};
  kernel.correlate({scaled.data(), scaled.rows(), scaled.rows()}, scaled_point.data(), kernel.rates(theta),
                   result.value.data(), result.slope.data());
  return result;
}

}  // namespace

TEST_CASE("The kernel is Matern-5/2 over numbers times an overlap kernel over categories") {
  const EncodedSpace space = support::mixed_space();
  const Kernel kernel{space};
  numeric::Random random{1};
  const Eigen::MatrixXd points = support::random_points(space, 37, random);
  const Eigen::RowVectorXd point = support::random_points(space, 1, random).row(0);
  Eigen::VectorXd theta(kernel.dimensions());
  for (auto& value : theta) value = random.normal();
  const auto result = correlate(kernel, points, point, theta);
  for (Eigen::Index i = 0; i < points.rows(); ++i) {
    double square = 0, overlap = 0;
    for (Eigen::Index j = 0; j < points.cols(); ++j) {
      if (kernel.categorical(j)) {
        overlap += points(i, j) == point[j] ? 0 : std::exp(theta[j]);
      } else {
        square += std::pow((points(i, j) - point[j]) / std::exp(theta[j]), 2);
      }
    }
    const double t = std::sqrt(5 * square);
    CHECK(result.value[i] == Approx((1 + t + t * t / 3) * std::exp(-t - overlap)).epsilon(1e-13));
    CHECK(result.slope[i] == Approx((1 + t) / 3 * std::exp(-t - overlap)).epsilon(1e-13));
  }
}

TEST_CASE("A point correlates fully with itself") {
  const EncodedSpace space = support::mixed_space();
  const Kernel kernel{space};
  numeric::Random random{2};
  const Eigen::MatrixXd points = support::random_points(space, 5, random);
  const Eigen::VectorXd theta = Eigen::VectorXd::Constant(kernel.dimensions(), -3);
  for (Eigen::Index i = 0; i < points.rows(); ++i) {
    CHECK(correlate(kernel, points, points.row(i), theta).value[i] == 1.0);
  }
}

TEST_CASE("The kernel does not see a category's order") {
  EncodedDimension colour;
  colour.kind = DimensionKind::categorical;
  colour.cells = 7;
  const EncodedSpace space{{colour}};
  const Kernel kernel{space};
  Eigen::MatrixXd points(7, 1);
  for (Eigen::Index k = 0; k < 7; ++k) points(k, 0) = space[0].centre(static_cast<std::size_t>(k));
  const auto result = correlate(kernel, points, points.row(2), Eigen::VectorXd::Zero(1));
  for (Eigen::Index k = 0; k < 7; ++k) CHECK(result.value[k] == (k == 2 ? 1.0 : result.value[0]));
  CHECK(result.value[0] == Approx(std::exp(-1.0)));
}
