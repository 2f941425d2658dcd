#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include <Eigen/Core>
#include <support/catch.hpp>
#include <support/matrices.hpp>

#include <hposearch/numeric/cholesky.hpp>

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using hposearch::InvalidArgument;
using hposearch::numeric::Cholesky;
using support::random_covariance;
using support::random_matrix;

namespace {

using LongMatrix = Eigen::Matrix<long double, Eigen::Dynamic, Eigen::Dynamic>;

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

// Around the borders of strips (8), of what is finished at a time (128) and of what goes together (128).
const std::vector<Index> sizes = {0,  1,  2,  3,   7,   8,   9,   15,  16,  17,  31, 33,
                                  63, 64, 65, 100, 127, 128, 129, 135, 137, 264, 301};

Cholesky factor_of(const MatrixXd& matrix) {
  Cholesky result;
  REQUIRE(result.factor(matrix));
  return result;
}

double largest(const MatrixXd& matrix) { return matrix.size() == 0 ? 0 : matrix.cwiseAbs().maxCoeff(); }

MatrixXd hilbert(Index size) {
  MatrixXd result(size, size);
  for (Index i = 0; i < size; ++i)
    for (Index j = 0; j < size; ++j) result(i, j) = 1 / static_cast<double>(i + j + 1);
  return result;
}

/// L^-1 b by the textbook loops.
MatrixXd textbook_forward(const MatrixXd& l, MatrixXd b) {
  for (Index c = 0; c < b.cols(); ++c) {
    for (Index i = 0; i < b.rows(); ++i) {
      for (Index p = 0; p < i; ++p) b(i, c) -= l(i, p) * b(p, c);
      b(i, c) *= 1 / l(i, i);
    }
  }
  return b;
}

/// L^-T b by the textbook loops, last element first.
MatrixXd textbook_backward(const MatrixXd& l, MatrixXd b) {
  for (Index c = 0; c < b.cols(); ++c) {
    for (Index i = b.rows(); i-- > 0;) {
      for (Index p = b.rows(); --p > i;) b(i, c) -= l(p, i) * b(p, c);
      b(i, c) *= 1 / l(i, i);
    }
  }
  return b;
}

}  // namespace

TEST_CASE("the factor has the bits of the textbook loops at every size") {
  for (const Index n : sizes) {
    CAPTURE(n);
    const MatrixXd matrix = random_covariance(n, 1);
    const auto factor = factor_of(matrix);
    REQUIRE(factor.size() == n);
    REQUIRE(factor.lower() == support::textbook_cholesky<double>(matrix));
  }
}

TEST_CASE("the factor is accurate against long double and multiplies back to the matrix") {
  for (const Index n : sizes) {
    CAPTURE(n);
    const MatrixXd matrix = random_covariance(n, 2);
    const MatrixXd l = factor_of(matrix).lower();
    const MatrixXd exact = support::textbook_cholesky<long double>(matrix).cast<double>();
    CHECK(largest(l - exact) <= 1e-13 * largest(exact));
    CHECK(largest(l * l.transpose() - matrix) <= 1e-14 * static_cast<double>(n + 1) * largest(matrix));
  }
}

TEST_CASE("only the lower triangle counts") {
  MatrixXd matrix = random_covariance(21, 3);
  const MatrixXd l = factor_of(matrix).lower();
  for (Index j = 0; j < 21; ++j)
    for (Index i = 0; i < j; ++i) matrix(i, j) = not_a_number;
  const auto factor = factor_of(matrix);
  CHECK(factor.lower() == l);
  CHECK(factor.inverse().allFinite());
}

TEST_CASE("growing by rows in any portions gives the factor of the whole, bit for bit") {
  const Index n = 150;
  const MatrixXd matrix = random_covariance(n, 4);
  const MatrixXd expected = factor_of(matrix).lower();
  const VectorXd b = random_matrix(n, 1, 5);
  VectorXd x = b;
  factor_of(matrix).solve(x);

  for (const std::vector<Index>& portions :
       std::vector<std::vector<Index>>{{1}, {2}, {5}, {8}, {3, 5}, {13}, {16, 1}, {60}, {131}, {7, 30}, {149}}) {
    CAPTURE(portions);
    Cholesky factor;
    for (std::size_t turn = 0; factor.size() < n; ++turn) {
      const Index size = factor.size();
      const Index count = std::min(n - size, portions[turn % portions.size()]);
      const MatrixXd rows = matrix.block(size, 0, count, size + count);
      REQUIRE((count == 1 ? factor.append(rows.row(0).transpose()) : factor.extend(rows)));
      REQUIRE(factor.size() == size + count);
    }
    CHECK(factor.lower() == expected);
    VectorXd y = b;
    factor.solve(y);
    CHECK(y == x);
  }
}

TEST_CASE("a truncated factor is that of the first rows, and grows again as if nothing had been there") {
  const MatrixXd matrix = random_covariance(90, 6);
  const MatrixXd other = random_covariance(120, 7);
  for (const Index kept : {0, 1, 7, 8, 40, 89, 90}) {
    CAPTURE(kept);
    auto factor = factor_of(matrix);
    factor.truncate(kept);
    const auto expected = factor_of(matrix.topLeftCorner(kept, kept));
    CHECK(factor.size() == kept);
    CHECK(factor.lower() == expected.lower());
    CHECK(factor.inverse() == expected.inverse());
    CHECK(factor.log_determinant() == expected.log_determinant());

    MatrixXd mixed = other;
    mixed.topLeftCorner(kept, kept) = matrix.topLeftCorner(kept, kept);
    mixed.bottomLeftCorner(120 - kept, kept) *= 0.01;
    REQUIRE(factor.extend(mixed.bottomRows(120 - kept)));
    CHECK(factor.lower() == factor_of(mixed).lower());
  }
}

TEST_CASE("a matrix that is not positive definite is refused and leaves no trace") {
  const Index n = 40;
  const MatrixXd good = random_covariance(n, 8);
  for (const Index kept : {0, 3, 8, 25}) {
    for (const Index at : {kept, (kept + n) / 2, n - 1}) {
      for (const double pivot : {0.0, -1.0, -infinity, infinity, not_a_number}) {
        CAPTURE(kept, at, pivot);
        MatrixXd bad = good;
        bad(at, at) = pivot;
        auto factor = factor_of(good.topLeftCorner(kept, kept));
        CHECK_FALSE(factor.extend(bad.bottomRows(n - kept)));
        REQUIRE(factor.size() == kept);
        CHECK(factor.lower() == factor_of(good.topLeftCorner(kept, kept)).lower());
        CHECK(factor.inverse().allFinite());
        REQUIRE(factor.extend(good.bottomRows(n - kept)));
        CHECK(factor.lower() == factor_of(good).lower());
      }
    }
  }
}

TEST_CASE("NaN or infinity anywhere in the lower triangle is refused by factor and by append") {
  for (const Index n : {1, 2, 9, 20}) {
    for (const double value : {not_a_number, infinity, -infinity}) {
      for (Index i = 0; i < n; ++i) {
        for (Index j = 0; j <= i; ++j) {
          MatrixXd matrix = random_covariance(n, 9);
          matrix(i, j) = value;
          Cholesky factor;
          REQUIRE_FALSE(factor.factor(matrix));
          REQUIRE(factor.size() == 0);
          if (i + 1 < n) continue;
          REQUIRE(factor.factor(matrix.topLeftCorner(n - 1, n - 1)));
          REQUIRE_FALSE(factor.append(matrix.row(n - 1).transpose()));
          REQUIRE(factor.size() == n - 1);
        }
      }
    }
  }
}

TEST_CASE("a duplicate row without noise is refused or harmless, a matrix of rank one refused") {
  CHECK_FALSE(Cholesky().factor(MatrixXd::Ones(5, 5)));
  Cholesky factor;
  REQUIRE(factor.factor(MatrixXd::Identity(3, 3)));
  CHECK_FALSE(factor.append(Eigen::Vector4d(1, 0, 0, 1)));
  CHECK(factor.append(Eigen::Vector4d(1, 0, 0, 1 + 1e-10)));
}

TEST_CASE("Hilbert matrices factor as far as double reaches, and the residual stays small") {
  for (const Index n : {2, 5, 8, 10, 12}) {
    CAPTURE(n);
    const MatrixXd matrix = hilbert(n);
    const MatrixXd l = factor_of(matrix).lower();
    CHECK(largest(l * l.transpose() - matrix) < 1e-15);
  }
  CHECK_FALSE(Cholesky().factor(hilbert(40)));
}

TEST_CASE("very large, very small and badly scaled matrices factor without overflow") {
  for (const double scale : {1e-300, 1e-150, 1e150, 1e300}) {
    const MatrixXd matrix = scale * random_covariance(20, 10);
    const auto factor = factor_of(matrix);
    CHECK(factor.log_determinant() ==
          Approx(factor_of(random_covariance(20, 10)).log_determinant() + 20 * std::log(scale)));
    VectorXd x = matrix.col(4);
    factor.solve(x);
    CHECK(largest(x - VectorXd::Unit(20, 4)) < 1e-10);
  }
}

TEST_CASE("right-hand sides get the bits of the textbook loops, alone and among others") {
  for (const Index n : sizes) {
    const MatrixXd matrix = random_covariance(n, 11);
    const auto factor = factor_of(matrix);
    const MatrixXd l = factor.lower();
    for (const Index m : {0, 1, 2, 3, 4, 7, 8, 9, 17, 130}) {
      CAPTURE(n, m);
      const MatrixXd b = random_matrix(n, m, 12);
      MatrixXd forward = b, backward = b, both = b;
      factor.solve_lower(forward);
      factor.solve_upper(backward);
      factor.solve(both);
      const MatrixXd expected = textbook_forward(l, b);
      REQUIRE(forward == expected);
      REQUIRE(backward == textbook_backward(l, b));
      REQUIRE(both == textbook_backward(l, expected));
      const VectorXd forms = factor.quadratic_forms(b);
      REQUIRE(forms.size() == m);
      for (Index c = 0; c < m; ++c) {
        double sum = 0;
        for (Index p = 0; p < n; ++p) sum += expected(p, c) * expected(p, c);
        REQUIRE(forms[c] == sum);
      }
    }
  }
}

TEST_CASE("solve undoes the multiplication by the matrix") {
  const MatrixXd matrix = random_covariance(77, 13);
  const MatrixXd x = random_matrix(77, 9, 14);
  MatrixXd b = matrix * x;
  factor_of(matrix).solve(b);
  CHECK(largest(b - x) < 1e-11);
}

TEST_CASE("parts of larger matrices and columns of any alignment are solved in place, with the same bits") {
  const MatrixXd matrix = random_covariance(30, 15);
  const MatrixXd padded = [&] {
    MatrixXd result = MatrixXd::Constant(41, 43, not_a_number);
    result.block(3, 5, 30, 30) = matrix;
    return result;
  }();
  const auto factor = factor_of(padded.block(3, 5, 30, 30));
  CHECK(factor.lower() == factor_of(matrix).lower());
  MatrixXd expected = random_matrix(30, 10, 16);
  MatrixXd frame = MatrixXd::Constant(37, 12, 7);
  frame.block(5, 1, 30, 10) = expected;
  factor.solve(expected);
  factor.solve(frame.block(5, 1, 30, 10));
  CHECK(frame.block(5, 1, 30, 10) == expected);
  frame.block(5, 1, 30, 10).setConstant(7);
  CHECK(frame == MatrixXd::Constant(37, 12, 7));
}

TEST_CASE("the inverse is symmetric, accurate, and has the bits of the textbook loops") {
  for (const Index n : sizes) {
    CAPTURE(n);
    const MatrixXd matrix = random_covariance(n, 17);
    const auto factor = factor_of(matrix);
    const MatrixXd inverse = factor.inverse();
    REQUIRE(inverse.rows() == n);
    REQUIRE(inverse == inverse.transpose());
    CHECK(largest(inverse * matrix - MatrixXd::Identity(n, n)) < 1e-11);
    const MatrixXd x = textbook_forward(factor.lower(), MatrixXd::Identity(n, n));
    MatrixXd expected = MatrixXd::Zero(n, n);
    for (Index i = 0; i < n; ++i)
      for (Index j = 0; j < n; ++j)
        for (Index p = std::max(i, j); p < n; ++p) expected(i, j) += x(p, i) * x(p, j);
    REQUIRE(inverse == expected);
  }
}

TEST_CASE("the log determinant is that of long double") {
  CHECK(Cholesky().log_determinant() == 0);
  for (const Index n : sizes) {
    if (n == 0) continue;
    CAPTURE(n);
    const MatrixXd matrix = random_covariance(n, 18);
    const LongMatrix l = support::textbook_cholesky<long double>(matrix);
    long double expected = 0;
    for (Index i = 0; i < n; ++i) expected += 2 * std::log(l(i, i));
    CHECK(factor_of(matrix).log_determinant() == Approx(static_cast<double>(expected)).epsilon(1e-14).margin(1e-13));
  }
}

TEST_CASE("an empty factor answers for matrices without rows") {
  Cholesky factor;
  MatrixXd none(0, 3);
  factor.solve(none);
  CHECK(factor.factor(MatrixXd(0, 0)));
  CHECK(factor.extend(MatrixXd(0, 0)));
  CHECK(factor.quadratic_forms(none) == VectorXd::Zero(3));
  CHECK(factor.inverse().size() == 0);
  CHECK(factor.lower().size() == 0);
}

TEST_CASE("a factor can be used again and again, and copied") {
  Cholesky factor;
  factor.reserve(50);
  for (const Index n : {40, 3, 60, 59}) {
    const MatrixXd matrix = random_covariance(n, 19);
    REQUIRE(factor.factor(matrix));
    const auto copy = factor;
    REQUIRE(copy.lower() == factor_of(matrix).lower());
    REQUIRE(copy.inverse() == factor_of(matrix).inverse());
  }
}

TEST_CASE("wrong sizes are named") {
  auto factor = factor_of(random_covariance(5, 20));
  MatrixXd b(4, 2);
  CHECK_THROWS_AS(factor.solve(b), InvalidArgument);
  CHECK_THROWS_AS(factor.solve_lower(b), InvalidArgument);
  CHECK_THROWS_AS(factor.solve_upper(b), InvalidArgument);
  CHECK_THROWS_AS(factor.quadratic_forms(b), InvalidArgument);
  CHECK_THROWS_AS(factor.append(VectorXd(5)), InvalidArgument);
  CHECK_THROWS_AS(factor.extend(MatrixXd(2, 6)), InvalidArgument);
  CHECK_THROWS_AS(factor.factor(MatrixXd(3, 4)), InvalidArgument);
  CHECK_THROWS_AS(factor.truncate(6), InvalidArgument);
  CHECK_THROWS_AS(factor.truncate(-1), InvalidArgument);
}
