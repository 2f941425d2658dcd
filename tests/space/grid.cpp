#include <cmath>
#include <cstddef>
#include <limits>

#include <support/catch.hpp>

#include <hposearch/space/grid.hpp>

namespace hpo = hposearch;

TEST_CASE("A grid of short decimals has the doubles that are written so") {
  const hpo::Grid tenths{0, 1, 0.1};
  REQUIRE(tenths.size() == 11);
  const double written[] = {0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1};
  for (std::size_t k = 0; k < 11; ++k) CHECK(tenths[k] == written[k]);

  const hpo::Grid offset{-0.15, 0.45, 0.05};
  CHECK(offset[1] == -0.1);
  CHECK(offset[2] == -0.05);
  CHECK(offset[3] == 0.0);
  CHECK(offset[12] == 0.45);

  const hpo::Grid fine{1e-6, 1e-5, 1e-6};
  CHECK(fine[2] == 3e-6);
  CHECK(fine[6] == 7e-6);
}

TEST_CASE("A grid that no short decimals describe still ends at its bounds") {
  const double third = 1.0 / 3;
  const hpo::Grid grid{0, 1, third};
  REQUIRE(grid.size() == 4);
  CHECK(grid[0] == 0);
  CHECK(grid[1] == third);
  CHECK(grid[3] == 1);

  const hpo::Grid huge{0, 1e300, 1e299};
  CHECK(huge.size() == 11);
  CHECK(huge[5] == Approx(5e299));
  CHECK(huge[10] == 1e300);
}

TEST_CASE("A step fits when it divides the range but for rounding") {
  CHECK(hpo::Grid::fits(0, 1, 0.1));
  CHECK(hpo::Grid::fits(0.1, 1, 0.1));
  CHECK(hpo::Grid::fits(0, 1, 1.0 / 3));
  CHECK(hpo::Grid::fits(0, 1, 1));
  CHECK(hpo::Grid::fits(-1e6, 1e6, 0.001));
  CHECK_FALSE(hpo::Grid::fits(0, 1, 0.3));
  CHECK_FALSE(hpo::Grid::fits(0, 1, 2));
  CHECK_FALSE(hpo::Grid::fits(0, 1, 0.333333));
  // Steps below the distance of neighbouring doubles.
  CHECK_FALSE(hpo::Grid::fits(1e17, 2e17, 1));
}

TEST_CASE("A grid finds its values, rounded ones included, and no others") {
  const hpo::Grid grid{0, 1, 0.1};
  for (std::size_t k = 0; k < grid.size(); ++k) {
    CHECK(grid.find(grid[k]) == k);
    CHECK(grid.find(0.1 * static_cast<double>(k)) == k);  // 0.30000000000000004 among them
  }
  CHECK_FALSE(grid.find(0.05));
  CHECK_FALSE(grid.find(0.1001));
  CHECK_FALSE(grid.find(-0.1));
  CHECK_FALSE(grid.find(1.1));
  CHECK_FALSE(grid.find(std::numeric_limits<double>::quiet_NaN()));
  CHECK_FALSE(grid.find(std::numeric_limits<double>::infinity()));
}
