#include "../../docs/examples/power_of_two.hpp"

#include <cstdint>

#include <support/catch.hpp>

TEST_CASE("The example of a dimension keeps its contract") {
  const PowerOfTwo dimension{"batch", 4, 12};
  const auto axis = dimension.encoded();
  REQUIRE(axis.cells == 9);
  for (std::size_t k = 0; k < axis.cells; ++k) {
    const double u = axis.centre(k);
    CHECK(dimension.decode(u) == std::int64_t{16} << k);
    CHECK(dimension.encode(dimension.decode(u)) == axis.snap(u));
  }
  CHECK(dimension.contains(4096));
  for (const std::int64_t wrong : {-16, 0, 8, 17, 8192}) {
    CHECK_FALSE(dimension.contains(wrong));
    CHECK_THROWS_AS(dimension.encode(wrong), hposearch::InvalidPoint);
  }
  CHECK_THROWS_AS(PowerOfTwo("batch", 3, 2), hposearch::InvalidSpace);
  CHECK_THROWS_AS(PowerOfTwo("batch", 0, 63), hposearch::InvalidSpace);
}
