#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

#include <Eigen/Core>
#include <support/catch.hpp>
#include <support/matrices.hpp>

#include <hposearch/numeric/lbfgsb.hpp>
#include <hposearch/numeric/random.hpp>

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using hposearch::InvalidArgument;
using hposearch::numeric::BoundedMinimum;
using hposearch::numeric::BoundedOptions;
using hposearch::numeric::BoundedStop;
using hposearch::numeric::minimize_bounded;
using hposearch::numeric::Random;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

VectorXd constant(Index size, double value) { return VectorXd::Constant(size, value); }

double rosenbrock(const VectorXd& x, VectorXd& gradient) {
  double value = 0;
  gradient.setZero();
  for (Index i = 0; i + 1 < x.size(); ++i) {
    const double a = x[i + 1] - x[i] * x[i];
    const double b = 1 - x[i];
    value += 100 * a * a + b * b;
    gradient[i] += -400 * x[i] * a - 2 * b;
    gradient[i + 1] += 200 * a;
  }
  return value;
}

VectorXd rosenbrock_start(Index size) {
  VectorXd result = constant(size, 1);
  for (Index i = 0; i < size; i += 2) result[i] = -1.2;
  return result;
}

/// (x - c)^T A (x - c) / 2
struct Quadratic {
  MatrixXd a;
  VectorXd centre;

  double operator()(const VectorXd& x, VectorXd& gradient) const {
    gradient = a * (x - centre);
    return 0.5 * gradient.dot(x - centre);
  }
};

/// How far x is from satisfying the first-order conditions in the box.
double violation(const VectorXd& x, const VectorXd& gradient, const VectorXd& lower, const VectorXd& upper) {
  return ((x - gradient).cwiseMax(lower).cwiseMin(upper) - x).cwiseAbs().maxCoeff();
}

bool contains(const VectorXd& x, const VectorXd& lower, const VectorXd& upper) {
  return (x.array() >= lower.array()).all() && (x.array() <= upper.array()).all();
}

/// Wraps an objective so that every point it sees is checked to be in the box, and counted.
template <class F>
auto watched(F objective, const VectorXd& lower, const VectorXd& upper, int& evaluations, double& best) {
  return [=, &evaluations, &best](const VectorXd& x, VectorXd& gradient) {
    REQUIRE(contains(x, lower, upper));
    REQUIRE(gradient.size() == x.size());
    ++evaluations;
    const double value = objective(x, gradient);
    if (std::isfinite(value)) best = std::min(best, value);
    return value;
  };
}

}  // namespace

TEST_CASE("the minimum of an unbounded quadratic is found") {
  for (const Index d : {1, 2, 5, 20, 60}) {
    CAPTURE(d);
    const Quadratic f{support::random_covariance(d, 1), support::random_matrix(d, 1, 2)};
    const auto found =
        minimize_bounded(f, constant(d, 3), constant(d, -infinity), constant(d, infinity), {.value_tolerance = 0});
    CHECK((found.x - f.centre).cwiseAbs().maxCoeff() < 1e-5);
    CHECK(found.value < 1e-10);
  }
}

TEST_CASE("Rosenbrock's valley is followed to its end, for about the evaluations of the reference implementation") {
  // SciPy 1.15's L-BFGS-B with the same tolerances takes 49, 51, 90, 136 evaluations.
  const auto check = [](Index d, int most) {
    CAPTURE(d);
    const auto found = minimize_bounded(rosenbrock, rosenbrock_start(d), constant(d, -5), constant(d, 5));
    CHECK((found.x - constant(d, 1)).cwiseAbs().maxCoeff() < 1e-4);
    CHECK(found.evaluations <= most);
  };
  check(2, 60);
  check(5, 80);
  check(10, 120);
  check(20, 180);
}

TEST_CASE("a minimum on a bound is found where the bound cuts Rosenbrock's valley") {
  for (const Index d : {2, 3, 10, 50}) {
    CAPTURE(d);
    const VectorXd lower = constant(d, -5), upper = constant(d, 0.8);
    const auto found =
        minimize_bounded(rosenbrock, rosenbrock_start(d), lower, upper, {.max_iterations = 1000, .value_tolerance = 0});
    CHECK(found.x[0] == 0.8);
    CHECK(violation(found.x, found.gradient, lower, upper) < 1e-4);
  }
  // By hand for d = 2: x = 0.8, y = 0.64.
  const auto found = minimize_bounded(rosenbrock, rosenbrock_start(2), constant(2, -5), constant(2, 0.8));
  CHECK(found.value == Approx(0.04));
  CHECK(found.x[1] == Approx(0.64));
}

TEST_CASE("a separable problem ends where each coordinate is clamped, exactly on its bound") {
  const Index d = 30;
  const VectorXd centre = 2 * support::random_matrix(d, 1, 3);
  const auto f = [&](const VectorXd& x, VectorXd& gradient) {
    double value = 0;
    for (Index i = 0; i < d; ++i) {
      const double weight = static_cast<double>(i + 1);
      gradient[i] = weight * std::sinh(x[i] - centre[i]);
      value += weight * (std::cosh(x[i] - centre[i]) - 1);
    }
    return value;
  };
  const auto found = minimize_bounded(f, constant(d, 0), constant(d, -1), constant(d, 1), {.value_tolerance = 0});
  CHECK(found.stop == BoundedStop::gradient);
  for (Index i = 0; i < d; ++i) {
    CAPTURE(i, centre[i]);
    if (std::abs(centre[i]) > 1) {
      CHECK(found.x[i] == std::copysign(1, centre[i]));
    } else {
      CHECK(found.x[i] == Approx(centre[i]).margin(1e-6));
    }
  }
}

TEST_CASE("a linear objective ends in a corner") {
  const VectorXd slope = support::random_matrix(12, 1, 4);
  const auto f = [&](const VectorXd& x, VectorXd& gradient) {
    gradient = slope;
    return slope.dot(x);
  };
  const auto found = minimize_bounded(f, constant(12, 0.3), constant(12, 0), constant(12, 1));
  CHECK(found.stop == BoundedStop::gradient);
  for (Index i = 0; i < 12; ++i) CHECK(found.x[i] == (slope[i] > 0 ? 0 : 1));
  CHECK(found.evaluations < 12);
}

TEST_CASE("random convex quadratics in random boxes satisfy the first-order conditions") {
  Random random(5);
  for (int problem = 0; problem < 300; ++problem) {
    CAPTURE(problem);
    const auto d = static_cast<Index>(1 + random.below(25));
    Quadratic f{support::random_covariance(d, random.next()), 3 * support::random_matrix(d, 1, random.next())};
    f.a *= std::pow(10.0, random.uniform() * 4 - 2);
    VectorXd lower(d), upper(d);
    for (Index i = 0; i < d; ++i) {
      lower[i] = 4 * random.uniform() - 3;
      upper[i] = lower[i] + (random.below(5) == 0 ? 0 : 3 * random.uniform());
      if (random.below(6) == 0) lower[i] = -infinity;
      if (random.below(6) == 0) upper[i] = infinity;
    }
    const VectorXd x0 = 3 * support::random_matrix(d, 1, random.next());
    int evaluations = 0;
    double best = infinity;
    const auto found = minimize_bounded(watched(f, lower, upper, evaluations, best), x0, lower, upper,
                                        {.gradient_tolerance = 1e-7, .value_tolerance = 0});
    REQUIRE(contains(found.x, lower, upper));
    // Values of this size cannot tell smaller gradients from rounding.
    REQUIRE(violation(found.x, found.gradient, lower, upper) < 1e-6 * (1 + f.a.cwiseAbs().maxCoeff()));
    REQUIRE(found.evaluations == evaluations);
    REQUIRE(found.value == best);
    VectorXd gradient(d);
    REQUIRE(found.value == f(found.x, gradient));
    REQUIRE(found.gradient == gradient);
  }
}

TEST_CASE("it starts on a bound, outside, in a corner, or in a box of one point") {
  const Quadratic f{support::random_covariance(4, 6), constant(4, 0.5)};
  const VectorXd lower = constant(4, 0), upper = constant(4, 1);
  for (const double start : {0.0, 1.0, -7.0, 1e300, -infinity, infinity}) {
    CAPTURE(start);
    const auto found = minimize_bounded(f, constant(4, start), lower, upper);
    CHECK((found.x - f.centre).cwiseAbs().maxCoeff() < 1e-4);
  }
  const auto fixed = minimize_bounded(f, constant(4, 3), upper, upper);
  CHECK(fixed.x == upper);
  CHECK(fixed.evaluations == 1);
  CHECK(fixed.stop == BoundedStop::gradient);
}

TEST_CASE("a flat objective is left at once") {
  const auto f = [](const VectorXd&, VectorXd& gradient) {
    gradient.setZero();
    return 4.0;
  };
  const auto found = minimize_bounded(f, constant(3, 0.2), constant(3, 0), constant(3, 1));
  CHECK(found.x == constant(3, 0.2));
  CHECK(found.evaluations == 1);
  CHECK(found.iterations == 0);
  CHECK(found.stop == BoundedStop::gradient);
}

TEST_CASE("no dimensions are fine") {
  const auto f = [](const VectorXd&, VectorXd&) { return 1.0; };
  const auto found = minimize_bounded(f, VectorXd(0), VectorXd(0), VectorXd(0));
  CHECK(found.value == 1);
  CHECK(found.x.size() == 0);
}

TEST_CASE("a region where the objective is NaN or infinite is too far, and the minimum beside it is found") {
  for (const double wall : {not_a_number, infinity, -infinity}) {
    CAPTURE(wall);
    // The steep side of x - log(x) meets a wall; minimum at 1.
    const auto f = [&](const VectorXd& x, VectorXd& gradient) {
      if (x[0] > 1.3 || x[0] <= 0.01) {
        gradient.setConstant(wall);
        return wall;
      }
      gradient[0] = 50 * (1 - 1 / x[0]);
      gradient[1] = 2 * x[1];
      return 50 * (x[0] - std::log(x[0])) + x[1] * x[1];
    };
    for (const double step : {0.01, 1.0, 100.0}) {
      const auto found =
          minimize_bounded(f, Eigen::Vector2d(0.02, 3), constant(2, -10), constant(2, 10), {.initial_step = step});
      CHECK(found.x[0] == Approx(1).epsilon(1e-4));
      CHECK(std::abs(found.x[1]) < 1e-3);
    }
  }
}

TEST_CASE("a finite value with a gradient that is not finite is too far as well") {
  const auto f = [](const VectorXd& x, VectorXd& gradient) {
    gradient[0] = x[0] > 0.5 ? not_a_number : 2 * (x[0] - 0.4);
    return (x[0] - 0.4) * (x[0] - 0.4);
  };
  const auto found = minimize_bounded(f, constant(1, 0), constant(1, 0), constant(1, 1), {.initial_step = 1});
  CHECK(found.x[0] == Approx(0.4));
}

TEST_CASE("a start that is not finite is handed back") {
  const auto f = [](const VectorXd&, VectorXd& gradient) {
    gradient.setZero();
    return not_a_number;
  };
  const auto found = minimize_bounded(f, constant(2, 0.5), constant(2, 0), constant(2, 1));
  CHECK(found.stop == BoundedStop::not_finite);
  CHECK(found.evaluations == 1);
  CHECK(found.x == constant(2, 0.5));
}

TEST_CASE("limits on iterations and evaluations hold, and the best point so far comes back") {
  const VectorXd lower = constant(10, -5), upper = constant(10, 5);
  for (int most = 1; most < 60; ++most) {
    CAPTURE(most);
    int evaluations = 0;
    double best = infinity;
    const auto found = minimize_bounded(watched(rosenbrock, lower, upper, evaluations, best), rosenbrock_start(10),
                                        lower, upper, {.max_evaluations = most});
    CHECK(evaluations == most);
    CHECK(found.stop == BoundedStop::evaluations);
    CHECK(found.evaluations == most);
    VectorXd gradient(10);
    CHECK(found.value == rosenbrock(found.x, gradient));
    CHECK(found.gradient == gradient);
  }
  const auto found = minimize_bounded(rosenbrock, rosenbrock_start(10), lower, upper, {.max_iterations = 7});
  CHECK(found.iterations == 7);
  CHECK(found.stop == BoundedStop::iterations);
}

TEST_CASE("tolerances stop early") {
  const VectorXd lower = constant(5, -5), upper = constant(5, 5);
  const auto rough = minimize_bounded(rosenbrock, rosenbrock_start(5), lower, upper, {.gradient_tolerance = 1});
  CHECK(rough.stop == BoundedStop::gradient);
  CHECK(violation(rough.x, rough.gradient, lower, upper) <= 1);
  const auto lazy = minimize_bounded(rosenbrock, rosenbrock_start(5), lower, upper, {.value_tolerance = 0.1});
  CHECK(lazy.stop == BoundedStop::value);
  CHECK(lazy.evaluations < 30);
}

TEST_CASE("a gradient of the wrong sign ends the search instead of going on for ever") {
  const auto f = [](const VectorXd& x, VectorXd& gradient) {
    gradient = -2 * x;
    return x.squaredNorm();
  };
  const auto found = minimize_bounded(f, constant(3, 0.5), constant(3, -1), constant(3, 1));
  CHECK(found.stop == BoundedStop::stalled);
  CHECK(found.value == 0.75);
  CHECK(found.evaluations < 50);
}

TEST_CASE("an objective with kinks or noise comes to an end and never gets worse") {
  const auto kinked = [](const VectorXd& x, VectorXd& gradient) {
    double value = 0;
    for (Index i = 0; i < x.size(); ++i) {
      gradient[i] = x[i] > 0.3 ? 1 : -1;
      value += std::abs(x[i] - 0.3);
    }
    return value;
  };
  const auto found = minimize_bounded(kinked, Eigen::Vector3d(0.9, 0.1, 0.5), constant(3, 0), constant(3, 1));
  CHECK(found.value <= 1.0);

  const auto noisy = [](const VectorXd& x, VectorXd& gradient) {
    gradient = 2 * x;
    return x.squaredNorm() + 1e-6 * std::sin(1e9 * x[0]);
  };
  const auto rough = minimize_bounded(noisy, constant(3, 0.7), constant(3, -1), constant(3, 1), {.value_tolerance = 0});
  CHECK(rough.value < 1e-5);
}

TEST_CASE("values and scales far from 1 neither hang nor leave the box") {
  for (const double scale : {1e-300, 1e-12, 1e12, 1e150, 1e300}) {
    CAPTURE(scale);
    const auto f = [&](const VectorXd& x, VectorXd& gradient) {
      gradient = 2 * scale * (x - constant(2, 0.3));
      return scale * (x - constant(2, 0.3)).squaredNorm();
    };
    const auto found = minimize_bounded(f, constant(2, 0.9), constant(2, 0), constant(2, 1),
                                        {.gradient_tolerance = 0, .value_tolerance = 0});
    CHECK(contains(found.x, constant(2, 0), constant(2, 1)));
    CHECK(found.value <= 2 * scale * 0.37);
    if (scale >= 1e-12 && scale <= 1e12) CHECK((found.x - constant(2, 0.3)).cwiseAbs().maxCoeff() < 1e-6);
  }
}

TEST_CASE("an ill-conditioned bounded problem in 200 dimensions is solved") {
  const Index d = 200;
  const auto f = [&](const VectorXd& x, VectorXd& gradient) {
    double value = 0;
    for (Index i = 0; i < d; ++i) {
      const double weight = std::pow(10.0, 4 * static_cast<double>(i) / static_cast<double>(d - 1));
      const double distance = x[i] - (i % 3 == 0 ? 1.5 : 0.25);
      gradient[i] = weight * distance;
      value += 0.5 * weight * distance * distance;
    }
    return value;
  };
  const auto found = minimize_bounded(f, constant(d, 0.5), constant(d, 0), constant(d, 1),
                                      {.max_iterations = 2000, .max_evaluations = 3000, .value_tolerance = 0});
  for (Index i = 0; i < d; ++i) REQUIRE(found.x[i] == Approx(i % 3 == 0 ? 1 : 0.25).margin(1e-4));
}

TEST_CASE("the same problem gives the same bits again, and any memory finds the minimum") {
  for (const int memory : {1, 2, 5, 30}) {
    const auto solve = [&] {
      return minimize_bounded(rosenbrock, rosenbrock_start(12), constant(12, -5), constant(12, 5), {.memory = memory});
    };
    const BoundedMinimum first = solve(), second = solve();
    CHECK(first.x == second.x);
    CHECK(first.evaluations == second.evaluations);
    CHECK(first.value < 1e-6);
  }
}

TEST_CASE("the objective may be a temporary, keep state, and throw") {
  int calls = 0;
  const auto found = minimize_bounded(
      [calls = &calls](const VectorXd& x, VectorXd& gradient) mutable {
        ++*calls;
        return rosenbrock(x, gradient);
      },
      rosenbrock_start(2), constant(2, -5), constant(2, 5));
  CHECK(found.evaluations == calls);
  const auto thrower = [](const VectorXd&, VectorXd&) -> double { throw std::runtime_error("objective"); };
  CHECK_THROWS_WITH(minimize_bounded(thrower, constant(1, 0), constant(1, 0), constant(1, 1)), "objective");
}

TEST_CASE("invalid arguments are named") {
  const auto solve = [](const VectorXd& x0, const VectorXd& lower, const VectorXd& upper, BoundedOptions options = {}) {
    return minimize_bounded(rosenbrock, x0, lower, upper, options);
  };
  const VectorXd zero = constant(2, 0), one = constant(2, 1);
  CHECK_THROWS_AS(solve(zero, constant(3, 0), one), InvalidArgument);
  CHECK_THROWS_AS(solve(zero, zero, constant(1, 1)), InvalidArgument);
  CHECK_THROWS_AS(solve(zero, one, zero), InvalidArgument);
  CHECK_THROWS_AS(solve(zero, constant(2, not_a_number), one), InvalidArgument);
  CHECK_THROWS_AS(solve(constant(2, not_a_number), zero, one), InvalidArgument);
  CHECK_THROWS_AS(solve(constant(2, infinity), zero, constant(2, infinity)), InvalidArgument);
  CHECK_THROWS_AS(solve(zero, zero, one, {.memory = 0}), InvalidArgument);
  CHECK_THROWS_AS(solve(zero, zero, one, {.max_evaluations = 0}), InvalidArgument);
  CHECK_THROWS_AS(solve(zero, zero, one, {.initial_step = not_a_number}), InvalidArgument);
  try {
    (void)solve(zero, Eigen::Vector2d(0, 2), one);
    FAIL("nothing was thrown");
  } catch (const InvalidArgument& error) {
    CHECK(error.parameter() == "lower[1]");
    CHECK(error.value() == "2");
    CHECK(error.rule() == "must be at most 1");
  }
}
