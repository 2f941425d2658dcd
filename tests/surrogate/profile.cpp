#include <cmath>

#include <Eigen/LU>
#include <support/catch.hpp>
#include <support/encoded_spaces.hpp>

#include <hposearch/numeric/random.hpp>
#include <hposearch/surrogate/profile.hpp>

using namespace hposearch;

namespace {

constexpr Eigen::Index n = 9;

// log of the likelihood times the density of the scale, up to a constant, by textbook formulas.
double log_density(const Eigen::MatrixXd& covariance, const Eigen::VectorXd& targets, double mean, double scale,
                   double weight) {
  const Eigen::VectorXd r = targets.array() - mean;
  const double misfit = r.dot(covariance.inverse() * r);
  return -0.5 * (static_cast<double>(n) + weight) * std::log(scale) - 0.5 * (misfit + weight) / scale;
}

}  // namespace

TEST_CASE("The profile's mean and scale are where the density is largest") {
  numeric::Random random{3};
  Eigen::MatrixXd covariance(n, n);
  Eigen::VectorXd targets(n);
  for (Eigen::Index i = 0; i < n; ++i) {
    targets[i] = 2 + random.normal();
    for (Eigen::Index j = 0; j < n; ++j)
      covariance(i, j) = std::exp(-0.3 * std::fabs(static_cast<double>(i - j))) + (i == j ? 0.01 : 0);
  }
  numeric::Cholesky factor;
  REQUIRE(factor.factor(covariance));
  for (const double weight : {0.0, 3.0}) {
    const Profile found = profile(factor, targets, weight);
    const double best = log_density(covariance, targets, found.mean, found.scale, weight);
    for (const double step : {-1e-3, 1e-3}) {
      CHECK(log_density(covariance, targets, found.mean + step, found.scale, weight) < best);
      CHECK(log_density(covariance, targets, found.mean, found.scale * (1 + step), weight) < best);
    }
    const Eigen::VectorXd r = targets.array() - found.mean;
    CHECK((covariance * found.solved.col(0) - r).norm() < 1e-12);
    CHECK(found.misfit == Approx(r.dot(found.solved.col(0))));
  }
}
