#include <cmath>
#include <vector>

#include <support/acquisition_models.hpp>
#include <support/catch.hpp>

#include <hposearch/acquisition/fantasised_improvement.hpp>
#include <hposearch/numeric/normal.hpp>

using namespace hposearch;

TEST_CASE("Without pending points fantasies are the expected improvement") {
  const auto models = support::models(2);
  const auto parts = support::parts(models, -0.7);
  FantasisedImprovement fantasised{parts, 8, 5};
  LogExpectedImprovement plain{parts};
  numeric::Random random{3};
  const EncodedPoints points = support::random_points(support::mixed_space(), 6, random);
  const Eigen::ArrayXd with = fantasised(points), without = plain(points);
  for (Eigen::Index i = 0; i < points.rows(); ++i) CHECK(with[i] == Approx(without[i]).epsilon(1e-12));
}

TEST_CASE("Fantasies have the gradient of their values") {
  const auto models = support::models(2, 3);
  FantasisedImprovement acquisition{support::parts(models, -0.7), 16, 5};
  support::check_gradient(acquisition);
}

TEST_CASE("With one pending point the average over fantasies is an integral") {
  const auto models = support::models(1, 1);
  const GaussianProcess& model = models[0];
  const double incumbent = -0.2;
  FantasisedImprovement acquisition{support::parts(models, incumbent), 4096, 5};

  // The posterior of the pending point's noisy value, from the model without it.
  GaussianProcess before = model;
  before.truncate(0);
  before.prepare();
  EncodedPoint pending(model.dimensions());
  for (Eigen::Index j = 0; j < pending.size(); ++j) pending[j] = model.scaled_points()(19, j) / model.scales()[j];
  const Prediction there = before.predict(pending);
  const double noise = model.noise() * model.scale(), spread = there.variance[0] + noise;

  numeric::Random random{3};
  const EncodedPoints points = support::random_points(support::mixed_space(), 5, random);
  const Eigen::ArrayXd values = acquisition(points);
  for (Eigen::Index i = 0; i < points.rows(); ++i) {
    const Prediction here = before.predict(points.row(i)), after = model.predict(points.row(i));
    // cov(f(point), f(pending)) from what conditioning took off the variance; its sign from a draw's effect.
    const double covariance = std::sqrt(std::max(0.0, (here.variance[0] - after.variance[0]) * spread));
    const double deviation = std::sqrt(after.variance[0]);
    double best_error = 1e300;
    for (const double sign : {-1.0, 1.0}) {
      double sum = 0;
      constexpr int steps = 20000;
      for (int k = 0; k < steps; ++k) {
        const double z = numeric::quantile((k + 0.5) / steps), error = z * std::sqrt(spread);
        const double mean = here.mean[0] + sign * covariance / spread * error;
        const double found = there.mean[0] + there.variance[0] / spread * error;
        const double best = std::min(incumbent, found);
        sum += deviation * std::exp(numeric::log_h((best - mean) / deviation)) / steps;
      }
      best_error = std::min(best_error, std::fabs(values[i] - std::log(sum)));
    }
    CHECK(best_error < 0.01);
  }
}
