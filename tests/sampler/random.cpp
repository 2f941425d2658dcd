#include <vector>

#include <support/catch.hpp>
#include <support/encoded_spaces.hpp>

#include <hposearch/sampler/random.hpp>

using namespace hposearch;

TEST_CASE("Random points are uniform in reals and equal among linear cells and categories") {
  const EncodedSpace space = support::mixed_space();
  const RandomSampler sampler;
  const EncodedPoints points = sampler.suggest({space, History{5}, 1, 6000, {}});
  CHECK(points.col(0).mean() == Approx(0.5).margin(0.02));
  CHECK(points.col(0).minCoeff() < 0.01);
  CHECK(points.col(0).maxCoeff() > 0.99);
  std::vector<int> cells(6), categories(3);
  for (Eigen::Index i = 0; i < points.rows(); ++i) {
    ++cells[space[2].cell(points(i, 2))];
    ++categories[space[4].cell(points(i, 4))];
  }
  for (const int count : cells) CHECK(count == Approx(1000).margin(120));
  for (const int count : categories) CHECK(count == Approx(2000).margin(170));
}

TEST_CASE("Random points depend on the seed and the number of trials") {
  const EncodedSpace space = support::mixed_space();
  const RandomSampler sampler;
  History history{5};
  const EncodedPoints first = sampler.suggest({space, history, 1, 3, {}});
  CHECK(sampler.suggest({space, history, 1, 3, {}}) == first);
  CHECK(sampler.suggest({space, history, 2, 3, {}}) != first);
  history.create(first.row(0));
  CHECK(sampler.suggest({space, history, 1, 3, {}}) != first);
}
