#include <Eigen/Core>
#include <support/catch.hpp>
#include <support/matrices.hpp>

#include <hposearch/numeric/strip_factor.hpp>
#include <hposearch/numeric/strip_inverse.hpp>

using Eigen::Index;
using Eigen::MatrixXd;
using namespace hposearch::numeric;

TEST_CASE("the columns of the inverse factor begin at their diagonal block and end in zeros") {
  const Index n = 157;
  const MatrixXd matrix = support::random_covariance(n, 1);
  StripTriangle l;
  l.reserve(n);
  REQUIRE(factor_strips(l, 0, matrix));
  InverseColumns columns(l, n);
  MatrixXd inverse = MatrixXd::Zero(n, n);
  for (Index c = 0; c < n; ++c) {
    const auto x = columns[c / strip];
    REQUIRE(x.first == c / strip);
    REQUIRE(x.last == strips_for(n));
    for (Index p = strip * x.first; p < strip * x.last; ++p) {
      const double element = x.block(p / strip)[strip * (p % strip) + c % strip];
      if (p < n) inverse(p, c) = element;
      if (p >= n || p < c) REQUIRE(element == 0);
    }
  }
  const MatrixXd factor = support::textbook_cholesky<double>(matrix);
  CHECK((inverse * factor - MatrixXd::Identity(n, n)).cwiseAbs().maxCoeff() < 1e-12);
}

TEST_CASE("the negative inverse becomes a symmetric matrix with its sign turned") {
  StripTriangle negative;
  negative.reserve(10);
  for (Index i = 0; i < 10; ++i)
    for (Index p = 0; p <= i; ++p) negative(i, p) = -static_cast<double>(10 * i + p);
  const MatrixXd result = negated_symmetric(negative, 10);
  for (Index i = 0; i < 10; ++i) {
    for (Index p = 0; p <= i; ++p) {
      CHECK(result(i, p) == static_cast<double>(10 * i + p));
      CHECK(result(p, i) == result(i, p));
    }
  }
}
