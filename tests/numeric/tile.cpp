
#include <Eigen/Core>
#include <support/catch.hpp>
#include <support/matrices.hpp>

#include <hposearch/numeric/tile.hpp>

using Eigen::Index;
using Eigen::MatrixXd;
using hposearch::numeric::for_each_tile;
using hposearch::numeric::strip;
using hposearch::numeric::Tile;
using support::random_matrix;

namespace {

/// Applies `use` to every tile of a copy of the 8 x 8 `block`.
template <class Use>
MatrixXd by_tiles(MatrixXd block, Use use) {
  for_each_tile([&](int i, int j) {
    Tile tile;
    tile.load(block.data() + strip * j + i);
    use(tile, i, j);
    tile.store(block.data() + strip * j + i);
  });
  return block;
}

}  // namespace

TEST_CASE("tiles cover a block of a strip once") {
  MatrixXd visits = MatrixXd::Zero(8, 8);
  for_each_tile([&](int i, int j) { visits.block(i, j, Tile::lanes, Tile::columns).array() += 1; });
  CHECK(visits == MatrixXd::Ones(8, 8));
  const MatrixXd block = random_matrix(8, 8, 1);
  CHECK(by_tiles(block, [](Tile&, int, int) {}) == block);
}

TEST_CASE("a tile subtracts products one after the other in ascending order") {
  for (const Index count : {0, 1, 2, 9, 50}) {
    CAPTURE(count);
    const MatrixXd a = random_matrix(8, count, 2), b = random_matrix(8, count, 3), start = random_matrix(8, 8, 4);
    MatrixXd expected = start;
    for (Index p = 0; p < count; ++p)
      for (Index j = 0; j < 8; ++j)
        for (Index i = 0; i < 8; ++i) expected(i, j) -= a(i, p) * b(j, p);
    CHECK(by_tiles(start, [&](Tile& tile, int i, int j) {
            tile.subtract_products(a.data() + i, b.data() + j, count);
          }) == expected);
  }
}

TEST_CASE("a tile subtracts products across strips in descending order") {
  const MatrixXd a = random_matrix(8, 8, 5), b = random_matrix(8, 8, 6), start = random_matrix(8, 8, 7);
  MatrixXd expected = start;
  for (Index p = 7; p >= 0; --p)
    for (Index j = 0; j < 8; ++j)
      for (Index i = 0; i < 8; ++i) expected(i, j) -= a(i, p) * b(p, j);
  CHECK(by_tiles(start, [&](Tile& tile, int i, int j) {
          tile.subtract_products_descending(a.data() + i, b.data() + strip * j, 8);
        }) == expected);
}

TEST_CASE("a tile solves with a triangle forwards and backwards") {
  const MatrixXd start = random_matrix(8, 8, 8), l = random_matrix(8, 8, 9);
  const Eigen::VectorXd reciprocal = random_matrix(8, 1, 10);
  MatrixXd forward = start, backward = start;
  for (Index first = 0; first < 8; first += Tile::columns) {
    for (Index i = 0; i < 8; ++i) {
      for (Index j = 0; j < Tile::columns; ++j) {
        for (Index p = 0; p < j; ++p) forward(i, first + j) -= forward(i, first + p) * l(j, p);
        forward(i, first + j) *= reciprocal[j];
      }
      for (Index j = Tile::columns - 1; j >= 0; --j) {
        for (Index p = Tile::columns - 1; p > j; --p) backward(i, first + j) -= backward(i, first + p) * l(p, j);
        backward(i, first + j) *= reciprocal[j];
      }
    }
  }
  CHECK(by_tiles(start, [&](Tile& tile, int, int) { tile.solve_forward(l.data(), reciprocal.data()); }) == forward);
  CHECK(by_tiles(start, [&](Tile& tile, int, int) { tile.solve_backward(l.data(), reciprocal.data()); }) == backward);
}
