#include <cmath>
#include <vector>

#include <support/catch.hpp>
#include <support/encoded_spaces.hpp>

#include <hposearch/acquisition/log_expected_improvement.hpp>
#include <hposearch/numeric/random.hpp>

using namespace hposearch;

namespace {

std::vector<GaussianProcess> processes(std::size_t count) {
  const EncodedSpace space = support::mixed_space();
  numeric::Random random{11};
  const EncodedPoints points = support::random_points(space, 20, random);
  Eigen::VectorXd targets(20);
  for (auto& y : targets) y = random.normal();
  std::vector<GaussianProcess> models;
  for (std::size_t m = 0; m < count; ++m) {
    Eigen::VectorXd parameters = Eigen::VectorXd::Constant(6, -0.5 - 0.4 * static_cast<double>(m));
    parameters[5] = -6;
    models.emplace_back(Kernel{space}, points, targets, parameters, 0.0, 1.0);
    models.back().prepare();
  }
  return models;
}

LogExpectedImprovement average(const std::vector<GaussianProcess>& models, double incumbent) {
  std::vector<LogExpectedImprovement::Part> parts;
  for (const auto& model : models) parts.push_back({&model, incumbent, -std::log(static_cast<double>(models.size()))});
  return LogExpectedImprovement{parts};
}

double plain_improvement(double mean, double variance, double incumbent) {
  const double deviation = std::sqrt(variance), z = (incumbent - mean) / deviation;
  return deviation *
         (std::exp(-z * z / 2) / std::sqrt(2 * 3.14159265358979323846) + z * std::erfc(-z / std::sqrt(2.0)) / 2);
}

}  // namespace

TEST_CASE("It is the logarithm of the expected improvement averaged over models") {
  for (const std::size_t count : {std::size_t{1}, std::size_t{3}}) {
    const auto models = processes(count);
    LogExpectedImprovement acquisition = average(models, -0.7);
    numeric::Random random{12};
    const EncodedPoints points = support::random_points(support::mixed_space(), 8, random);
    const Eigen::ArrayXd values = acquisition(points);
    for (Eigen::Index i = 0; i < points.rows(); ++i) {
      double improvement = 0;
      for (const auto& model : models) {
        const Prediction prediction = model.predict(points.row(i));
        improvement += plain_improvement(prediction.mean[0], prediction.variance[0], -0.7) / static_cast<double>(count);
      }
      CHECK(values[i] == Approx(std::log(improvement)).epsilon(1e-8));
    }
  }
}

TEST_CASE("Its gradient agrees with central differences, near and far from the incumbent") {
  for (const double incumbent : {-0.7, -30.0, 3.0}) {
    const auto models = processes(3);
    LogExpectedImprovement acquisition = average(models, incumbent);
    numeric::Random random{13};
    const EncodedPoints points = support::random_points(support::mixed_space(), 4, random);
    EncodedPoint gradient(points.cols()), unused(points.cols());
    for (Eigen::Index i = 0; i < points.rows(); ++i) {
      CHECK(acquisition(points.row(i), gradient) == Approx(acquisition(EncodedPoints(points.row(i)))[0]).epsilon(1e-8));
      for (Eigen::Index j = 0; j < 4; ++j) {
        EncodedPoint up = points.row(i), down = points.row(i);
        up[j] += 1e-6;
        down[j] -= 1e-6;
        const double difference = (acquisition(up, unused) - acquisition(down, unused)) / 2e-6;
        CHECK(gradient[j] == Approx(difference).epsilon(1e-4).margin(1e-5));
      }
    }
  }
}

TEST_CASE("Screening bounds the value from above") {
  const auto models = processes(2);
  LogExpectedImprovement acquisition = average(models, -0.7);
  numeric::Random random{14};
  const EncodedPoints points = support::random_points(support::mixed_space(), 50, random);
  CHECK((acquisition.screen(points) >= acquisition(points)).all());
}
