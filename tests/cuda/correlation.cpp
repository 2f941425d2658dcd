#include <cmath>
#include <vector>

#include <support/catch.hpp>

#include <hposearch/cuda/correlation.hpp>
#include <hposearch/numeric/random.hpp>
#include <hposearch/surrogate/kernel.hpp>

using namespace hposearch;

TEST_CASE("the correlation that kernels compute is the surrogate's") {
  EncodedDimension real, category;
  real.kind = DimensionKind::real;
  category.kind = DimensionKind::categorical;
  category.cells = 3;
  const Kernel kernel{EncodedSpace{{real, category, real}}};
  Eigen::VectorXd theta(3);
  theta << std::log(0.5), std::log(0.7), std::log(2.0);
  const Eigen::RowVectorXd scales = kernel.scales(theta), rates = kernel.rates(theta);

  numeric::Random random{1};
  constexpr Eigen::Index n = 50;
  Eigen::MatrixXd points(n, 3);
  for (Eigen::Index i = 0; i < n; ++i)
    points.row(i) << random.uniform() * scales[0],
        category.centre(static_cast<std::size_t>(random.below(3))) * scales[1], random.uniform() * scales[2];
  Eigen::VectorXd expected(n), slope(n);
  for (Eigen::Index k = 0; k < n; ++k) {
    const Eigen::RowVectorXd point = points.row(k);
    kernel.correlate({points.data(), n, n}, point.data(), rates, expected.data(), slope.data());
    const cuda::PointsView view{points.data(), n, rates.data(), 3};
    for (Eigen::Index i = 0; i < n; ++i) {
      const auto found = cuda::correlate(view, static_cast<std::size_t>(i), point.data(), 1, 0);
      CHECK(std::abs(found.value - expected[i]) < 1e-14);
      CHECK(std::abs(found.slope - slope[i]) < 1e-14);
    }
  }
}
