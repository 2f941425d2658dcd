// The parts in sampler/tpe/: densities against Optuna's, the split, thinning.
#include <cmath>
#include <cstddef>
#include <numeric>
#include <vector>

#include <support/catch.hpp>
#include <support/dimensions.hpp>
#include <support/encoded_spaces.hpp>
#include <support/tpe_reference.hpp>

#include <hposearch/sampler/tpe/observations.hpp>
#include <hposearch/sampler/tpe/parzen_estimator.hpp>
#include <hposearch/sampler/tpe/split.hpp>

using namespace hposearch;

namespace {

EncodedSpace reference_space() {
  using namespace support;
  return EncodedSpace{{real(), integers(9), log_integers(100), integers(9), categories(4)}};
}

EncodedPoint encoded(const EncodedSpace& space, const std::vector<double>& row) {
  EncodedPoint point(static_cast<Eigen::Index>(space.size()));
  for (std::size_t j = 0; j < space.size(); ++j) {
    point[static_cast<Eigen::Index>(j)] =
        space[j].discrete() ? space[j].centre(static_cast<std::size_t>(row[j])) : row[j];
  }
  return point;
}

}  // namespace

TEST_CASE("The good and the bad trials have Optuna's densities") {
  const EncodedSpace space = reference_space();
  std::vector<std::size_t> all(space.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  for (const auto& reference : tpe_reference::cases) {
    CAPTURE(reference.trials.size());
    History history{space.size()};
    for (const auto& row : reference.trials) history.complete(history.create(encoded(space, row)), row.back());
    const tpe::Split split = tpe::split(history, true);
    const auto none = EncodedPoints(0, static_cast<Eigen::Index>(space.size()));
    const auto below = tpe::observations(history, split.below, none, 10000);
    const auto above = tpe::observations(history, split.above, none, 10000);
    for (std::size_t set = 0; set <= space.size(); ++set) {
      const std::span<const std::size_t> dimensions =
          set == 0 ? std::span<const std::size_t>{all} : std::span<const std::size_t>{&all[set - 1], 1};
      const tpe::ParzenEstimator good{space, dimensions, below, 1};
      const tpe::ParzenEstimator bad{space, dimensions, above, 1};
      for (std::size_t c = 0; c < reference.candidates.size(); ++c) {
        CAPTURE(set, c);
        const EncodedPoint point = encoded(space, reference.candidates[c]);
        CHECK(good.log_density(point) == Approx(reference.below[set][c]).epsilon(1e-10).margin(1e-11));
        CHECK(bad.log_density(point) == Approx(reference.above[set][c]).epsilon(1e-10).margin(1e-11));
      }
    }
  }
}

TEST_CASE("Densities integrate to one, and samples follow them") {
  using namespace support;
  const EncodedSpace space{{real(), log_integers(7), categories(3)}};
  numeric::Random random{4};
  tpe::Observations observed;
  observed.points = random_points(space, 5, random);
  observed.weights = {0.5, 1, 1, 2, 1};
  const std::vector<std::size_t> all{0, 1, 2};
  const tpe::ParzenEstimator estimator{space, all, observed, 1};
  CHECK(estimator.weights().size() == 6);

  constexpr int steps = 400;
  double total = 0;
  std::vector<double> mass(21);
  EncodedPoint point(3);
  for (std::size_t a = 0; a < 7; ++a) {
    for (std::size_t b = 0; b < 3; ++b) {
      point[1] = space[1].centre(a);
      point[2] = space[2].centre(b);
      for (int i = 0; i < steps; ++i) {
        point[0] = (i + 0.5) / steps;
        mass[3 * a + b] += std::exp(estimator.log_density(point)) / steps;
      }
      total += mass[3 * a + b];
    }
  }
  CHECK(total == Approx(1).epsilon(1e-4));

  constexpr int draws = 20000;
  std::vector<double> counts(21);
  for (int i = 0; i < draws; ++i) {
    estimator.sample(point, random);
    REQUIRE((point[0] >= 0 && point[0] <= 1));
    counts[3 * space[1].cell(point[1]) + space[2].cell(point[2])] += 1;
  }
  for (std::size_t k = 0; k < 21; ++k) {
    CHECK(std::fabs(counts[k] / draws - mass[k]) < 5 * std::sqrt(mass[k] / draws));
  }
}

TEST_CASE("A tenth of the trials, at most 25, are good ones") {
  CHECK(tpe::gamma(0) == 0);
  CHECK(tpe::gamma(1) == 1);
  CHECK(tpe::gamma(10) == 1);
  CHECK(tpe::gamma(11) == 2);
  CHECK(tpe::gamma(1000) == 25);

  History history{1};
  const auto add = [&] {
    return history.create(EncodedPoint::Constant(1, 0.01 * static_cast<double>(history.size())));
  };
  for (const double loss : {5.0, 1.0, 3.0, 1.0, 9.0, 7.0, 8.0, 6.0, 4.0, 2.0}) history.complete(add(), loss);
  history.end(add(), TrialState::failed);
  history.end(add(), TrialState::pruned);
  history.end(add(), TrialState::cancelled);
  add();
  const auto split = tpe::split(history, true);
  CHECK(split.below == std::vector<TrialId>{1, 3});  // of 11 completed or pruned; the first of equals
  CHECK(split.above == std::vector<TrialId>{0, 2, 4, 5, 6, 7, 8, 9, 10, 11, 13});
  CHECK(tpe::split(history, false).above == std::vector<TrialId>{0, 2, 4, 5, 6, 7, 8, 9, 10, 11});
}

TEST_CASE("Old trials weigh less") {
  CHECK(tpe::age_weight(0, 24) == 1);
  CHECK(tpe::age_weight(0, 25) == 1);
  CHECK(tpe::age_weight(0, 26) == 1.0 / 26);
  CHECK(tpe::age_weight(0, 35) == 1.0 / 35);
  CHECK(tpe::age_weight(9, 35) == Approx(1));
  CHECK(tpe::age_weight(10, 35) == 1);
  CHECK(tpe::age_weight(34, 35) == 1);
}

TEST_CASE("Evenly spaced trials stand for very many") {
  History history{1};
  std::vector<TrialId> ids;
  for (int i = 0; i < 1000; ++i) ids.push_back(history.create(EncodedPoint::Constant(1, i / 1000.0)));
  const EncodedPoints newer = EncodedPoints::Constant(1, 1, 0.9995);
  const auto thinned = tpe::observations(history, ids, newer, 100);
  REQUIRE(thinned.size() == 100);
  CHECK(thinned.points(99, 0) == 0.9995);
  const auto total = [](const tpe::Observations& observations) {
    double sum = 0;
    for (const double weight : observations.weights) sum += weight;
    return sum;
  };
  const auto complete = tpe::observations(history, ids, newer, 2000);
  REQUIRE(complete.size() == 1001);
  CHECK(total(thinned) == Approx(total(complete)).epsilon(0.02));
}
