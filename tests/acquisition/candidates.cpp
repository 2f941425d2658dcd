#include <set>
#include <vector>

#include <support/catch.hpp>
#include <support/encoded_spaces.hpp>

#include <hposearch/acquisition/candidates.hpp>
#include <hposearch/numeric/random.hpp>

using namespace hposearch;

namespace {

bool canonical(const EncodedSpace& space, const EncodedPoints& points) {
  for (Eigen::Index i = 0; i < points.rows(); ++i) {
    for (Eigen::Index j = 0; j < points.cols(); ++j) {
      const double u = points(i, j);
      if (!(u >= 0 && u <= 1 && u == space[static_cast<std::size_t>(j)].snap(u))) return false;
    }
  }
  return true;
}

}  // namespace

TEST_CASE("Quasi-random points continue and stay canonical, also where Sobol numbers end") {
  numeric::Random random{1};
  for (const std::size_t d : {std::size_t{5}, numeric::Sobol::max_dimensions + 1}) {
    const EncodedSpace space = support::random_space(d, random);
    CHECK(canonical(space, quasi_random_points(space, 3, 0, 6)));
  }
  const EncodedSpace space = support::mixed_space();
  CHECK(quasi_random_points(space, 3, 0, 6).bottomRows(2) == quasi_random_points(space, 3, 4, 2));
}

TEST_CASE("All points of a finite space are enumerated once") {
  std::vector<EncodedDimension> dimensions(3);
  for (auto& dimension : dimensions) {
    dimension.kind = DimensionKind::categorical;
    dimension.cells = 2 + static_cast<std::size_t>(&dimension - dimensions.data());
  }
  const EncodedPoints points = all_points(EncodedSpace{dimensions});
  std::set<std::vector<double>> different;
  for (Eigen::Index i = 0; i < points.rows(); ++i) different.insert({points.row(i).begin(), points.row(i).end()});
  CHECK(points.rows() == 24);
  CHECK(different.size() == 24);
}

TEST_CASE("Perturbations are canonical, differ from their centre, and stay near it in numeric dimensions") {
  const EncodedSpace space = support::mixed_space();
  numeric::Random random{2};
  const EncodedPoint centre = support::random_points(space, 1, random).row(0);
  EncodedPoints points(200, 5);
  perturb(space, centre, EncodedPoint::Constant(5, 0.01), 20, random, points);
  CHECK(canonical(space, points));
  int flipped = 0;
  for (Eigen::Index i = 0; i < points.rows(); ++i) {
    CHECK((points.row(i) - centre).head(2).cwiseAbs().maxCoeff() < 0.06);
    flipped += points(i, 4) != centre[4];
  }
  CHECK(flipped > 20);
  CHECK(flipped < 120);
}

TEST_CASE("Discrete neighbours differ in one discrete dimension each") {
  const EncodedSpace space = support::mixed_space();
  numeric::Random random{3};
  const EncodedPoint point = support::random_points(space, 1, random).row(0);
  const EncodedPoints around = discrete_neighbours(space, point, 96, random);
  CHECK(canonical(space, around));
  CHECK(around.rows() >= 2 + 2 + 2);
  for (Eigen::Index i = 0; i < around.rows(); ++i) {
    CHECK((around.row(i).array() != point.array()).count() == 1);
    CHECK(around.row(i).head(2) == point.head(2));
  }
}

TEST_CASE("Of very many categories a few are tried") {
  EncodedDimension wide;
  wide.kind = DimensionKind::categorical;
  wide.cells = 1000;
  const EncodedSpace space{{wide}};
  numeric::Random random{4};
  const EncodedPoint point = EncodedPoint::Constant(1, wide.centre(17));
  const EncodedPoints around = discrete_neighbours(space, point, 96, random);
  CHECK(around.rows() == 24);
  CHECK((around.array() != point[0]).all());
  CHECK(discrete_neighbours(space, point, 10, random).rows() == 10);
}
