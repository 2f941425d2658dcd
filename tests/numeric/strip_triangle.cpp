#include <Eigen/Core>
#include <support/catch.hpp>

#include <hposearch/numeric/strip_triangle.hpp>

using Eigen::Index;
using hposearch::numeric::strips_for;
using hposearch::numeric::StripTriangle;

TEST_CASE("rows are counted in strips") {
  static_assert(strips_for(0) == 0 && strips_for(1) == 1 && strips_for(8) == 1 && strips_for(9) == 2);
  SUCCEED();
}

TEST_CASE("every element of a triangle has its own place, and keeps it while rows are added") {
  StripTriangle triangle;
  const auto value = [](Index i, Index p) { return static_cast<double>(1000 * i + p); };
  for (Index rows = 1; rows <= 50; ++rows) {
    triangle.reserve(rows);
    for (Index p = 0; p < rows; ++p) triangle(rows - 1, p) = value(rows - 1, p);
  }
  const StripTriangle copy = triangle;
  for (Index i = 0; i < 50; ++i) {
    for (Index p = 0; p <= i; ++p) {
      REQUIRE(copy(i, p) == value(i, p));
      REQUIRE(copy[i / 8][8 * p + i % 8] == value(i, p));
    }
  }
}

TEST_CASE("what was never written is zero") {
  StripTriangle triangle;
  triangle.reserve(20);
  for (Index s = 0; s < 3; ++s) {
    for (Index k = 0; k < 64 * (s + 1); ++k) REQUIRE(triangle[s][k] == 0);
    for (Index k = 0; k < 8; ++k) REQUIRE(triangle.reciprocals(s)[k] == 0);
  }
}
