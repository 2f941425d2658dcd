#include <support/catch.hpp>

#include <hposearch/trial/point_set.hpp>

using namespace hposearch;

namespace {
EncodedPoint row(double a, double b) {
  EncodedPoint point(2);
  point << a, b;
  return point;
}
}  // namespace

TEST_CASE("A point set holds points by their exact coordinates") {
  PointSet set;
  set.insert(row(0.25, 0.5));
  CHECK(set.contains(row(0.25, 0.5)));
  CHECK_FALSE(set.contains(row(0.25, 0.5 + 1e-16 + 1e-15)));
  CHECK_FALSE(set.contains(row(0.5, 0.25)));
  CHECK(set.size() == 1);
}

TEST_CASE("A point inserted twice stays until it is erased twice") {
  PointSet set;
  set.insert(row(0, 1));
  set.insert(row(0, 1));
  CHECK(set.size() == 1);
  set.erase(row(0, 1));
  CHECK(set.contains(row(0, 1)));
  set.erase(row(0, 1));
  CHECK_FALSE(set.contains(row(0, 1)));
  set.erase(row(0, 1));  // erasing what is not there changes nothing
  CHECK(set.size() == 0);
}

TEST_CASE("The two zeros are one coordinate") {
  PointSet set;
  set.insert(row(-0.0, 0.5));
  CHECK(set.contains(row(0.0, 0.5)));
}

TEST_CASE("A space without free dimensions has one point") {
  PointSet set;
  set.insert(EncodedPoint(0));
  CHECK(set.contains(EncodedPoint(0)));
  CHECK(set.size() == 1);
}
