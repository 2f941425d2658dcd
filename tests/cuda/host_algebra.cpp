#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <Eigen/Core>
#include <support/catch.hpp>

#include <hposearch/cuda/host_algebra.hpp>
#include <hposearch/numeric/random.hpp>

using namespace hposearch;

namespace {

// A group's terms begin at its number.
struct Terms {
  const std::vector<double>* values;
  [[nodiscard]] std::size_t begin(std::size_t group) const { return group; }
  [[nodiscard]] std::size_t end(std::size_t) const { return values->size(); }
  void operator()(std::size_t, std::size_t i, double* sums) const {
    sums[0] += (*values)[i];
    sums[1] += 1;
  }
};

// A positive definite matrix in rows that are `stride` apart, with a value that must not count above the diagonal.
Eigen::MatrixXd definite(Eigen::Index n, Eigen::Index stride) {
  numeric::Random random{5};
  Eigen::MatrixXd root(n, n);
  for (auto& value : root.reshaped()) value = random.normal();
  Eigen::MatrixXd matrix = Eigen::MatrixXd::Constant(stride, n, 77);
  matrix.topRows(n).triangularView<Eigen::Lower>() = root * root.transpose() + Eigen::MatrixXd::Identity(n, n);
  return matrix;
}

Eigen::MatrixXd symmetric(const Eigen::MatrixXd& lower, Eigen::Index n) {
  return lower.topRows(n).selfadjointView<Eigen::Lower>();
}

}  // namespace

TEST_CASE("sums of lanes are those of their terms, however many there are") {
  const cuda::HostAlgebra algebra;
  for (const std::size_t count : {0U, 1U, 2U, 255U, 256U, 257U, 1000U}) {
    std::vector<double> values(count);
    for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<double>(i + 1);
    std::vector<double> sums(6);
    algebra.sums<2>(3, Terms{&values}, sums);
    for (std::size_t group = 0; group < 3; ++group) {
      const auto n = static_cast<double>(count), skipped = std::min(static_cast<double>(group), n);
      CHECK(sums[2 * group] == (n * (n + 1) - skipped * (skipped + 1)) / 2);
      CHECK(sums[2 * group + 1] == n - skipped);
    }
  }
}

TEST_CASE("the algebra of the processor solves and inverts what lies in a larger matrix") {
  constexpr Eigen::Index n = 7, stride = 9;
  const cuda::HostAlgebra algebra;
  const Eigen::MatrixXd original = definite(n, stride), full = symmetric(original, n);
  Eigen::MatrixXd matrix = original;
  REQUIRE(algebra.cholesky(matrix.data(), n, stride));
  const Eigen::MatrixXd lower = matrix.topRows(n).triangularView<Eigen::Lower>();
  CHECK((lower * lower.transpose() - full).norm() < 1e-12);
  CHECK(matrix(0, 1) == 77);
  CHECK(matrix(n, 0) == 77);

  const Eigen::MatrixXd right = Eigen::MatrixXd::Random(n, 2);
  Eigen::MatrixXd solved = right;
  algebra.solve(matrix.data(), n, stride, solved.data(), 2, n);
  CHECK((full * solved - right).norm() < 1e-12);
  solved = right;
  algebra.solve_lower(matrix.data(), n, stride, solved.data(), 2, n);
  CHECK((lower * solved - right).norm() < 1e-12);

  algebra.inverse(matrix.data(), n, stride);
  CHECK((symmetric(matrix, n) * full - Eigen::MatrixXd::Identity(n, n)).norm() < 1e-11);
  CHECK(matrix(0, 1) == 77);
  Eigen::VectorXd product(n);
  algebra.symmetric_times(original.data(), n, stride, right.data(), product.data());
  CHECK((product - full * right.col(0)).norm() < 1e-12);
  Eigen::VectorXd transposed(2);
  algebra.transposed_times(right.data(), n - 1, 2, n, product.data(), transposed.data());
  CHECK((transposed - right.topRows(n - 1).transpose() * product.head(n - 1)).norm() < 1e-12);
}

TEST_CASE("a batch says which of its matrices are not positive definite") {
  const cuda::HostAlgebra algebra;
  std::vector<double> matrices{4, 2, 0, 5, 1, 2, 0, 1}, right{8, 8, 1, 1};
  CHECK(algebra.cholesky_batched(matrices.data(), 2, 2) == std::vector{true, false});
  algebra.solve_batched(matrices.data(), 2, 1, right.data(), 1);
  CHECK(right[0] == Approx(1.5));
  CHECK(right[1] == Approx(1));
}
