#include <algorithm>
#include <vector>

#include <support/catch.hpp>
#include <support/encoded_spaces.hpp>

#include <hposearch/sampler/initial_design.hpp>

using namespace hposearch;

TEST_CASE("The default point is the declared one, else the centre") {
  std::vector<EncodedDimension> dimensions(3);
  dimensions[0].initial = 0.9;
  dimensions[2].kind = DimensionKind::ordered;
  dimensions[2].cells = 5;
  const EncodedPoint point = default_point(EncodedSpace{dimensions});
  CHECK(point[0] == 0.9);
  CHECK(point[1] == 0.5);
  CHECK(point[2] == 0.5);
}

TEST_CASE("Each interval of a dimension and each category gets its share of the design") {
  const EncodedSpace space = support::mixed_space();
  const EncodedPoints points = spread_out_design(space, 9, 3);
  std::vector<int> intervals(9), categories(3);
  for (Eigen::Index i = 0; i < points.rows(); ++i) {
    ++intervals[static_cast<std::size_t>(points(i, 1) * 9)];
    ++categories[space[4].cell(points(i, 4))];
  }
  for (const int count : intervals) CHECK(count == 1);
  for (const int count : categories) CHECK(count == 3);
}

TEST_CASE("The design keeps its points farther apart than random hypercubes do") {
  const EncodedSpace space{std::vector<EncodedDimension>(2)};
  const auto closest = [&](const EncodedPoints& points) {
    double distance = 10;
    for (Eigen::Index i = 0; i < points.rows(); ++i) {
      for (Eigen::Index k = 0; k < i; ++k) {
        distance = std::min(distance, detail::squared_distance(space, points.row(i), points.row(k)));
      }
    }
    return distance;
  };
  numeric::Random random{1};
  int better = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const EncodedPoints design = spread_out_design(space, 7, seed);
    better += closest(design) > closest(detail::latin_hypercube(space, 7, random));
  }
  CHECK(better >= 15);
}

TEST_CASE("The design depends on its seed and its size only, and may be empty") {
  const EncodedSpace space = support::mixed_space();
  CHECK(spread_out_design(space, 6, 1) == spread_out_design(space, 6, 1));
  CHECK(spread_out_design(space, 6, 1) != spread_out_design(space, 6, 2));
  CHECK(spread_out_design(space, 0, 1).rows() == 0);
}
