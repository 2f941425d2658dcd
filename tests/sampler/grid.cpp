#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include <support/catch.hpp>
#include <support/dimensions.hpp>
#include <support/sampler_properties.hpp>

#include <hposearch/sampler/grid.hpp>
#include <hposearch/trial/point_set.hpp>

using namespace hposearch;
using support::categories;
using support::integers;
using support::real;

namespace {

EncodedPoints first(const EncodedSpace& space, std::size_t count, GridOptions options = {},
                    std::optional<std::size_t> budget = {}) {
  return GridSampler{options}.suggest({space, History{space.size()}, 1, count, budget});
}

std::size_t distinct(const EncodedPoints& points) {
  PointSet set;
  for (Eigen::Index i = 0; i < points.rows(); ++i) set.insert(points.row(i));
  return set.size();
}

}  // namespace

TEST_CASE("Grids keep to the cube, whatever the space and the losses") {
  support::check_sampler([] { return AnySampler{GridSampler{}}; }, 40, 40);
}

TEST_CASE("A grid has every combination once, the ends of real dimensions among them") {
  const EncodedSpace space{{real(), categories(3), integers(2)}};
  GridOptions options;
  options.levels = 4;
  const EncodedPoints points = first(space, 24, options);
  CHECK(distinct(points) == 24);
  std::set<double> values(points.col(0).begin(), points.col(0).end());
  REQUIRE(values.size() == 4);
  auto value = values.begin();
  for (const double expected : {0.0, 1.0 / 3, 2.0 / 3, 1.0}) CHECK(*value++ == Approx(expected));
}

TEST_CASE("After the grid come ever finer values, and no point twice") {
  const EncodedSpace space{{real(), real(), categories(2)}};
  GridOptions options;
  options.levels = 3;
  const EncodedPoints points = first(space, 18 + 8 + 32 + 128, options);
  CHECK(distinct(points) == 18 + 8 + 32 + 128);
  for (Eigen::Index i = 18; i < 26; ++i) {
    CHECK((points(i, 0) == 0.25 || points(i, 0) == 0.75));
    CHECK((points(i, 1) == 0.25 || points(i, 1) == 0.75));
  }
}

TEST_CASE("The grid of a finite space is the space") {
  const EncodedSpace space{{integers(7), categories(4), integers(3)}};
  CHECK(distinct(first(space, 84)) == 84);
}

TEST_CASE("A part of the grid is spread over all of it") {
  const EncodedSpace space{{real(), integers(8), categories(6)}};
  GridOptions options;
  options.levels = 11;
  const EncodedPoints points = first(space, 24, options);
  for (Eigen::Index j = 0; j < 3; ++j) {
    int low = 0;
    std::set<double> values;
    for (Eigen::Index i = 0; i < 24; ++i) {
      low += points(i, j) < 0.5 ? 1 : 0;
      values.insert(points(i, j));
    }
    CHECK(low >= 8);
    CHECK(low <= 16);
    CHECK(values.size() >= 5);
  }
}

TEST_CASE("The budget decides on the number of values") {
  const EncodedSpace space{{real(), real(), categories(2)}};
  const EncodedPoints points = first(space, 32, {}, 40);  // 4 x 4 x 2
  CHECK(distinct(points) == 32);
  CHECK(std::set<double>(points.col(0).begin(), points.col(0).end()).size() == 4);
}

TEST_CASE("A grid that nobody can complete is tried here and there") {
  const EncodedPoints points = first(support::reals(60), 50);
  CHECK(distinct(points) == 50);
  for (Eigen::Index i = 0; i < points.size(); ++i) {
    const double quarters = 4 * points.data()[i];
    CHECK(quarters == std::floor(quarters));
  }
}

TEST_CASE("A grid of one level is refused") {
  GridOptions options;
  options.levels = 1;
  CHECK_THROWS_AS(GridSampler{options}, InvalidArgument);
}
