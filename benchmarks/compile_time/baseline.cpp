// What a program pays for the two libraries alone: an Eigen factorisation and formatted text.
#include <Eigen/Cholesky>
#include <fmt/format.h>

int main() {
  Eigen::MatrixXd covariance = Eigen::MatrixXd::Identity(8, 8);
  covariance(1, 0) = covariance(0, 1) = 0.5;
  const Eigen::LLT<Eigen::MatrixXd> cholesky{covariance};
  const Eigen::VectorXd solution = cholesky.solve(Eigen::VectorXd::Ones(8));
  const auto text = fmt::format("{:>8.3f} {}\n", solution[0], solution.size());
  return text.empty() ? 1 : 0;
}
