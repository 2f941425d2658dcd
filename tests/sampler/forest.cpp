#include <cmath>
#include <vector>

#include <support/catch.hpp>
#include <support/dimensions.hpp>
#include <support/sampler_properties.hpp>

#include <hposearch/sampler/forest.hpp>
#include <hposearch/sampler/random.hpp>

using namespace hposearch;
using support::categories;
using support::integers;
using support::real;

namespace {

ForestSamplerOptions small(ForestSamplerOptions options) {
  options.forest.trees = 10;
  options.candidates.global = 60;
  options.candidates.around = 5;
  return options;
}

template <class S, class F>
double best_of(const EncodedSpace& space, S sampler, std::uint64_t seed, std::size_t trials, F loss) {
  History history{space.size()};
  while (history.size() < trials) {
    EncodedPoint point = sampler.suggest({space, history, seed, 1, {}}).row(0);
    history.complete(history.create(point), loss(point));
  }
  return history.losses()[*history.best()];
}

}  // namespace

TEST_CASE("Forests keep to the cube, whatever the space and the losses") {
  const bool extra = GENERATE(false, true);
  support::check_sampler(
      [&] {
        return AnySampler{ForestSampler{small(extra ? ForestSamplerOptions::extra_trees() : ForestSamplerOptions{})}};
      },
      24, 24);
}

TEST_CASE("Forests find the best cells and category far sooner than random search") {
  const EncodedSpace space{{real(), real(), integers(20), categories(6), categories(4)}};
  const auto loss = [&](const EncodedPoint& u) {
    double sum = space[3].cell(u[3]) == 2 ? 0 : 0.5;
    sum += space[4].cell(u[4]) == 0 ? 0 : 0.2;
    for (Eigen::Index j = 0; j < 3; ++j) sum += (u[j] - 0.7) * (u[j] - 0.7);
    return sum;
  };
  double forest = 0, extra = 0, random = 0;
  for (std::uint64_t seed = 0; seed < 3; ++seed) {
    forest += best_of(space, ForestSampler{}, seed, 50, loss) / 3;
    extra += best_of(space, ForestSampler{ForestSamplerOptions::extra_trees()}, seed, 50, loss) / 3;
    random += best_of(space, RandomSampler{}, seed, 50, loss) / 3;
  }
  CAPTURE(forest, extra, random);
  CHECK(forest < 0.6 * random);
  CHECK(extra < 0.6 * random);
}

TEST_CASE("The best of a small finite space is found by trying few of it") {
  const EncodedSpace space{{integers(10), categories(6), integers(4)}};
  const auto loss = [&](const EncodedPoint& u) {
    return std::fabs(static_cast<double>(space[0].cell(u[0])) - 7) + (space[1].cell(u[1]) == 4 ? 0 : 3) +
           (space[2].cell(u[2]) == 1 ? 0 : 2);
  };
  for (std::uint64_t seed = 0; seed < 2; ++seed) CHECK(best_of(space, ForestSampler{}, seed, 60, loss) == 0);
}

TEST_CASE("Points in flight differ, and those that were seen are not proposed") {
  const EncodedSpace space{{integers(6), categories(5)}};
  History history{2};
  numeric::Random random{2};
  PointSet seen;
  for (int i = 0; i < 20; ++i) {
    EncodedPoint point = support::random_points(space, 1, random).row(0);
    history.complete(history.create(point), point[0]);
    seen.insert(point);
  }
  const std::size_t left = 30 - seen.size();
  const EncodedPoints points = ForestSampler{small({})}.suggest({space, history, 1, left, {}});
  for (Eigen::Index i = 0; i < points.rows(); ++i) {
    CHECK_FALSE(seen.contains(points.row(i)));
    seen.insert(points.row(i));
  }
  CHECK(seen.size() == 30);
}

TEST_CASE("Of many trials the better half and the newest are kept") {
  const EncodedSpace space = support::reals(2);
  History history{2};
  numeric::Random random{2};
  for (int i = 0; i < 300; ++i) {
    EncodedPoint point = support::random_points(space, 1, random).row(0);
    history.complete(history.create(point), std::fabs(point[0] - 0.25));
  }
  ForestSamplerOptions options;
  options.max_trials = 60;
  options.forest.trees = 20;
  CHECK(ForestSampler{options}.suggest({space, history, 1, 1, {}})(0, 0) == Approx(0.25).margin(0.05));
}

TEST_CASE("The forest sampler names an option that is out of range") {
  ForestSamplerOptions options;
  options.forest.trees = 0;
  CHECK_THROWS_AS(ForestSampler{options}, InvalidArgument);
  options = {};
  options.forest.tree.min_leaf = 0;
  CHECK_THROWS_AS(ForestSampler{options}, InvalidArgument);
  options = {};
  options.initial = 1;
  CHECK_THROWS_AS(ForestSampler{options}, InvalidArgument);
}
