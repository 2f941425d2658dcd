/// \file
/// The multivariate normal distribution that CMA-ES moves, stretches and turns.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include <hposearch/numeric/cholesky.hpp>
#include <hposearch/numeric/elementary.hpp>
#include <hposearch/numeric/random.hpp>
#include <hposearch/sampler/cma_es/constants.hpp>

namespace hposearch::inline v0::cma_es {

/// N(mean, sigma^2 C) with the evolution paths of CMA-ES.
///
/// The step-size path is kept in the coordinates of C's Cholesky factor rather than of its symmetric root: the length
/// is the same, and neither an eigendecomposition nor its cost is needed. Source: O. Krause, D. R. Arbones, C. Igel,
/// CMA-ES with optimal covariance update and storage complexity, NIPS 2016.
class Gaussian {
 public:
  /// C = I.
  Gaussian(Eigen::VectorXd mean, double sigma)
      : mean_(std::move(mean)),
        sigma_(sigma),
        covariance_(Eigen::MatrixXd::Identity(mean_.size(), mean_.size())),
        path_c_(Eigen::VectorXd::Zero(mean_.size())),
        path_sigma_(Eigen::VectorXd::Zero(mean_.size())) {
    factor();
  }

  [[nodiscard]] const Eigen::VectorXd& mean() const noexcept { return mean_; }
  [[nodiscard]] Eigen::VectorXd& mean() noexcept { return mean_; }
  [[nodiscard]] double sigma() const noexcept { return sigma_; }

  /// Standard deviation along axis `j`.
  [[nodiscard]] double deviation(Eigen::Index j) const { return sigma_ * std::sqrt(covariance_(j, j)); }

  [[nodiscard]] double largest_deviation() const {
    double largest = 0;
    for (Eigen::Index j = 0; j < mean_.size(); ++j) largest = std::max(largest, deviation(j));
    return largest;
  }

  /// A lower bound of C's condition number, from its factor's diagonal.
  [[nodiscard]] double condition() const {
    double low = lower_(0, 0), high = low;
    for (Eigen::Index j = 1; j < mean_.size(); ++j) {
      low = std::min(low, lower_(j, j));
      high = std::max(high, lower_(j, j));
    }
    return (high / low) * (high / low);
  }

  [[nodiscard]] Eigen::VectorXd sample(numeric::Random& random) const {
    Eigen::VectorXd z(mean_.size());
    for (double& value : z) value = random.normal();
    Eigen::VectorXd x = mean_;
    for (Eigen::Index k = 0; k < x.size(); ++k) {
      const double step = sigma_ * z[k];
      for (Eigen::Index j = k; j < x.size(); ++j) x[j] += step * lower_(j, k);
    }
    return x;
  }

  /// One generation.
  /// \param population a column per individual, best first
  /// \param own        whether an individual was drawn from this very distribution; the steps to others are cut to a
  ///                   plausible length (N. Hansen, Injecting external solutions into CMA-ES, arXiv 1110.4181)
  void update(const Eigen::MatrixXd& population, const std::vector<bool>& own, const Constants& constants) {
    const Eigen::Index n = mean_.size();
    Eigen::MatrixXd steps(n, population.cols());
    for (Eigen::Index i = 0; i < steps.cols(); ++i) {
      for (Eigen::Index j = 0; j < n; ++j) steps(j, i) = (population(j, i) - mean_[j]) / sigma_;
    }
    Eigen::MatrixXd white = steps;
    cholesky_.solve_lower(white);
    std::vector<double> squares;
    const auto d = static_cast<double>(n);
    const double longest = std::sqrt(d) + 2 * d / (d + 2);
    for (Eigen::Index i = 0; i < steps.cols(); ++i) {
      squares.push_back(square(white.col(i)));
      if (own[static_cast<std::size_t>(i)] || squares.back() <= longest * longest) continue;
      const double factor = longest / std::sqrt(squares.back());
      for (Eigen::Index j = 0; j < n; ++j) {
        steps(j, i) *= factor;
        white(j, i) *= factor;
      }
      squares.back() = longest * longest;
    }
    const bool stall = move(steps, white, constants);
    reshape(steps, squares, stall, constants);
    const double change =
        constants.c_sigma / constants.damping * (std::sqrt(square(path_sigma_)) / constants.expected_norm - 1);
    sigma_ *= numeric::exp(std::clamp(change, -1.0, 1.0));
    sigma_ = std::min(sigma_, sigma_ / largest_deviation());  // no wider than the cube
    factor();
  }

 private:
  [[nodiscard]] static double square(const Eigen::Ref<const Eigen::VectorXd>& vector) {
    double sum = 0;
    for (Eigen::Index j = 0; j < vector.size(); ++j) sum += vector[j] * vector[j];
    return sum;
  }

  [[nodiscard]] static Eigen::VectorXd weighted_mean(const Eigen::MatrixXd& columns, const Constants& constants) {
    Eigen::VectorXd mean = Eigen::VectorXd::Zero(columns.rows());
    for (std::size_t i = 0; i < constants.mu; ++i) {
      for (Eigen::Index j = 0; j < mean.size(); ++j) {
        mean[j] += constants.weights[i] * columns(j, static_cast<Eigen::Index>(i));
      }
    }
    return mean;
  }

  // Moves the mean and both paths. Returns whether the step-size path is so long that C's must wait.
  bool move(const Eigen::MatrixXd& steps, const Eigen::MatrixXd& white, const Constants& constants) {
    const auto accumulate = [&](Eigen::VectorXd& path, double rate, const Eigen::VectorXd& step, bool add) {
      const double gain = add ? std::sqrt(rate * (2 - rate) * constants.mu_effective) : 0;
      for (Eigen::Index j = 0; j < path.size(); ++j) path[j] = (1 - rate) * path[j] + gain * step[j];
    };
    accumulate(path_sigma_, constants.c_sigma, weighted_mean(white, constants), true);
    remembered_ *= (1 - constants.c_sigma) * (1 - constants.c_sigma);
    const auto n = static_cast<double>(mean_.size());
    const bool stall = square(path_sigma_) / (1 - remembered_) / n >= 2 + 4 / (n + 1);
    const Eigen::VectorXd step = weighted_mean(steps, constants);
    accumulate(path_c_, constants.c_c, step, !stall);
    for (Eigen::Index j = 0; j < mean_.size(); ++j) mean_[j] += sigma_ * step[j];
    return stall;
  }

  // C with the rank-one and the rank-mu update, its lower triangle and diagonal.
  void reshape(const Eigen::MatrixXd& steps, const std::vector<double>& squares, bool stall,
               const Constants& constants) {
    const Eigen::Index n = mean_.size();
    const double lost = stall ? constants.c_c * (2 - constants.c_c) : 0;
    std::vector<double> rates;
    double decay = 1 - constants.c_1 * (1 - lost);
    for (std::size_t i = 0; i < squares.size(); ++i) {
      const double weight = constants.weights[i];
      decay -= constants.c_mu * weight;
      // A bad step counts as if it had the expected length, or C might lose its positive definiteness.
      rates.push_back(constants.c_mu * weight *
                      (weight < 0 ? static_cast<double>(n) / std::max(squares[i], 1e-30) : 1));
    }
    for (Eigen::Index k = 0; k < n; ++k) {
      for (Eigen::Index j = k; j < n; ++j)
        covariance_(j, k) = decay * covariance_(j, k) + constants.c_1 * path_c_[j] * path_c_[k];
      for (Eigen::Index i = 0; i < steps.cols(); ++i) {
        const double factor = rates[static_cast<std::size_t>(i)] * steps(k, i);
        for (Eigen::Index j = k; j < n; ++j) covariance_(j, k) += factor * steps(j, i);
      }
    }
  }

  void factor() {
    double jitter = 1e-14;
    while (!cholesky_.factor(covariance_)) {
      double largest = 0;
      for (Eigen::Index j = 0; j < mean_.size(); ++j) largest = std::max(largest, std::fabs(covariance_(j, j)));
      for (Eigen::Index j = 0; j < mean_.size(); ++j) covariance_(j, j) += jitter * largest;
      jitter *= 10;
    }
    lower_ = cholesky_.lower();
  }

  Eigen::VectorXd mean_;
  double sigma_;
  Eigen::MatrixXd covariance_, lower_;
  numeric::Cholesky cholesky_;
  Eigen::VectorXd path_c_, path_sigma_;
  double remembered_ = 1;  // share of the step-size path that is still its start, 0
};

}  // namespace hposearch::inline v0::cma_es
