#include <algorithm>
#include <limits>

#include <Eigen/Core>
#include <support/catch.hpp>
#include <support/matrices.hpp>

#include <hposearch/numeric/bounded_model.hpp>
#include <hposearch/numeric/random.hpp>

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using hposearch::numeric::BoundedModel;
using hposearch::numeric::Box;
using hposearch::numeric::LimitedMemory;
using hposearch::numeric::Random;
using support::random_matrix;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Memory of a few steps over a quadratic with the given Hessian.
LimitedMemory taught(const MatrixXd& hessian, Index pairs, std::uint64_t seed) {
  LimitedMemory memory(hessian.rows(), pairs);
  for (Index k = 0; k < pairs; ++k) {
    const VectorXd s = random_matrix(hessian.rows(), 1, seed + static_cast<std::uint64_t>(k));
    memory.learn(s, hessian * s);
  }
  return memory;
}

/// g^T s + s^T B s / 2
double model(const LimitedMemory& memory, const VectorXd& g, const VectorXd& s) {
  VectorXd projected(2 * memory.size());
  memory.project(s, projected);
  VectorXd solved = projected;
  memory.apply_middle(solved);
  return g.dot(s) + 0.5 * (memory.theta() * s.squaredNorm() - projected.dot(solved));
}

VectorXd clamped(const VectorXd& x, const Box& box) { return x.cwiseMax(box.lower).cwiseMin(box.upper); }

/// The lowest model value on a fine grid of the projected steepest descent path, up to its first local minimum.
double cauchy_value(const LimitedMemory& memory, const Box& box, const VectorXd& x, const VectorXd& g) {
  double best = 0;
  for (int k = 1; k < 20'000; ++k) {
    const double value = model(memory, g, clamped(x - 1e-4 * k * g, box) - x);
    if (value > best) break;
    best = value;
  }
  return best;
}

}  // namespace

TEST_CASE("without bounds the target is the quasi-Newton step") {
  const Index d = 6;
  const auto memory = taught(support::random_covariance(d, 1), 4, 20);
  const Box box{VectorXd::Constant(d, -infinity), VectorXd::Constant(d, infinity)};
  const VectorXd x = random_matrix(d, 1, 2), g = random_matrix(d, 1, 3);
  const VectorXd target = BoundedModel(box, memory).minimize(x, g);
  const double lowest = model(memory, g, target - x);
  CHECK(lowest < 0);
  for (std::uint64_t k = 0; k < 100; ++k)
    CHECK(model(memory, g, target + 1e-3 * random_matrix(d, 1, 100 + k) - x) > lowest);
}

TEST_CASE("without memory the target is the clamped gradient step") {
  LimitedMemory memory(3, 5);
  memory.reset(2);
  const Box box{Eigen::Vector3d(-1, -1, -infinity), Eigen::Vector3d(1, 1, infinity)};
  const VectorXd target = BoundedModel(box, memory).minimize(Eigen::Vector3d(0, 0.5, 0), Eigen::Vector3d(-8, 1, 6));
  CHECK(target == VectorXd(Eigen::Vector3d(1, 0, -3)));
}

TEST_CASE("in random boxes the target stays inside, goes downhill, and is no worse than the Cauchy point") {
  Random random(4);
  for (int problem = 0; problem < 200; ++problem) {
    CAPTURE(problem);
    const auto d = static_cast<Index>(1 + random.below(8));
    const auto memory =
        taught(support::random_covariance(d, random.next()), static_cast<Index>(1 + random.below(5)), random.next());
    Box box{random_matrix(d, 1, random.next()), VectorXd(d)};
    VectorXd x(d);
    for (Index i = 0; i < d; ++i) {
      box.upper[i] = box.lower[i] + random.uniform();
      x[i] = box.lower[i] + (box.upper[i] - box.lower[i]) * random.uniform();
      if (random.below(4) == 0) x[i] = random.below(2) == 0 ? box.lower[i] : box.upper[i];
    }
    const VectorXd g = 4 * random_matrix(d, 1, random.next());
    const VectorXd target = BoundedModel(box, memory).minimize(x, g);
    REQUIRE(target == clamped(target, box));
    const double slope = g.dot(target - x);
    if ((clamped(x - g, box) - x).cwiseAbs().maxCoeff() == 0) {
      REQUIRE(target == x);
      continue;
    }
    REQUIRE(slope < 0);
    // A projected subspace step may give back some of what the Cauchy point gained, but never leaves the descent.
    const bool bounded_step = ((target - box.lower).array() == 0 || (box.upper - target).array() == 0).any();
    if (!bounded_step) REQUIRE(model(memory, g, target - x) <= cauchy_value(memory, box, x, g) * (1 - 1e-3));
  }
}

TEST_CASE("a coordinate at its bound with the gradient pointing outwards, or fixed, does not move") {
  const auto memory = taught(support::random_covariance(3, 5), 3, 30);
  const Box box{Eigen::Vector3d(0, 0.5, 0), Eigen::Vector3d(1, 0.5, 1)};
  const VectorXd target = BoundedModel(box, memory).minimize(Eigen::Vector3d(0, 0.5, 0.5), Eigen::Vector3d(2, -3, 0.1));
  CHECK(target[0] == 0);
  CHECK(target[1] == 0.5);
  CHECK(target[2] < 0.5);
}
