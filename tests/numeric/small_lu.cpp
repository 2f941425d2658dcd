#include <limits>

#include <Eigen/Core>
#include <support/catch.hpp>
#include <support/matrices.hpp>

#include <hposearch/numeric/small_lu.hpp>

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using hposearch::numeric::SmallLu;

TEST_CASE("small systems are solved at every size") {
  for (Index n = 0; n <= 40; ++n) {
    CAPTURE(n);
    const MatrixXd a = support::random_matrix(n, n, 1);
    const VectorXd x = support::random_matrix(n, 1, 2);
    VectorXd b = a * x;
    SmallLu lu;
    REQUIRE(lu.factor(a));
    lu.solve(b);
    REQUIRE((n == 0 || (b - x).cwiseAbs().maxCoeff() < 1e-10));
  }
}

TEST_CASE("a zero on the diagonal is pivoted away") {
  SmallLu lu;
  REQUIRE(lu.factor((MatrixXd(3, 3) << 0, 2, 0, 0, 0, 3, 4, 0, 0).finished()));
  VectorXd b = Eigen::Vector3d(2, 6, 12);
  lu.solve(b);
  CHECK(b == VectorXd(Eigen::Vector3d(3, 1, 2)));
}

TEST_CASE("singular matrices and NaN are refused") {
  SmallLu lu;
  CHECK_FALSE(lu.factor(MatrixXd::Zero(2, 2)));
  CHECK_FALSE(lu.factor(MatrixXd::Ones(3, 3)));
  MatrixXd broken = MatrixXd::Identity(3, 3);
  broken(1, 1) = std::numeric_limits<double>::quiet_NaN();
  CHECK_FALSE(lu.factor(broken));
  broken(1, 1) = std::numeric_limits<double>::infinity();
  CHECK_FALSE(lu.factor(broken));
}
