#include <memory>

#include <support/catch.hpp>
#include <support/encoded_spaces.hpp>

#include <hposearch/acquisition/log_expected_improvement.hpp>
#include <hposearch/cuda/host_algebra.hpp>
#include <hposearch/cuda/posterior.hpp>
#include <hposearch/surrogate/gaussian_process.hpp>

using namespace hposearch;
using Posterior = cuda::PosteriorOn<cuda::HostAlgebra>;

namespace {

struct Problem {
  EncodedSpace space = support::mixed_space();
  Kernel kernel{space};
  Eigen::MatrixXd points;
  Eigen::VectorXd targets, parameters;
  EncodedPoints candidates;

  explicit Problem(std::size_t n = 50) : targets(static_cast<Eigen::Index>(n)), parameters(6) {
    numeric::Random random{6};
    points = support::random_points(space, n, random);
    candidates = support::random_points(space, 70, random);
    for (Eigen::Index i = 0; i < targets.size(); ++i) targets[i] = points.row(i).squaredNorm();
    parameters << -0.7, -0.2, 0.1, -0.5, -0.3, -5;
  }
};

void check_equal(const Prediction& found, const Prediction& expected) {
  for (Eigen::Index i = 0; i < expected.mean.size(); ++i) {
    CHECK(found.mean[i] == Approx(expected.mean[i]).epsilon(1e-9));
    CHECK(found.variance[i] == Approx(expected.variance[i]).epsilon(1e-7));
  }
}

}  // namespace

TEST_CASE("the posterior of a device is the processor's, in one tile or many") {
  const Problem problem;
  const auto& [space, kernel, points, targets, parameters, candidates] = problem;
  const GaussianProcess given{kernel, points, targets, parameters, 0.4, 2.0};
  const GaussianProcess best{kernel, points, targets, parameters, 3.0};
  for (const std::size_t memory : {std::size_t{1}, std::size_t{10'000}, std::size_t{1} << 40}) {
    const auto algebra = std::make_shared<cuda::HostAlgebra>(memory);
    check_equal(Posterior{algebra, 0, kernel, points, targets, parameters, 0.4, 2.0}.predict(candidates),
                given.predict(candidates));
    const Posterior found{algebra, 5, kernel, points, targets, parameters, 3.0};
    check_equal(found.predict(candidates), best.predict(candidates));
    CHECK(found.mean() == Approx(best.mean()));
    CHECK(found.scale() == Approx(best.scale()));
    CHECK((found.fitted() - best.fitted()).cwiseAbs().maxCoeff() < 1e-9);
    CHECK(found.predict(candidates.topRows(0)).mean.size() == 0);
  }
}

TEST_CASE("points can be appended to the posterior of a device and taken off again") {
  const Problem problem;
  const auto& [space, kernel, points, targets, parameters, candidates] = problem;
  GaussianProcess expected{kernel, points, targets, parameters, 3.0};
  Posterior found{std::make_shared<cuda::HostAlgebra>(), 3, kernel, points, targets, parameters, 3.0};
  found.prepare();
  expected.prepare();
  const Eigen::ArrayXd densities = expected.leave_one_out();
  CHECK((found.leave_one_out() - densities).abs().maxCoeff() < 1e-6);
  for (const Eigen::Index first : {0, 3}) {  // the second time, where others were
    for (Eigen::Index i = first; i < first + 3; ++i) {
      expected.append(candidates.row(i));
      found.append(candidates.row(i));
    }
    CHECK(found.size() == 53);
    check_equal(found.predict(candidates), expected.predict(candidates));
    CHECK_THROWS_AS(found.append(candidates.row(9)), InvalidArgument);
    found.prepare();
    expected.prepare();
    LogExpectedImprovementOf<Posterior> improvement{{{&found, 0.5, 0.0}}};
    LogExpectedImprovement expected_improvement{{{&expected, 0.5, 0.0}}};
    EncodedPoint gradient(5), expected_gradient(5);
    for (Eigen::Index i = 10; i < 20; ++i) {
      const double value = expected_improvement(candidates.row(i), expected_gradient);
      CHECK(improvement(candidates.row(i), gradient) == Approx(value).epsilon(1e-7));
      for (Eigen::Index j = 0; j < 5; ++j)
        CHECK(gradient[j] == Approx(expected_gradient[j]).epsilon(1e-6).margin(1e-8));
    }
    CHECK((improvement(candidates) - expected_improvement(candidates)).abs().maxCoeff() < 1e-6);
    found.truncate(51);
    expected.truncate(51);
    check_equal(found.predict(candidates), expected.predict(candidates));
    found.truncate(0);
    expected.truncate(0);
    CHECK(found.size() == 50);
  }
  found.prepare();
  CHECK((found.leave_one_out() - densities).abs().maxCoeff() < 1e-6);
}

TEST_CASE("on a device, noise is raised until equal points are no harm, and a point that adds nothing is left out") {
  const EncodedSpace space{std::vector<EncodedDimension>(1)};
  const Eigen::MatrixXd points = Eigen::MatrixXd::Constant(4, 1, 0.5);
  Eigen::VectorXd parameters(2);
  parameters << 0.0, -100.0;
  const Kernel kernel{space};
  const Eigen::VectorXd targets = Eigen::VectorXd::LinSpaced(4, -1, 1);
  const GaussianProcess expected{kernel, points, targets, parameters, 0.0, 1.0};
  Posterior found{std::make_shared<cuda::HostAlgebra>(), 4, kernel, points, targets, parameters, 0.0, 1.0};
  CHECK(found.noise() == expected.noise());
  Posterior one{
      std::make_shared<cuda::HostAlgebra>(), 4, kernel, points.topRows(1), targets.head(1), parameters, 0.0, 1.0};
  one.append(points.row(0));
  CHECK(one.size() == 1);
}
