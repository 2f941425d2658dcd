#include <vector>

#include <support/catch.hpp>

#include <hposearch/sampler/outcomes.hpp>

using namespace hposearch;

namespace {

// Completed with 1, 3 and 2 and in that order; failed; pruned at 1.5, at 9 and without a report.
History mixed() {
  History history{1};
  for (int i = 0; i < 8; ++i) history.create(EncodedPoint::Constant(1, 0.1 * i));
  history.complete(4, 1);
  history.complete(0, 3);
  history.end(1, TrialState::failed);
  history.complete(2, 2);
  history.end(3, TrialState::pruned, 1.5);
  history.end(5, TrialState::pruned, 9);
  history.end(6, TrialState::pruned);
  history.end(7, TrialState::cancelled);
  return history;
}

}  // namespace

TEST_CASE(
    "Models learn losses in the order of ending, failures as the worst and pruned trials as no better than half") {
  const History history = mixed();
  const Observations with = objective_observations(history, true), without = objective_observations(history, false);
  CHECK(with.losses == std::vector<double>{1, 3, 3, 2, 2, 9, 2});
  CHECK(without.losses == std::vector<double>{1, 3, 2, 2, 9, 2});
  REQUIRE(without.points.rows() == 6);
  CHECK(without.points(0, 0) == 0.4);
  CHECK(without.points(3, 0) == Approx(0.3));
}

TEST_CASE("A pruned trial before any completed one is left out") {
  History history{1};
  history.create(EncodedPoint::Constant(1, 0.5));
  history.end(0, TrialState::pruned, 1);
  CHECK(objective_observations(history, true).size() == 0);
}

TEST_CASE("Outcomes are those of trials that completed or failed") {
  const Observations outcomes = outcome_observations(mixed());
  CHECK(outcomes.losses == std::vector<double>{0, 0, 1, 0});
  CHECK(outcomes.points.rows() == 4);
}
