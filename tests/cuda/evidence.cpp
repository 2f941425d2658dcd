#include <limits>
#include <memory>

#include <support/catch.hpp>
#include <support/encoded_spaces.hpp>

#include <hposearch/cuda/evidence.hpp>
#include <hposearch/cuda/host_algebra.hpp>
#include <hposearch/cuda/on_device.hpp>
#include <hposearch/surrogate/evidence.hpp>
#include <hposearch/surrogate/fit.hpp>

using namespace hposearch;
using OnHost = cuda::OnDevice<cuda::HostAlgebra>;

namespace {

struct Sample {
  EncodedSpace space;
  Eigen::MatrixXd points;
  Eigen::VectorXd targets;
};

Sample sample(EncodedSpace space, std::size_t n, std::uint64_t seed) {
  numeric::Random random{seed};
  Sample result{std::move(space), {}, Eigen::VectorXd(static_cast<Eigen::Index>(n))};
  result.points = support::random_points(result.space, n, random);
  for (Eigen::Index i = 0; i < result.targets.size(); ++i)
    result.targets[i] = result.points(i, 0) * result.points.row(i).sum() + 0.05 * random.normal();
  return result;
}

}  // namespace

TEST_CASE("evidence and gradient on a device are the processor's, in mixed spaces of few and many dimensions") {
  numeric::Random random{11};
  for (const std::size_t d : {1U, 5U, 8U, 9U, 17U}) {
    const Sample data = sample(d == 5 ? support::mixed_space() : support::random_space(d, random), 40 + d, d);
    for (const double weight : {0.0, 3.0}) {
      Evidence expected{Kernel{data.space}, data.points, data.targets, weight};
      auto found = OnHost{}.evidence(Kernel{data.space}, data.points, data.targets, weight);
      Eigen::VectorXd parameters(data.points.cols() + 1), gradient, expected_gradient;
      for (int repetition = 0; repetition < 2; ++repetition) {
        for (auto& value : parameters) value = -1 + 0.5 * random.normal();
        const double value = expected(parameters, expected_gradient);
        CHECK(found(parameters) == Approx(value).epsilon(1e-10));
        CHECK(found(parameters, gradient) == Approx(value).epsilon(1e-10));
        CHECK(found.mean() == Approx(expected.mean()).epsilon(1e-9).margin(1e-12));
        CHECK(found.scale() == Approx(expected.scale()).epsilon(1e-9));
        REQUIRE(gradient.size() == expected_gradient.size());
        for (Eigen::Index j = 0; j < gradient.size(); ++j)
          CHECK(gradient[j] == Approx(expected_gradient[j]).epsilon(1e-8).margin(1e-9));
      }
    }
  }
}

TEST_CASE("a fit on a device ends where the processor's does") {
  const Sample data = sample(support::mixed_space(), 60, 3);
  const Kernel kernel{data.space};
  const Prior prior{data.space, {}};
  numeric::Random one{2}, other{2};
  const Eigen::VectorXd expected = fit_parameters(kernel, data.points, data.targets, prior, {}, {}, true, one);
  const Eigen::VectorXd found = fit_parameters(
      ParameterDensity{OnHost{}.evidence(kernel, data.points, data.targets, prior.scale_weight()), prior}, prior, {},
      {}, true, other);
  for (Eigen::Index j = 0; j < found.size(); ++j) CHECK(found[j] == Approx(expected[j]).epsilon(1e-6).margin(1e-6));
}

TEST_CASE("on a device too, a covariance that is not positive definite has no likelihood") {
  const Eigen::MatrixXd points = Eigen::MatrixXd::Constant(3, 1, 0.5);
  auto evidence = OnHost{}.evidence(Kernel{EncodedSpace{std::vector<EncodedDimension>(1)}}, points,
                                    Eigen::VectorXd::LinSpaced(3, -1, 1), 0);
  Eigen::VectorXd parameters(2), gradient;
  parameters << 0.0, -100.0;
  CHECK(evidence(parameters, gradient) == -std::numeric_limits<double>::infinity());
  CHECK(gradient == Eigen::VectorXd::Zero(2));
}

TEST_CASE("more points than cuSOLVER can deal with are refused") {
  CHECK_THROWS_AS(cuda::checked_points(0), InvalidArgument);
  CHECK_THROWS_AS(cuda::checked_points(46'341), InvalidArgument);
  CHECK(cuda::checked_points(46'340) == 46'340);
}
