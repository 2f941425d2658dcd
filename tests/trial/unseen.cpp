#include <cmath>
#include <limits>

#include <support/catch.hpp>

#include <hposearch/trial/unseen.hpp>

using namespace hposearch;

namespace {

EncodedDimension discrete(DimensionKind kind, std::size_t cells) {
  EncodedDimension dimension;
  dimension.kind = kind;
  dimension.cells = cells;
  return dimension;
}

}  // namespace

TEST_CASE("A point that was not seen is only snapped") {
  const EncodedSpace space{{EncodedDimension{}, discrete(DimensionKind::ordered, 4)}};
  numeric::Random random{1};
  EncodedPoint point(2);
  point << 0.123, 0.30;
  CHECK(make_unseen(space, {}, point, random));
  CHECK(point[0] == 0.123);
  CHECK(point[1] == 0.375);
}

TEST_CASE("Coordinates outside the cube or not a number are brought inside") {
  const EncodedSpace space{{EncodedDimension{}, EncodedDimension{}, discrete(DimensionKind::categorical, 3)}};
  numeric::Random random{1};
  EncodedPoint point(3);
  point << std::numeric_limits<double>::quiet_NaN(), 7.0, -2.0;
  CHECK(make_unseen(space, {}, point, random));
  CHECK((point[0] >= 0 && point[0] <= 1));
  CHECK(point[1] == 1.0);
  CHECK(point[2] == 0.5 / 3);
}

TEST_CASE("A seen point with a real coordinate is moved a little") {
  const EncodedSpace space{{EncodedDimension{}, discrete(DimensionKind::categorical, 2)}};
  PointSet seen;
  EncodedPoint point(2);
  point << 0.5, 0.25;
  seen.insert(point);
  numeric::Random random{7};
  EncodedPoint moved = point;
  CHECK(make_unseen(space, seen, moved, random));
  CHECK_FALSE(seen.contains(moved));
  CHECK((moved[0] >= 0 && moved[0] <= 1));
}

TEST_CASE("Every point of a finite space is found exactly once") {
  const EncodedSpace space{{discrete(DimensionKind::ordered, 7), discrete(DimensionKind::categorical, 5),
                            discrete(DimensionKind::ordered, 3)}};
  PointSet seen;
  numeric::Random random{3};
  for (int i = 0; i < 7 * 5 * 3; ++i) {
    EncodedPoint point = EncodedPoint::Constant(3, 0.5);  // always the same proposal
    REQUIRE(make_unseen(space, seen, point, random));
    REQUIRE_FALSE(seen.contains(point));
    EncodedPoint snapped = point;
    space.snap(snapped);
    REQUIRE(snapped == point);
    seen.insert(point);
  }
  EncodedPoint point = EncodedPoint::Constant(3, 0.5);
  CHECK_FALSE(make_unseen(space, seen, point, random));
}

TEST_CASE("A near point is preferred in a finite space") {
  const EncodedSpace space{{discrete(DimensionKind::ordered, 1001)}};
  PointSet seen;
  EncodedPoint point = EncodedPoint::Constant(1, 0.5);
  space.snap(point);
  seen.insert(point);
  numeric::Random random{11};
  EncodedPoint moved = point;
  REQUIRE(make_unseen(space, seen, moved, random));
  CHECK(std::abs(moved[0] - point[0]) < 0.1);
}
