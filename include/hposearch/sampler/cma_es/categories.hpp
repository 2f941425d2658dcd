/// \file
/// A distribution over the categories of all categorical dimensions that learns from ranked samples.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include <hposearch/numeric/elementary.hpp>
#include <hposearch/numeric/random.hpp>

namespace hposearch::inline v0::cma_es {

/// Independent categorical distributions, moved along the natural gradient with an adaptive rate; every category keeps
/// some probability.
///
/// Source: R. Hamano et al., CatCMA: stochastic optimization for mixed-category problems, GECCO 2024; the rate is that
/// of Y. Akimoto et al., Adaptive stochastic natural gradient method for one-shot neural architecture search, ICML
/// 2019.
class Categories {
 public:
  /// \param sizes number of categories of each dimension, at least 1
  explicit Categories(std::span<const std::size_t> sizes) {
    const double kept =
        1 - numeric::exp(numeric::log(0.73) / static_cast<double>(std::max<std::size_t>(sizes.size(), 1)));
    for (const std::size_t size : sizes) {
      probabilities_.emplace_back(size, 1 / static_cast<double>(size));
      least_.push_back(size > 1 ? kept / static_cast<double>(size - 1) : 0);
      parameters_ += size - 1;
    }
    signal_.assign(parameters_, 0);
  }

  /// Probabilities of each dimension's categories.
  [[nodiscard]] const std::vector<std::vector<double>>& probabilities() const noexcept { return probabilities_; }

  /// A category of dimension `j`.
  [[nodiscard]] std::size_t sample(std::size_t j, numeric::Random& random) const {
    double u = random.uniform();
    for (std::size_t k = 0; k + 1 < probabilities_[j].size(); ++k) {
      u -= probabilities_[j][k];
      if (u < 0) return k;
    }
    return probabilities_[j].size() - 1;
  }

  /// \param population a category for each dimension of each individual, best first
  /// \param weights    of the individuals; negative ones count as 0
  void update(std::span<const std::vector<std::size_t>> population, std::span<const double> weights) {
    if (parameters_ == 0) return;
    const auto gradients = natural_gradients(population, weights);
    std::vector<double> direction = in_fisher_metric(gradients);
    double square = 0;
    for (const double x : direction) square += x * x;
    const double norm = std::sqrt(square) + 1e-30;
    const double rate = 1 / trust_;
    for (std::size_t j = 0; j < probabilities_.size(); ++j) {
      for (std::size_t k = 0; k < probabilities_[j].size(); ++k) probabilities_[j][k] += rate / norm * gradients[j][k];
    }
    adapt_rate(direction, norm, rate);
    for (std::size_t j = 0; j < probabilities_.size(); ++j) keep_least(probabilities_[j], least_[j]);
  }

 private:
  [[nodiscard]] std::vector<std::vector<double>> natural_gradients(std::span<const std::vector<std::size_t>> population,
                                                                   std::span<const double> weights) const {
    std::vector<std::vector<double>> gradients;
    double total = 0;
    for (std::size_t i = 0; i < population.size(); ++i) total += std::max(weights[i], 0.0);
    for (std::size_t j = 0; j < probabilities_.size(); ++j) {
      std::vector<double> gradient;
      for (const double p : probabilities_[j]) gradient.push_back(-total * p);
      for (std::size_t i = 0; i < population.size(); ++i) gradient[population[i][j]] += std::max(weights[i], 0.0);
      gradients.push_back(std::move(gradient));
    }
    return gradients;
  }

  // The square root of the Fisher information matrix times the gradient (Akimoto et al. 2019, appendix B).
  [[nodiscard]] std::vector<double> in_fisher_metric(const std::vector<std::vector<double>>& gradients) const {
    std::vector<double> result;
    for (std::size_t j = 0; j < gradients.size(); ++j) {
      const auto& p = probabilities_[j];
      const std::size_t last = p.size() - 1;
      double sum = 0;
      for (std::size_t k = 0; k < last; ++k) sum += gradients[j][k];
      for (std::size_t k = 0; k < last; ++k) {
        const double root = std::sqrt(p[k]);
        result.push_back(gradients[j][k] / root + root * sum / (p[last] + std::sqrt(p[last])));
      }
    }
    return result;
  }

  // A longer trust where the gradients of successive generations are noise, a shorter one where they agree.
  void adapt_rate(const std::vector<double>& direction, double norm, double rate) {
    const double root = std::sqrt(static_cast<double>(parameters_));
    const double beta = rate / root;
    double square = 0;
    for (std::size_t k = 0; k < parameters_; ++k) {
      signal_[k] = (1 - beta) * signal_[k] + std::sqrt(beta * (2 - beta)) * direction[k] / norm;
      square += signal_[k] * signal_[k];
    }
    expected_ = (1 - beta) * (1 - beta) * expected_ + beta * (2 - beta);
    constexpr double threshold = 1.5;
    trust_ = std::clamp(trust_ * numeric::exp(beta * (expected_ - square / threshold)), 1 / root, 1e10);
  }

  static void keep_least(std::vector<double>& p, double least) {
    double sum = 0;
    for (double& x : p) sum += x = std::max(x, least);
    const double above = sum - least * static_cast<double>(p.size());
    for (double& x : p) x -= (sum - 1) * (x - least) / above;
  }

  std::vector<std::vector<double>> probabilities_;
  std::vector<double> least_;
  std::size_t parameters_ = 0;
  std::vector<double> signal_;  // accumulated normalised gradients
  double expected_ = 0;         // square length of the signal if they were noise
  double trust_ = 1;            // reciprocal of the rate
};

}  // namespace hposearch::inline v0::cma_es
