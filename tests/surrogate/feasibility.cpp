#include <cmath>
#include <cstddef>

#include <support/catch.hpp>
#include <support/encoded_spaces.hpp>

#include <hposearch/numeric/random.hpp>
#include <hposearch/surrogate/feasibility.hpp>

using namespace hposearch;

namespace {

// Fails where the first coordinate is above `border`.
Observations outcomes(std::size_t count, double border) {
  numeric::Random random{7};
  Observations result{.points = support::random_points(support::mixed_space(), count, random), .losses = {}};
  for (std::size_t i = 0; i < count; ++i) {
    result.losses.push_back(result.points(static_cast<Eigen::Index>(i), 0) > border ? 1 : 0);
  }
  return result;
}

double failures(const Observations& all) {
  double sum = 0;
  for (const double failed : all.losses) sum += failed;
  return sum;
}

Eigen::ArrayXd along_the_first(const Feasibility& model, double from, double to) {
  numeric::Random random{8};
  EncodedPoints points = support::random_points(support::mixed_space(), 20, random);
  for (Eigen::Index i = 0; i < points.rows(); ++i) {
    points(i, 0) = from + (to - from) * static_cast<double>(i) / 19;
  }
  return model(points).exp();
}

}  // namespace

TEST_CASE("Success is likely where trials succeeded, and unlikely where they failed") {
  Feasibility model{support::mixed_space(), {}, 1};
  model.condition(outcomes(60, 0.6));
  CHECK(along_the_first(model, 0.02, 0.4).minCoeff() > 0.8);
  CHECK(along_the_first(model, 0.8, 0.98).maxCoeff() < 0.2);
}

TEST_CASE("A few failures in a long history are not forgotten") {
  const Observations all = outcomes(3000, 0.995);
  REQUIRE(failures(all) >= 3);
  REQUIRE(failures(all) < 30);
  Feasibility model{support::mixed_space(), {}, 1};
  model.condition(all);
  const Eigen::ArrayXd inside = along_the_first(model, 0.02, 0.7);
  CHECK(inside.isFinite().all());
  CHECK(inside.minCoeff() > 0.7);
  CHECK(along_the_first(model, 0.998, 1).mean() < 0.5);
}

TEST_CASE("A few successes in a long history are not forgotten") {
  const Observations all = outcomes(3000, 0.005);
  REQUIRE(failures(all) > 2970);
  REQUIRE(failures(all) <= 2997);
  Feasibility model{support::mixed_space(), {}, 1};
  model.condition(all);
  const Eigen::ArrayXd inside = along_the_first(model, 0.3, 0.98);
  CHECK(inside.isFinite().all());
  CHECK(inside.maxCoeff() < 0.2);
  CHECK(along_the_first(model, 0, 0.002).mean() > 0.3);
}

TEST_CASE("The logarithm's derivatives are those of differences") {
  Feasibility model{support::mixed_space(), {}, 1};
  model.condition(outcomes(40, 0.7));
  constexpr double step = 1e-6;
  for (const double mean : {-1.5, 0.0, 0.3, 2.0, 6.0}) {
    for (const double variance : {0.01, 0.4, 1.0}) {
      const auto here = model.log_probability(mean, variance);
      const auto by = [&](double m, double v) { return model.log_probability(m, v).value; };
      CHECK(here.by_mean == Approx((by(mean + step, variance) - by(mean - step, variance)) / (2 * step)).epsilon(1e-5));
      CHECK(here.by_variance ==
            Approx((by(mean, variance + step) - by(mean, variance - step)) / (2 * step)).epsilon(1e-4).margin(1e-7));
    }
  }
}
