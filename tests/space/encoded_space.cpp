#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include <support/catch.hpp>

#include <hposearch/space/encoded_space.hpp>

namespace hpo = hposearch;

namespace {

[[nodiscard]] hpo::EncodedDimension dimension(hpo::DimensionKind kind, std::size_t cells) {
  hpo::EncodedDimension result;
  result.kind = kind;
  result.cells = cells;
  return result;
}

}  // namespace

TEST_CASE("A continuum keeps coordinates within the unit interval") {
  const hpo::EncodedDimension real;
  CHECK_FALSE(real.discrete());
  CHECK(real.snap(0.3) == 0.3);
  CHECK(real.snap(-1) == 0);
  CHECK(real.snap(2) == 1);
}

TEST_CASE("Cells of a linear axis are equally wide") {
  const auto axis = dimension(hpo::DimensionKind::ordered, 4);
  CHECK(axis.centre(0) == 0.125);
  CHECK(axis.cell(0.24) == 0);
  CHECK(axis.cell(0.25) == 1);
  CHECK(axis.cell(1) == 3);
  CHECK(axis.cell(-5) == 0);
  CHECK(axis.snap(0.3) == 0.375);
}

TEST_CASE("Cells of a logarithmic axis meet half a step from their values") {
  auto axis = dimension(hpo::DimensionKind::ordered, 3);  // 1, 2, 3 between 0.5 and 3.5
  axis.log = true;
  axis.first = 1;
  const double width = std::log(7.0);
  CHECK(axis.centre(0) == Approx(std::log(2.0) / width));
  CHECK(axis.centre(1) == Approx(std::log(4.0) / width));
  const double border = std::log(3.0) / width;  // of 1 and 2, at 1.5
  CHECK(axis.cell(border - 1e-9) == 0);
  CHECK(axis.cell(border + 1e-9) == 1);
  for (std::size_t k = 0; k < 3; ++k) CHECK(axis.cell(axis.centre(k)) == k);
}

TEST_CASE("Borders are where cells meet") {
  auto axis = dimension(hpo::DimensionKind::ordered, 50);
  for (const bool log : {false, true}) {
    axis.log = log;
    axis.first = 3;
    axis.step = 7;
    CHECK(axis.border(0) == 0);
    CHECK(axis.border(50) == 1);
    for (std::size_t k = 1; k < 50; ++k) {
      CHECK(axis.cell(axis.border(k) - 1e-9) == k - 1);
      CHECK(axis.cell(axis.border(k) + 1e-9) == k);
    }
  }
}

TEST_CASE("Snapping twice is snapping once") {
  auto axis = dimension(hpo::DimensionKind::ordered, 1000);
  for (const bool log : {false, true}) {
    axis.log = log;
    axis.first = 3;
    axis.step = 7;
    for (int i = -10; i <= 1010; ++i) {
      const double once = axis.snap(i / 1000.0);
      REQUIRE(axis.snap(once) == once);
    }
  }
}

TEST_CASE("A space has as many points as the product of its cells") {
  using hpo::DimensionKind;
  CHECK(hpo::EncodedSpace{}.cardinality() == 1u);
  const auto three = dimension(DimensionKind::categorical, 3);
  const auto five = dimension(DimensionKind::ordered, 5);
  CHECK(hpo::EncodedSpace{{three, five}}.cardinality() == 15u);
  CHECK_FALSE(hpo::EncodedSpace{{three, dimension(DimensionKind::real, 0)}}.cardinality());
  const auto large = dimension(DimensionKind::ordered, std::size_t{1} << 32);
  CHECK_FALSE(hpo::EncodedSpace{{large, large}}.cardinality());
}

TEST_CASE("A space snaps each coordinate on its own axis") {
  const hpo::EncodedSpace space{{dimension(hpo::DimensionKind::real, 0), dimension(hpo::DimensionKind::ordered, 2)}};
  hpo::EncodedPoint row(2);
  row << 1.5, 0.9;
  space.snap(row);
  CHECK(row[0] == 1);
  CHECK(row[1] == 0.75);
}
