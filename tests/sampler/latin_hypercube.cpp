#include <optional>
#include <vector>

#include <support/catch.hpp>
#include <support/dimensions.hpp>
#include <support/sampler_properties.hpp>

#include <hposearch/sampler/latin_hypercube.hpp>

using namespace hposearch;

namespace {

// Whether each of rows.rows() intervals of every real axis holds one row.
bool is_latin(const EncodedPoints& rows) {
  for (Eigen::Index j = 0; j < rows.cols(); ++j) {
    std::vector<int> hits(static_cast<std::size_t>(rows.rows()));
    for (Eigen::Index i = 0; i < rows.rows(); ++i) {
      ++hits[static_cast<std::size_t>(rows(i, j) * static_cast<double>(rows.rows()))];
    }
    if (hits != std::vector<int>(hits.size(), 1)) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("Latin hypercubes keep to the cube, whatever the space and the losses") {
  support::check_sampler([] { return AnySampler{LatinHypercubeSampler{}}; }, 30, 30);
}

TEST_CASE("The budget is one design, and what follows another") {
  const EncodedSpace space = support::reals(4);
  LatinHypercubeSampler sampler;
  History history{4};
  EncodedPoints points(40, 4);
  while (history.size() < 40) {
    const std::size_t count = history.size() % 3 + 1;
    const EncodedPoints next = sampler.suggest({space, history, 9, count, 20});
    for (Eigen::Index i = 0; i < next.rows() && history.size() < 40; ++i) {
      points.row(static_cast<Eigen::Index>(history.size())) = next.row(i);
      history.create(next.row(i));
    }
  }
  CHECK(is_latin(points.topRows(20)));
  CHECK(is_latin(points.bottomRows(20)));
  CHECK(points.topRows(20) != points.bottomRows(20));
}

TEST_CASE("A design's size can be chosen") {
  LatinHypercubeOptions options;
  options.size = 7;
  CHECK(is_latin(LatinHypercubeSampler{options}.suggest({support::reals(3), History{3}, 1, 7, 100})));
  CHECK(is_latin(LatinHypercubeSampler{}.suggest({support::reals(3), History{3}, 1, 30, {}})));
  options.size = 0;
  CHECK_THROWS_AS(LatinHypercubeSampler{options}, InvalidArgument);
}

TEST_CASE("Every category comes equally often in a design that is a multiple of them") {
  const EncodedSpace space{{support::categories(5), support::integers(10)}};
  const EncodedPoints points = LatinHypercubeSampler{}.suggest({space, History{2}, 3, 20, 20});
  std::vector<int> categories(5), integers(10);
  for (Eigen::Index i = 0; i < 20; ++i) {
    ++categories[space[0].cell(points(i, 0))];
    ++integers[space[1].cell(points(i, 1))];
  }
  CHECK(categories == std::vector<int>(5, 4));
  CHECK(integers == std::vector<int>(10, 2));
}
