#include <Eigen/Core>
#include <support/catch.hpp>
#include <support/matrices.hpp>

#include <hposearch/numeric/substitution.hpp>

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using namespace hposearch::numeric;

namespace {

/// A well-conditioned lower triangle, dense and in strips.
struct Triangle {
  explicit Triangle(Index n) : dense(support::random_matrix(n, n, 1)) {
    dense.diagonal().array() += 3;
    strips.reserve(n);
    for (Index i = 0; i < n; ++i) {
      for (Index p = 0; p <= i; ++p) strips(i, p) = dense(i, p);
      strips.reciprocals(i / strip)[i % strip] = 1 / dense(i, i);
    }
  }

  MatrixXd dense;
  StripTriangle strips;
};

VectorXd textbook_forward(const MatrixXd& l, VectorXd b) {
  for (Index i = 0; i < b.size(); ++i) {
    for (Index p = 0; p < i; ++p) b[i] -= l(i, p) * b[p];
    b[i] *= 1 / l(i, i);
  }
  return b;
}

VectorXd textbook_backward(const MatrixXd& l, VectorXd b) {
  for (Index i = b.size(); i-- > 0;) {
    for (Index p = b.size(); --p > i;) b[i] -= l(p, i) * b[p];
    b[i] *= 1 / l(i, i);
  }
  return b;
}

}  // namespace

TEST_CASE("one vector alone and eight together are solved with the textbook's bits") {
  for (const Index n : {1, 7, 8, 9, 130, 200}) {
    CAPTURE(n);
    const Triangle l(n);
    const Index blocks = strips_for(n);
    const MatrixXd b = support::random_matrix(8, n, 2);  // a row per vector: the layout of Vectors
    MatrixXd forward = MatrixXd::Zero(8, strip * blocks);
    forward.leftCols(n) = b;
    MatrixXd backward = forward;
    Batch forward_batch, backward_batch;
    forward_batch.push_back({forward.data(), 0, blocks});
    backward_batch.push_back({backward.data(), 0, blocks});
    solve_forward(l.strips, forward_batch, blocks);
    solve_backward(l.strips, backward_batch, n);
    for (Index i = 0; i < 8; ++i) {
      VectorXd alone = b.row(i);
      solve_forward(l.strips, alone.data(), n);
      REQUIRE(alone == textbook_forward(l.dense, b.row(i)));
      REQUIRE(alone == forward.row(i).head(n).transpose());
      alone = b.row(i);
      solve_backward(l.strips, alone.data(), n);
      REQUIRE(alone == textbook_backward(l.dense, b.row(i)));
      REQUIRE(alone == backward.row(i).head(n).transpose());
    }
  }
}

TEST_CASE("leading zeros need not be stored") {
  const Index n = 160, first = 3;
  const Triangle l(n);
  MatrixXd whole = MatrixXd::Zero(8, n);
  whole.rightCols(n - strip * first) = support::random_matrix(8, n - strip * first, 3);
  MatrixXd part = whole.rightCols(n - strip * first);
  Batch wholes, parts;
  wholes.push_back({whole.data(), 0, n / strip});
  parts.push_back({part.data(), first, n / strip});
  solve_forward(l.strips, wholes, n / strip);
  solve_forward(l.strips, parts, n / strip);
  CHECK(part == whole.rightCols(n - strip * first));
  CHECK(whole.leftCols(strip * first).isZero(0));
}

TEST_CASE("a part of the rows is solved and its share taken off the rest") {
  const Index n = 320, solved = 19;
  const Triangle l(n);
  const MatrixXd b = support::random_matrix(8, n, 4);
  MatrixXd x = b;
  Batch batch;
  batch.push_back({x.data(), 0, n / strip});
  solve_forward(l.strips, batch, solved);
  for (Index i = 0; i < 8; ++i) {
    VectorXd expected = b.row(i);
    expected.head(strip * solved) =
        textbook_forward(l.dense.topLeftCorner(strip * solved, strip * solved), expected.head(strip * solved));
    for (Index row = strip * solved; row < n; ++row)
      for (Index p = 0; p < strip * solved; ++p) expected[row] -= l.dense(row, p) * expected[p];
    REQUIRE(x.row(i).transpose() == expected);
  }
}
