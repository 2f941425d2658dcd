#include <cmath>
#include <vector>

#include <support/acquisition_models.hpp>
#include <support/catch.hpp>

#include <hposearch/surrogate/posterior_draw.hpp>

using namespace hposearch;

namespace {

double value(const PosteriorDraw& draw, const EncodedPoint& point) {
  Correlations at = draw.correlations();
  at.move_to(point);
  return draw.value(at);
}

}  // namespace

TEST_CASE("Draws have the posterior's mean, variance and covariance") {
  const auto models = support::models(1);
  numeric::Random random{2};
  const EncodedPoints points = support::random_points(support::mixed_space(), 3, random);
  const Prediction posterior = models[0].predict(points);
  // The covariance of the first two by conditioning on the second, with the model's own noise.
  GaussianProcess after = models[0];
  after.append(points.row(1));
  const double noisy = posterior.variance[1] + after.noise() * after.scale();
  const double square = (posterior.variance[0] - after.predict(points.row(0)).variance[0]) * noisy;

  constexpr int draws = 4000;
  double mean[3] = {}, variance[3] = {}, covariance = 0;
  for (int s = 0; s < draws; ++s) {
    const PosteriorDraw draw{models[0], points, random};
    double error[3];
    for (int i = 0; i < 3; ++i) {
      error[i] = value(draw, points.row(i)) - posterior.mean[i];
      mean[i] += error[i] / draws;
      variance[i] += error[i] * error[i] / draws;
    }
    covariance += error[0] * error[1] / draws;
  }
  for (int i = 0; i < 3; ++i) {
    const double deviation = std::sqrt(posterior.variance[i]);
    CHECK(std::fabs(mean[i]) < 4 * deviation / std::sqrt(draws));
    CHECK(variance[i] == Approx(posterior.variance[i]).epsilon(0.1));
  }
  CHECK(std::fabs(covariance) == Approx(std::sqrt(square)).epsilon(0.15).margin(0.02));
}

TEST_CASE("A draw goes through what it was drawn at, however often a point is given, and pending points do not count") {
  const auto models = support::models(1, 3), known = support::models(1);
  numeric::Random random{2}, again{2};
  EncodedPoints points = support::random_points(support::mixed_space(), 6, random);
  points.row(5) = points.row(0);
  again = random;
  GaussianProcess without = models[0];
  without.truncate(0);
  const PosteriorDraw draw{models[0], points, random}, same{without, points, again};
  for (Eigen::Index i = 0; i < points.rows(); ++i) {
    CHECK(std::isfinite(value(draw, points.row(i))));
    CHECK(value(draw, points.row(i)) == value(same, points.row(i)));
  }
}
