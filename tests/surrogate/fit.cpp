#include <cmath>
#include <limits>

#include <support/catch.hpp>
#include <support/encoded_spaces.hpp>

#include <hposearch/numeric/random.hpp>
#include <hposearch/surrogate/fit.hpp>

using namespace hposearch;

namespace {

struct Sample {
  EncodedSpace space{std::vector<EncodedDimension>(3)};
  Eigen::MatrixXd points;
  Eigen::VectorXd targets;
};

// A function that varies fast in dimension 0, slowly in 1, and not in 2.
Sample smooth_sample(std::size_t count) {
  Sample sample;
  numeric::Random random{21};
  sample.points = support::random_points(sample.space, count, random);
  sample.targets = (8 * sample.points.col(0).array()).sin() + sample.points.col(1).array();
  sample.targets.array() -= sample.targets.mean();
  sample.targets /= std::sqrt(sample.targets.squaredNorm() / static_cast<double>(count));
  return sample;
}

}  // namespace

TEST_CASE("The fit tells dimensions that matter from those that do not") {
  const Sample sample = smooth_sample(40);
  const Kernel kernel{sample.space};
  const Prior prior{sample.space, {}};
  numeric::Random random{1};
  const Eigen::VectorXd fitted = fit_parameters(kernel, sample.points, sample.targets, prior, {}, {}, true, random);
  CHECK(fitted[0] < fitted[1] - 0.5);
  CHECK(fitted[1] < fitted[2] - 0.5);
  CHECK((fitted.array() >= prior.lower().array()).all());
  CHECK((fitted.array() <= prior.upper().array()).all());
}

TEST_CASE("The fit ends where the density is flat, and never below the prior's mode or where it started") {
  const Sample sample = smooth_sample(25);
  const Kernel kernel{sample.space};
  const Prior prior{sample.space, {}};
  ParameterDensity density{kernel, sample.points, sample.targets, prior};
  numeric::Random random{2};
  const Eigen::VectorXd last = prior.sample(random);
  const FitOptions thorough{.iterations = 200, .value_tolerance = 1e-12, .gradient_tolerance = 1e-6};
  const Eigen::VectorXd fitted =
      fit_parameters(kernel, sample.points, sample.targets, prior, thorough, last, true, random);
  Eigen::VectorXd gradient;
  const double reached = density(fitted, gradient);
  CHECK(reached >= density(last));
  CHECK(reached >= density(prior.mode()));
  for (Eigen::Index j = 0; j < gradient.size(); ++j) {
    const bool free = fitted[j] > prior.lower()[j] && fitted[j] < prior.upper()[j];
    if (free) CHECK(std::fabs(gradient[j]) < 1e-3);
  }
}

TEST_CASE("Constant targets and equal points are fitted without complaint") {
  const EncodedSpace space = support::mixed_space();
  const Prior prior{space, {}};
  numeric::Random random{3};
  const Eigen::MatrixXd equal = Eigen::MatrixXd(support::random_points(space, 1, random)).replicate(12, 1);
  for (const auto& targets :
       {Eigen::VectorXd(Eigen::VectorXd::Zero(12)), Eigen::VectorXd(Eigen::VectorXd::LinSpaced(12, -1, 1))}) {
    CHECK(fit_parameters(Kernel{space}, equal, targets, prior, {}, {}, true, random).allFinite());
  }
}
