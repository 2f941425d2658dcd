// Matrices for tests of linear algebra, and naive loops to compare with.
#pragma once

#include <cmath>
#include <cstdint>

#include <Eigen/Core>

#include <hposearch/numeric/random.hpp>

namespace support {

inline Eigen::MatrixXd random_matrix(Eigen::Index rows, Eigen::Index columns, std::uint64_t seed) {
  hposearch::numeric::Random random(seed);
  Eigen::MatrixXd result(rows, columns);
  for (double& element : result.reshaped()) element = 2 * random.uniform() - 1;
  return result;
}

/// A A^T + I for a random A, exactly symmetric.
inline Eigen::MatrixXd random_covariance(Eigen::Index size, std::uint64_t seed) {
  const Eigen::MatrixXd a = random_matrix(size, size, seed);
  Eigen::MatrixXd result = Eigen::MatrixXd::Identity(size, size);
  for (Eigen::Index j = 0; j < size; ++j) {
    for (Eigen::Index p = 0; p < size; ++p)
      for (Eigen::Index i = j; i < size; ++i) result(i, j) += a(i, p) * a(j, p);
    for (Eigen::Index i = j; i < size; ++i) result(j, i) = result(i, j);
  }
  return result;
}

/// The Cholesky factor by the textbook loops; T = double for its very bits, long double for its value.
template <class T>
Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic> textbook_cholesky(const Eigen::MatrixXd& matrix) {
  const Eigen::Index n = matrix.rows();
  Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic> l = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>::Zero(n, n);
  for (Eigen::Index i = 0; i < n; ++i) {
    for (Eigen::Index j = 0; j <= i; ++j) {
      T sum = matrix(i, j);
      for (Eigen::Index p = 0; p < j; ++p) sum -= l(i, p) * l(j, p);
      l(i, j) = i == j ? std::sqrt(sum) : sum * (1 / l(j, j));
    }
  }
  return l;
}

}  // namespace support
