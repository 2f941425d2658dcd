/// \file
/// Training by Adam on shuffled mini-batches.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include <hposearch/numeric/random.hpp>

#include "digits.hpp"
#include "network.hpp"

namespace digits {

/// Everything a training run depends on besides its data.
struct Training {
  Architecture architecture;
  double learning_rate = 1e-3;
  double keep_prob = 0.5;  ///< share of activations that dropout keeps, in (0, 1]
  int epochs = 12;
  std::size_t batch = 32;
  std::uint64_t seed = 0;  ///< of weights, order and dropout
};

/// Adam with its authors' constants (Kingma and Ba 2015, algorithm 1).
template <class Scalar>
class Adam {
 public:
  explicit Adam(Eigen::Index size) : mean_(Vector<Scalar>::Zero(size)), square_(Vector<Scalar>::Zero(size)) {}

  void step(Vector<Scalar>& parameters, const Vector<Scalar>& gradient, double learning_rate) {
    constexpr Scalar beta1 = Scalar(0.9), beta2 = Scalar(0.999), epsilon = Scalar(1e-8);
    ++steps_;
    mean_ += (1 - beta1) * (gradient - mean_);
    square_ += (1 - beta2) * (gradient.cwiseAbs2() - square_);
    // The corrections for starting at 0 in one factor, as in the end of section 2.
    const auto rate = static_cast<Scalar>(learning_rate * std::sqrt(1 - std::pow(double{beta2}, steps_)) /
                                          (1 - std::pow(double{beta1}, steps_)));
    parameters.array() -= rate * mean_.array() / (square_.array().sqrt() + epsilon);
  }

 private:
  Vector<Scalar> mean_, square_;
  int steps_ = 0;
};

/// Trains a network on `data`.
/// \param after_epoch called as after_epoch(epoch, network) with epochs from 1; returns whether to go on. A network
///                    that has diverged has a loss that is not finite.
template <class AfterEpoch>
Network<float> train(const Training& options, const Digits& data, AfterEpoch&& after_epoch) {
  hposearch::numeric::Random random{options.seed};
  Network<float> network{options.architecture, random};
  Adam<float> adam{network.parameters().size()};
  Vector<float> gradient;
  std::vector<std::size_t> order(data.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (int epoch = 1; epoch <= options.epochs; ++epoch) {
    random.shuffle(std::span{order});
    for (std::size_t first = 0; first < order.size(); first += options.batch) {
      const Digits batch = data.subset(std::span{order}.subspan(first, std::min(options.batch, order.size() - first)));
      const auto mask = dropout_mask<float>(network.features(), batch.images.cols(), options.keep_prob, random);
      static_cast<void>(network.loss_and_gradient(batch.images, batch.labels, mask, gradient));
      adam.step(network.parameters(), gradient, options.learning_rate);
    }
    if (!after_epoch(epoch, std::as_const(network))) break;
  }
  return network;
}

}  // namespace digits
