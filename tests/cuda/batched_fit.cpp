#include <cmath>
#include <memory>
#include <vector>

#include <support/catch.hpp>
#include <support/encoded_spaces.hpp>

#include <hposearch/cuda/batched_fit.hpp>
#include <hposearch/cuda/host_algebra.hpp>
#include <hposearch/surrogate/evidence.hpp>

using namespace hposearch;
using BatchedFit = cuda::BatchedFitOn<cuda::HostAlgebra>;

TEST_CASE("a batch of studies of different sizes and spaces has the evidence of each alone, however it is cut up") {
  numeric::Random random{8};
  std::vector<cuda::BatchedStudy> studies;
  std::vector<Evidence> alone;
  for (const std::size_t n : {12U, 30U, 1U}) {
    const EncodedSpace space = n == 30 ? support::mixed_space() : support::random_space(3, random);
    Eigen::VectorXd targets(static_cast<Eigen::Index>(n));
    for (auto& y : targets) y = random.normal();
    studies.push_back({Kernel{space}, support::random_points(space, n, random), targets, 3.0});
    alone.emplace_back(studies.back().kernel, studies.back().points, targets, 3.0);
  }
  std::vector<cuda::BatchedSample> samples;
  for (std::size_t i = 0; i < 9; ++i) {
    Eigen::VectorXd parameters(studies[i % 3].points.cols() + 1);
    for (auto& value : parameters) value = -1 + 0.5 * random.normal();
    samples.push_back({i % 3, parameters});
  }
  for (const std::size_t memory : {std::size_t{1}, std::size_t{100'000}, std::size_t{1} << 40}) {
    BatchedFit fit{std::make_shared<cuda::HostAlgebra>(memory), studies};
    const auto found = fit(samples);
    REQUIRE(found.size() == samples.size());
    for (std::size_t i = 0; i < samples.size(); ++i) {
      CHECK(found[i].log_evidence == Approx(alone[i % 3](samples[i].parameters)).epsilon(1e-10));
      CHECK(found[i].mean == Approx(alone[i % 3].mean()).epsilon(1e-9));
      CHECK(found[i].scale == Approx(alone[i % 3].scale()).epsilon(1e-9));
    }
    CHECK(fit({}).empty());
  }
}

TEST_CASE("one covariance that is not positive definite is no harm to the others of its batch") {
  const EncodedSpace space{std::vector<EncodedDimension>(1)};
  BatchedFit fit{std::make_shared<cuda::HostAlgebra>(),
                 {{Kernel{space}, Eigen::MatrixXd::Constant(3, 1, 0.5), Eigen::VectorXd::LinSpaced(3, -1, 1), 0}}};
  Eigen::VectorXd bad(2), good(2);
  bad << 0, -100;
  good << 0, -1;
  const auto found = fit({{0, bad}, {0, good}});
  CHECK(found[0].log_evidence == -std::numeric_limits<double>::infinity());
  CHECK(std::isfinite(found[1].log_evidence));
}

TEST_CASE("a study without points, with other targets, and a sample of no study are refused") {
  const Kernel kernel{EncodedSpace{std::vector<EncodedDimension>(1)}};
  const auto algebra = std::make_shared<cuda::HostAlgebra>();
  const auto make = [&](Eigen::Index points, Eigen::Index targets) {
    return BatchedFit{algebra, {{kernel, Eigen::MatrixXd::Zero(points, 1), Eigen::VectorXd::Zero(targets), 0}}};
  };
  CHECK_THROWS_AS(make(0, 0), InvalidArgument);
  CHECK_THROWS_AS(make(2, 1), InvalidArgument);
  auto fit = make(2, 2);
  CHECK_THROWS_AS(fit({{1, Eigen::VectorXd::Zero(2)}}), InvalidArgument);
}
