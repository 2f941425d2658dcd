#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include <Eigen/Core>
#include <support/catch.hpp>
#include <support/matrices.hpp>

#include <hposearch/numeric/limited_memory.hpp>

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using hposearch::numeric::LimitedMemory;

namespace {

/// B as a dense matrix, from what the class offers.
MatrixXd dense(const LimitedMemory& memory, Index d) {
  const Index k = 2 * memory.size();
  MatrixXd w(d, k), mw(k, d);
  VectorXd row(k);
  for (Index i = 0; i < d; ++i) {
    memory.row(i, row);
    w.row(i) = row;
    memory.apply_middle(row);
    mw.col(i) = row;
  }
  return memory.theta() * MatrixXd::Identity(d, d) - w * mw;
}

/// The BFGS recursion from theta I over the given pairs.
MatrixXd recursion(double theta, Index d, const std::vector<VectorXd>& s, const std::vector<VectorXd>& y) {
  MatrixXd b = theta * MatrixXd::Identity(d, d);
  for (std::size_t k = 0; k < s.size(); ++k) {
    const VectorXd bs = b * s[k];
    b += y[k] * y[k].transpose() / y[k].dot(s[k]) - bs * bs.transpose() / s[k].dot(bs);
  }
  return b;
}

}  // namespace

TEST_CASE("the compact form is the BFGS recursion over the pairs that are remembered") {
  const Index d = 7;
  const MatrixXd hessian = support::random_covariance(d, 1);
  for (const std::size_t capacity : {1U, 2U, 4U, 9U}) {
    LimitedMemory memory(d, static_cast<Index>(capacity));
    std::vector<VectorXd> s, y;
    for (std::uint64_t step = 0; step < 12; ++step) {
      CAPTURE(capacity, step);
      s.emplace_back(support::random_matrix(d, 1, 10 + step));
      y.emplace_back(hessian * s.back());
      if (s.size() > capacity) {
        s.erase(s.begin());
        y.erase(y.begin());
      }
      memory.learn(s.back(), y.back());
      REQUIRE(memory.size() == static_cast<Index>(s.size()));
      const MatrixXd b = dense(memory, d);
      REQUIRE((b - recursion(memory.theta(), d, s, y)).cwiseAbs().maxCoeff() < 1e-8 * b.cwiseAbs().maxCoeff());
      REQUIRE((b * s.back() - y.back()).cwiseAbs().maxCoeff() < 1e-8 * b.cwiseAbs().maxCoeff());
      REQUIRE(memory.theta() == Approx(y.back().squaredNorm() / y.back().dot(s.back())));
    }
  }
}

TEST_CASE("projection is the transpose of the rows") {
  LimitedMemory memory(5, 3);
  for (std::uint64_t k = 0; k < 3; ++k) {
    const VectorXd s = support::random_matrix(5, 1, k);
    memory.learn(s, 2 * s + 0.1 * s.cwiseProduct(s).cwiseProduct(s));
  }
  const VectorXd v = support::random_matrix(5, 1, 9);
  VectorXd projected(6), row(6), expected = VectorXd::Zero(6);
  memory.project(v, projected);
  for (Index i = 0; i < 5; ++i) {
    memory.row(i, row);
    expected += v[i] * row;
  }
  CHECK((projected - expected).cwiseAbs().maxCoeff() < 1e-14);
}

TEST_CASE("pairs without positive curvature, or with NaN, are passed over") {
  const std::vector<std::pair<VectorXd, VectorXd>> useless = {
      {Eigen::Vector2d(1, 0), Eigen::Vector2d(-1, 0)},
      {Eigen::Vector2d(1, 0), Eigen::Vector2d(0, 1)},
      {Eigen::Vector2d(0, 0), Eigen::Vector2d(0, 0)},
      {Eigen::Vector2d(1, 0), Eigen::Vector2d(std::numeric_limits<double>::quiet_NaN(), 0)}};
  for (const auto& [s, y] : useless) {
    LimitedMemory memory(2, 3);
    memory.reset(5);
    memory.learn(s, y);
    CHECK(memory.size() == 0);
    CHECK(memory.theta() == 0.5);
    memory.learn(Eigen::Vector2d(1, 0), Eigen::Vector2d(3, 0));
    CHECK(memory.size() == 1);
    CHECK(memory.theta() == 3);
    memory.learn(s, y);
    CHECK(memory.size() == 1);
    CHECK(memory.theta() == 3);
    memory.reset(7);
    CHECK(memory.size() == 0);
    CHECK(memory.theta() == 7);
  }
}
