#include <cmath>

#include <support/catch.hpp>
#include <support/gaussian_process_data.hpp>
#include <support/encoded_spaces.hpp>

#include <hposearch/numeric/random.hpp>
#include <hposearch/surrogate/gaussian_process.hpp>

using namespace hposearch;

namespace {

GaussianProcess reference_process() {
  return {Kernel{support::cube(reference::d)},
          support::reference_points(),
          support::reference_targets(),
          support::reference_parameters(),
          reference::mean,
          reference::scale};
}

// A process over a mixed space with n random points and values.
GaussianProcess mixed_process(Eigen::Index n, std::uint64_t seed) {
  const EncodedSpace space = support::mixed_space();
  numeric::Random random{seed};
  Eigen::VectorXd targets(n), parameters(6);
  for (auto& y : targets) y = random.normal();
  parameters << -1, -0.5, 0, -0.7, -0.2, -5;
  return {
      Kernel{space}, support::random_points(space, static_cast<std::size_t>(n), random), targets, parameters, 0.1, 1.3};
}

}  // namespace

TEST_CASE("The posterior is scikit-learn's") {
  const Prediction prediction = reference_process().predict(support::reference_queries());
  for (int i = 0; i < reference::m; ++i) {
    CHECK(prediction.mean[i] == Approx(reference::posterior_mean[i]).epsilon(1e-8));
    CHECK(prediction.variance[i] == Approx(reference::posterior_variance[i]).epsilon(1e-8));
  }
}

TEST_CASE("The fitted values are the posterior means at the data") {
  const GaussianProcess process = reference_process();
  const Prediction prediction = process.predict(support::reference_points());
  for (int i = 0; i < reference::n; ++i) CHECK(process.fitted()[i] == Approx(prediction.mean[i]).epsilon(1e-10));
}

TEST_CASE("A query predicts what a batch predicts") {
  GaussianProcess process = mixed_process(23, 5);
  process.prepare();
  numeric::Random random{6};
  const EncodedPoints points = support::random_points(support::mixed_space(), 9, random);
  const Prediction prediction = process.predict(points);
  GaussianProcess::Query query{process};
  for (Eigen::Index i = 0; i < points.rows(); ++i) {
    query.move_to(points.row(i));
    CHECK(query.mean() == Approx(prediction.mean[i]).epsilon(1e-10));
    CHECK(query.variance() == Approx(prediction.variance[i]).epsilon(1e-8));
  }
}

TEST_CASE("A query's gradient agrees with central differences") {
  GaussianProcess process = mixed_process(23, 7);
  numeric::Random random{8};
  const EncodedPoints points = support::random_points(support::mixed_space(), 4, random);
  process.append(points.row(3));
  process.prepare();
  GaussianProcess::Query query{process};
  for (Eigen::Index i = 0; i < 3; ++i) {
    EncodedPoint gradient = EncodedPoint::Zero(points.cols());
    query.move_to(points.row(i));
    query.add_gradient(2, 3, gradient);
    for (Eigen::Index j = 0; j < points.cols(); ++j) {
      constexpr double h = 1e-6;
      EncodedPoint moved = points.row(i);
      const auto value = [&](double step) {
        moved[j] = points(i, j) + step;
        query.move_to(moved);
        return 2 * query.mean() + 3 * query.variance();
      };
      const double difference = process.kernel().categorical(j) ? 0 : (value(h) - value(-h)) / (2 * h);
      CHECK(gradient[j] == Approx(difference).epsilon(1e-6).margin(1e-7));
    }
  }
}

TEST_CASE("A pending point keeps the mean and takes its variance, until it is taken off") {
  GaussianProcess process = mixed_process(12, 9);
  numeric::Random random{10};
  const EncodedPoints points = support::random_points(support::mixed_space(), 20, random);
  const Prediction before = process.predict(points);
  for (Eigen::Index i = 0; i < points.rows(); ++i) process.append(points.row(i));
  CHECK(process.size() == 32);
  const Prediction pending = process.predict(points);
  for (Eigen::Index i = 0; i < points.rows(); ++i) {
    CHECK(pending.mean[i] == before.mean[i]);
    CHECK(pending.variance[i] < before.variance[i]);
    CHECK(pending.variance[i] <= process.noise() * process.scale() * (1 + 1e-9));
  }
  process.truncate(0);
  CHECK(process.size() == 12);
  CHECK((process.predict(points).variance == before.variance).all());
}

TEST_CASE("Duplicate points with different values are taken for noise") {
  const Eigen::MatrixXd points = Eigen::MatrixXd::Constant(6, 2, 0.25);
  Eigen::VectorXd parameters(3);
  parameters << 0, 0, -200;
  const GaussianProcess process{
      Kernel{support::cube(2)}, points, Eigen::VectorXd::LinSpaced(6, -1, 1), parameters, 0, 1};
  const Prediction prediction = process.predict(EncodedPoints::Constant(1, 2, 0.25));
  CHECK(std::isfinite(prediction.mean[0]));
  CHECK(prediction.variance[0] >= 0);
  CHECK(process.noise() > std::exp(-200.0));
}
