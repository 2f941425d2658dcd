#include <cmath>

#include <support/catch.hpp>
#include <support/gaussian_process_data.hpp>
#include <support/encoded_spaces.hpp>

#include <hposearch/numeric/random.hpp>
#include <hposearch/surrogate/evidence.hpp>

using namespace hposearch;

TEST_CASE("The log marginal likelihood and its gradient are scikit-learn's") {
  Evidence evidence{Kernel{support::cube(reference::d)}, support::reference_points(), support::reference_targets(), 0};
  Eigen::VectorXd gradient;
  CHECK(evidence(support::reference_parameters(), gradient) == Approx(reference::log_likelihood).epsilon(1e-10));
  CHECK(evidence.mean() == Approx(reference::mean).epsilon(1e-10));
  CHECK(evidence.scale() == Approx(reference::scale).epsilon(1e-10));
  for (Eigen::Index j = 0; j < gradient.size(); ++j) {
    CHECK(gradient[j] == Approx(reference::gradient[j]).epsilon(1e-8));
  }
}

TEST_CASE("The gradient agrees with central differences in a mixed space") {
  const EncodedSpace space = support::mixed_space();
  numeric::Random random{3};
  const Eigen::MatrixXd points = support::random_points(space, 30, random);
  Eigen::VectorXd targets(30);
  for (auto& y : targets) y = random.normal();
  for (const double weight : {0.0, 3.0}) {
    Evidence evidence{Kernel{space}, points, targets, weight};
    Eigen::VectorXd parameters(points.cols() + 1), gradient, unused;
    for (auto& value : parameters) value = -1 + 0.5 * random.normal();
    const double value = evidence(parameters, gradient);
    CHECK(value == evidence(parameters));
    for (Eigen::Index j = 0; j < parameters.size(); ++j) {
      constexpr double h = 1e-5;
      Eigen::VectorXd up = parameters, down = parameters;
      up[j] += h;
      down[j] -= h;
      const double difference = (evidence(up) - evidence(down)) / (2 * h);
      CHECK(gradient[j] == Approx(difference).epsilon(1e-6).margin(1e-7));
    }
  }
}

TEST_CASE("A covariance that is not positive definite has no likelihood") {
  Eigen::MatrixXd points = Eigen::MatrixXd::Constant(3, 1, 0.5);
  Evidence evidence{Kernel{support::cube(1)}, points, Eigen::VectorXd::LinSpaced(3, -1, 1), 0};
  Eigen::VectorXd parameters(2);
  parameters << 0.0, -100.0;
  CHECK(evidence(parameters) == -std::numeric_limits<double>::infinity());
}

TEST_CASE("Targets that the mean explains leave a positive scale") {
  numeric::Random random{4};
  Evidence evidence{Kernel{support::cube(2)}, support::random_points(support::cube(2), 5, random),
                    Eigen::VectorXd::Zero(5), 3};
  Eigen::VectorXd gradient;
  CHECK(std::isfinite(evidence(Eigen::VectorXd::Constant(3, -1), gradient)));
  CHECK(gradient.allFinite());
  CHECK(evidence.scale() > 0);
}
