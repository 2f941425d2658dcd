#include <vector>

#include <support/catch.hpp>
#include <support/encoded_spaces.hpp>

#include <hposearch/error.hpp>
#include <hposearch/sampler/sobol.hpp>

using namespace hposearch;

TEST_CASE("Asks continue one sequence, whether one by one or together") {
  const EncodedSpace space = support::mixed_space();
  const SobolSampler sampler;
  const EncodedPoints together = sampler.suggest({space, History{5}, 3, 8, {}});
  History history{5};
  for (Eigen::Index i = 0; i < 8; ++i) {
    const EncodedPoints next = sampler.suggest({space, history, 3, 1, {}});
    CHECK(next.row(0) == together.row(i));
    history.create(next.row(0));
  }
}

TEST_CASE("Every power of two of points falls evenly into intervals of each dimension") {
  EncodedDimension category;
  category.kind = DimensionKind::categorical;
  category.cells = 4;
  const EncodedSpace space{{EncodedDimension{}, category, EncodedDimension{}}};
  const EncodedPoints points = SobolSampler{}.suggest({space, History{3}, 5, 64, {}});
  std::vector<int> intervals(64), categories(4);
  for (Eigen::Index i = 0; i < 64; ++i) {
    ++intervals[static_cast<std::size_t>(points(i, 0) * 64)];
    ++categories[space[1].cell(points(i, 1))];
  }
  for (const int count : intervals) CHECK(count == 1);
  for (const int count : categories) CHECK(count == 16);
}

TEST_CASE("Another seed scrambles differently") {
  const EncodedSpace space = support::mixed_space();
  const SobolSampler sampler;
  CHECK(sampler.suggest({space, History{5}, 1, 4, {}}) != sampler.suggest({space, History{5}, 2, 4, {}}));
}
