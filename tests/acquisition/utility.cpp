#include <cmath>

#include <support/acquisition_models.hpp>
#include <support/acquisition_reference.hpp>
#include <support/catch.hpp>

#include <hposearch/acquisition/expected_improvement.hpp>
#include <hposearch/acquisition/lower_confidence_bound.hpp>
#include <hposearch/acquisition/probability_of_improvement.hpp>
#include <hposearch/acquisition/utility.hpp>

using namespace hposearch;

TEST_CASE("Expected improvement and its derivatives are those of mpmath") {
  for (const auto& row : reference::acquisitions) {
    const auto [value, by_mean, by_deviation] = ExpectedImprovement{}(row.mean, row.deviation, row.incumbent);
    const double z = (row.incumbent - row.mean) / row.deviation;
    // deviation (pdf + z cdf) cancels below zero: its logarithm is what log_expected_improvement.hpp is for.
    const double lost = 1e-15 * row.deviation * (1 + std::fabs(z));
    CHECK(value == Approx(row.improvement).epsilon(1e-10).margin(lost));
    CHECK(by_mean == Approx(row.improvement_by_mean).epsilon(1e-12).margin(1e-300));
    CHECK(by_deviation == Approx(row.improvement_by_deviation).epsilon(1e-10).margin(1e-300));
  }
}

TEST_CASE("The logarithm of the probability of improvement and its derivatives are those of mpmath") {
  for (const auto& row : reference::acquisitions) {
    const auto [value, by_mean, by_deviation] =
        LogProbabilityOfImprovement{.least = 0}(row.mean, row.deviation, row.incumbent);
    CHECK(value == Approx(row.log_probability).epsilon(1e-12).margin(1e-300));
    CHECK(by_mean == Approx(row.log_probability_by_mean).epsilon(1e-10).margin(1e-300));
    CHECK(by_deviation == Approx(row.log_probability_by_deviation).epsilon(1e-10).margin(1e-300));
  }
}

TEST_CASE("A least improvement moves the incumbent") {
  const auto shifted = LogProbabilityOfImprovement{.least = 0.25}(0.5, 2, 1);
  const auto plain = LogProbabilityOfImprovement{.least = 0}(0.5, 2, 0.75);
  CHECK(shifted.value == plain.value);
  CHECK(ExpectedImprovement{.least = 0.25}(0.5, 2, 1).value == ExpectedImprovement{}(0.5, 2, 0.75).value);
}

TEST_CASE("The confidence bound is kappa deviations below the mean") {
  const auto [value, by_mean, by_deviation] = LowerConfidenceBound{}(0.5, 2, 100);
  CHECK(value == Approx(1.96 * 2 - 0.5));
  CHECK(by_mean == -1);
  CHECK(by_deviation == 1.96);
}

TEST_CASE("Utilities are averaged over models by weight, with a gradient") {
  const auto models = support::models(3);
  for (const double incumbent : {-0.7, 2.0}) {
    const auto parts = support::parts(models, incumbent);
    UtilityOverModels<ExpectedImprovement> improvement{parts};
    UtilityOverModels<LogProbabilityOfImprovement> probability{parts};
    UtilityOverModels<LowerConfidenceBound> bound{parts};
    support::check_gradient(improvement);
    support::check_gradient(probability);
    support::check_gradient(bound);

    numeric::Random random{12};
    const EncodedPoints points = support::random_points(support::mixed_space(), 6, random);
    const Eigen::ArrayXd improvements = improvement(points), probabilities = probability(points),
                         bounds = bound(points);
    for (Eigen::Index i = 0; i < points.rows(); ++i) {
      double ei = 0, pi = 0, lcb = 0, total = 0;
      for (const auto& part : parts) {
        const Prediction at = part.model->predict(points.row(i));
        const double weight = std::exp(part.log_weight), deviation = std::sqrt(at.variance[0]);
        ei += weight * ExpectedImprovement{}(at.mean[0], deviation, incumbent).value;
        pi += weight * std::exp(LogProbabilityOfImprovement{}(at.mean[0], deviation, incumbent).value);
        lcb += weight * (1.96 * deviation - at.mean[0]);
        total += weight;
      }
      CHECK(improvements[i] == Approx(ei / total));
      CHECK(probabilities[i] == Approx(std::log(pi / total)));
      CHECK(bounds[i] == Approx(lcb / total));
    }
    CHECK((improvement.screen(points) >= improvements).all());
    CHECK((bound.screen(points) >= bounds).all());
  }
}
