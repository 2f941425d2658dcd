// How close do the reproducible kernels come to Eigen's? One row per size: GFLOP/s of ours and of Eigen's Cholesky
// factorisation, inverse, and forward substitution with 512 right-hand sides, and the ratio of their times (above 1:
// ours is faster). The best of several interleaved repetitions, one thread, fixed matrices.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <limits>

#include <Eigen/Cholesky>
#include <Eigen/Core>

#include <hposearch/numeric/cholesky.hpp>

namespace {

using Eigen::Index;
using Eigen::MatrixXd;

/// CPU time, which other programs on the machine disturb less than the wall clock.
double seconds_now() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

/// The covariance of points on a spiral under a smooth kernel, with some noise.
MatrixXd covariance(Index n) {
  MatrixXd result(n, n);
  for (Index i = 0; i < n; ++i) {
    for (Index j = 0; j < n; ++j) {
      const double distance = 0.6180339887498949 * static_cast<double>(i - j);
      const double wrapped = distance - std::floor(distance);
      result(i, j) = 1 / (1 + 30 * wrapped * (1 - wrapped)) + (i == j ? 0.1 : 0.0);
    }
  }
  return result;
}

struct Rate {
  double ours, eigens;  // GFLOP/s
};

/// Both rates of a task of `flops` operations.
template <class Ours, class Eigens>
Rate measure(double flops, Ours ours, Eigens eigens) {
  const auto calls = std::max(1, static_cast<int>(2e7 / flops));
  const auto time = [&](auto& task) {
    const double start = seconds_now();
    for (int i = 0; i < calls; ++i) task();
    return (seconds_now() - start) / calls;
  };
  double best_of_ours = std::numeric_limits<double>::infinity();
  double best_of_eigens = best_of_ours;
  const double end = seconds_now() + 0.6;
  for (int repetition = 0; repetition < 5 || seconds_now() < end; ++repetition) {
    best_of_ours = std::min(best_of_ours, time(ours));
    best_of_eigens = std::min(best_of_eigens, time(eigens));
  }
  return {1e-9 * flops / best_of_ours, 1e-9 * flops / best_of_eigens};
}

void print(const Rate& rate) { std::printf("  %8.2f %8.2f %6.2f", rate.ours, rate.eigens, rate.ours / rate.eigens); }

void measure_size(Index n) {
  const MatrixXd matrix = covariance(n);
  const MatrixXd right_hand_sides = covariance(std::max<Index>(n, 512)).topLeftCorner(n, 512);
  const MatrixXd identity = MatrixXd::Identity(n, n);
  const auto size = static_cast<double>(n);

  hposearch::numeric::Cholesky ours;
  Eigen::LLT<MatrixXd> eigens(n);
  MatrixXd solution, inverse;
  if (!ours.factor(matrix)) std::abort();
  eigens.compute(matrix);

  std::printf("%6td", n);
  print(measure(
      size * size * size / 3,
      [&] {
        if (!ours.factor(matrix)) std::abort();
      },
      [&] { eigens.compute(matrix); }));
  print(measure(
      size * size * size * 2 / 3, [&] { inverse = ours.inverse(); }, [&] { inverse = eigens.solve(identity); }));
  print(measure(
      size * size * 512, [&] { solution = right_hand_sides, ours.solve_lower(solution); },
      [&] { solution = right_hand_sides, eigens.matrixL().solveInPlace(solution); }));
  print(measure(
      size * size * 512, [&] { solution = ours.quadratic_forms(right_hand_sides); },
      [&] {
        solution = right_hand_sides;
        eigens.matrixL().solveInPlace(solution);
        solution = solution.colwise().squaredNorm().eval();
      }));
  std::printf("\n");
  std::fflush(stdout);
}

}  // namespace

int main() {
  std::printf("GFLOP/s (ours, Eigen's) and their ratio; inverse counts 2/3 n^3 for both\n\n");
  std::printf("%6s  %-24s  %-24s  %-24s  %-24s\n", "n", "  factor", "  inverse", "  solve 512",
              "  512 quadratic forms");
  for (const Index n : {10, 20, 50, 100, 200, 500, 1000, 2000}) measure_size(n);
}
