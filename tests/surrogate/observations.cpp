#include <support/catch.hpp>

#include <hposearch/surrogate/observations.hpp>

using namespace hposearch;

TEST_CASE("Two sets of observations share what is equal from the first on") {
  Observations a{.points = EncodedPoints::Random(4, 2), .losses = {1, 2, 3, 4}};
  CHECK(a.shared_prefix(a) == 4);
  CHECK(a.shared_prefix(a.head(3)) == 3);
  CHECK(a.head(3).shared_prefix(a) == 3);
  Observations loss = a, point = a;
  loss.losses[1] = 5;
  point.points(2, 1) += 1;
  CHECK(a.shared_prefix(loss) == 1);
  CHECK(a.shared_prefix(point) == 2);
  CHECK(a.shared_prefix(Observations{.points = EncodedPoints(0, 2), .losses = {}}) == 0);
  CHECK(a.shared_prefix(Observations{.points = EncodedPoints::Zero(4, 3), .losses = {1, 2, 3, 4}}) == 0);
}
