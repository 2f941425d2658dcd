#include <cmath>
#include <memory>

#include <support/acquisition_models.hpp>
#include <support/catch.hpp>

#include <hposearch/acquisition/expected_improvement.hpp>
#include <hposearch/acquisition/log_feasibility.hpp>
#include <hposearch/acquisition/lower_confidence_bound.hpp>
#include <hposearch/acquisition/probability_of_improvement.hpp>
#include <hposearch/acquisition/product.hpp>

using namespace hposearch;

namespace {

// Trials fail where the first coordinate is above a half.
Feasibility half_feasible() {
  numeric::Random random{4};
  Observations outcomes{.points = support::random_points(support::mixed_space(), 40, random), .losses = {}};
  for (Eigen::Index i = 0; i < 40; ++i) outcomes.losses.push_back(outcomes.points(i, 0) > 0.5 ? 1 : 0);
  Feasibility model{support::mixed_space(), {}, 1};
  model.condition(outcomes);
  return model;
}

}  // namespace

TEST_CASE("Feasibility is likely where trials succeeded and unlikely where they failed") {
  const Feasibility model = half_feasible();
  EncodedPoints points = EncodedPoints::Constant(2, 5, 0.5);
  points(0, 0) = 0.2;
  points(1, 0) = 0.8;
  const Eigen::ArrayXd logarithms = model(points);
  CHECK(std::exp(logarithms[0]) > 0.8);
  CHECK(std::exp(logarithms[1]) < 0.2);
  LogFeasibility acquisition{model};
  support::check_gradient(acquisition);
}

TEST_CASE("A probability is multiplied into what is positive and added to logarithms and to bounds") {
  const auto models = support::models(2);
  const auto parts = support::parts(models, -0.5);
  const Feasibility model = half_feasible();
  numeric::Random random{12};
  const EncodedPoints points = support::random_points(support::mixed_space(), 5, random);
  const Eigen::ArrayXd logarithms = model(points);
  const auto check = [&](auto utility) {
    using Over = UtilityOverModels<decltype(utility)>;
    Over base{parts};
    AcquisitionProduct product{std::make_unique<Over>(parts), std::make_unique<LogFeasibility>(model)};
    CHECK(product.measure() == base.measure());
    support::check_gradient(product);
    const Eigen::ArrayXd alone = base(points), together = product(points);
    for (Eigen::Index i = 0; i < points.rows(); ++i) {
      const bool positive = base.measure() == Measure::positive;
      CHECK(together[i] == Approx(positive ? alone[i] * std::exp(logarithms[i]) : alone[i] + logarithms[i]));
    }
  };
  check(ExpectedImprovement{});
  check(LogProbabilityOfImprovement{});
  check(LowerConfidenceBound{});
}
