#include <algorithm>
#include <cmath>
#include <vector>

#include <Eigen/Core>
#include <support/catch.hpp>
#include <support/matrices.hpp>

#include <hposearch/numeric/dense.hpp>

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using hposearch::InvalidArgument;
using hposearch::numeric::apply;
using hposearch::numeric::apply_transposed;
using hposearch::numeric::dot;
using hposearch::numeric::gram;
using hposearch::numeric::product;
using hposearch::numeric::transposed_product;
using support::random_matrix;

namespace {

const std::vector<Index> sizes = {0, 1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 31, 40, 65};

/// The order that dot promises, written as plainly as possible.
double dot_as_documented(const VectorXd& a, const VectorXd& b) {
  double partial[8] = {};
  for (Index i = 0; i < a.size(); ++i) partial[i % 8] += a[i] * b[i];
  for (const int half : {4, 2, 1})
    for (int i = 0; i < half; ++i) partial[i] += partial[i + half];
  return partial[0];
}

MatrixXd textbook_product(const MatrixXd& a, const MatrixXd& b) {
  MatrixXd result = MatrixXd::Zero(a.rows(), b.cols());
  for (Index i = 0; i < a.rows(); ++i)
    for (Index j = 0; j < b.cols(); ++j)
      for (Index p = 0; p < a.cols(); ++p) result(i, j) += a(i, p) * b(p, j);
  return result;
}

}  // namespace

TEST_CASE("a scalar product has the bits of its documented order, whatever the alignment") {
  for (Index n = 0; n < 70; ++n) {
    CAPTURE(n);
    const VectorXd a = random_matrix(n, 1, 1), b = random_matrix(n, 1, 2);
    const double expected = dot_as_documented(a, b);
    REQUIRE(dot(a, b) == expected);
    VectorXd shifted(n + 3);
    shifted.tail(n) = a;
    for (Index offset = 3; offset >= 0; --offset) {
      shifted.segment(offset, n) = a;
      REQUIRE(dot(shifted.segment(offset, n), b) == expected);
    }
  }
}

TEST_CASE("a scalar product is accurate for long vectors") {
  const VectorXd a = random_matrix(100'000, 1, 3), b = random_matrix(100'000, 1, 4);
  long double exact = 0;
  for (Index i = 0; i < a.size(); ++i) exact += static_cast<long double>(a[i]) * b[i];
  CHECK(std::abs(dot(a, b) - static_cast<double>(exact)) < 1e-11);
}

TEST_CASE("matrix times vector has the bits of the textbook loops") {
  for (const Index n : sizes) {
    for (const Index m : sizes) {
      CAPTURE(n, m);
      const MatrixXd a = random_matrix(n, m, 5);
      const VectorXd x = random_matrix(m, 1, 6), y = random_matrix(n, 1, 7);
      REQUIRE(apply(a, x) == textbook_product(a, x));
      const VectorXd transposed = apply_transposed(a, y);
      REQUIRE(transposed.size() == m);
      for (Index j = 0; j < m; ++j) REQUIRE(transposed[j] == dot(a.col(j), y));
    }
  }
}

TEST_CASE("matrix products have the bits of the textbook loops") {
  for (const Index n : sizes) {
    for (const Index k : {0, 1, 7, 40}) {
      for (const Index m : {0, 1, 3, 8, 17}) {
        CAPTURE(n, k, m);
        const MatrixXd a = random_matrix(n, k, 8), b = random_matrix(k, m, 9);
        const MatrixXd expected = textbook_product(a, b);
        REQUIRE(product(a, b) == expected);
        REQUIRE(transposed_product(a.transpose(), b) == expected);
      }
    }
  }
}

TEST_CASE("a Gram matrix is the product with itself, and symmetric") {
  for (const Index n : sizes) {
    CAPTURE(n);
    const MatrixXd a = random_matrix(23, n, 10);
    REQUIRE(gram(a) == transposed_product(a, a));
    REQUIRE(gram(a) == gram(a).transpose());
  }
}

TEST_CASE("parts of larger matrices are operands too") {
  const MatrixXd frame = random_matrix(30, 40, 11);
  const MatrixXd a = frame.block(3, 5, 13, 11), b = frame.block(10, 20, 11, 9);
  const VectorXd x = frame.col(7).segment(2, 11);
  CHECK(product(frame.block(3, 5, 13, 11), frame.block(10, 20, 11, 9)) == product(a, b));
  CHECK(gram(frame.block(3, 5, 13, 11)) == gram(a));
  CHECK(apply(frame.block(3, 5, 13, 11), frame.col(7).segment(2, 11)) == apply(a, x));
}

TEST_CASE("a product of zeros is a positive zero") {
  const MatrixXd zeros = MatrixXd::Zero(3, 3);
  CHECK_FALSE(std::signbit(product(zeros, zeros)(1, 1)));
  CHECK_FALSE(std::signbit(dot(zeros.col(0), zeros.col(1))));
}

TEST_CASE("sizes that do not fit are named") {
  const MatrixXd a(3, 4);
  CHECK_THROWS_AS(dot(VectorXd(2), VectorXd(3)), InvalidArgument);
  CHECK_THROWS_AS(apply(a, VectorXd(3)), InvalidArgument);
  CHECK_THROWS_AS(apply_transposed(a, VectorXd(4)), InvalidArgument);
  CHECK_THROWS_AS(product(a, a), InvalidArgument);
  CHECK_THROWS_AS(transposed_product(a, MatrixXd(4, 4)), InvalidArgument);
}
