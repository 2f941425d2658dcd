#include <limits>

#include <Eigen/Core>
#include <support/catch.hpp>
#include <support/matrices.hpp>

#include <hposearch/numeric/strip_factor.hpp>

using Eigen::Index;
using Eigen::MatrixXd;
using namespace hposearch::numeric;

TEST_CASE("only positive finite numbers are pivots") {
  CHECK(is_pivot(1));
  CHECK(is_pivot(std::numeric_limits<double>::denorm_min()));
  CHECK_FALSE(is_pivot(0));
  CHECK_FALSE(is_pivot(-1));
  CHECK_FALSE(is_pivot(std::numeric_limits<double>::infinity()));
  CHECK_FALSE(is_pivot(std::numeric_limits<double>::quiet_NaN()));
}

TEST_CASE("strips are factored from the first on and after others, across groups") {
  const Index n = 300;
  const MatrixXd matrix = support::random_covariance(n, 1);
  const MatrixXd expected = support::textbook_cholesky<double>(matrix);
  for (const Index first : {0, 1, 16, 17}) {
    CAPTURE(first);
    StripTriangle l;
    l.reserve(n);
    REQUIRE(factor_strips(l, 0, matrix.topLeftCorner(strip * first, strip * first)));
    REQUIRE(factor_strips(l, first, matrix.bottomRows(n - strip * first)));
    for (Index i = 0; i < n; ++i) {
      for (Index p = 0; p <= i; ++p) REQUIRE(l(i, p) == expected(i, p));
      REQUIRE(l.reciprocals(i / strip)[i % strip] == 1 / expected(i, i));
    }
  }
}
