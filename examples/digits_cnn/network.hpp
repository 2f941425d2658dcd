/// \file
/// A small convolutional network: 3x3 convolution, ReLU, 2x2 pooling, dropout, dense layer, softmax.
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <utility>

#include <Eigen/Core>

#include <hposearch/numeric/random.hpp>

#include "digits.hpp"
#include "layers.hpp"

namespace digits {

/// What the network looks like.
struct Architecture {
  Eigen::Index channels = 32;  ///< of the convolution
  Pool pool = Pool::max;
};

/// Mean cross-entropy and share of right answers.
struct Score {
  double loss = 0;
  double accuracy = 0;
};

/// The network's weights and how to use them. All parameters lie in one vector, so that optimisers and the gradient
/// check need not know the layers.
/// \tparam Scalar float to train, double to check the gradient
template <class Scalar>
class Network {
 public:
  /// Random weights of variance 2 / inputs (He et al. 2015), biases 0.
  Network(Architecture architecture, hposearch::numeric::Random& random)
      : architecture_(architecture), parameters_(Vector<Scalar>::Zero(layout().size)) {
    fill(filters(parameters_), 9, random);
    fill(dense(parameters_), features(), random);
  }

  /// In this order: filters (channels x 9), their biases, dense weights (10 x features), their biases; matrices by
  /// columns. A filter's nine weights and an image's features (channels x 16 pixels) are in the order of the pixels.
  [[nodiscard]] Vector<Scalar>& parameters() noexcept { return parameters_; }
  /// Inputs of the dense layer: what dropout works on.
  [[nodiscard]] Eigen::Index features() const noexcept { return architecture_.channels * image_pixels / 4; }

  /// Classes x n, without dropout.
  /// \param images 64 x n
  [[nodiscard]] Matrix<Scalar> logits(const Matrix<Scalar>& images) const {
    const Matrix<Scalar> pooled = pool_forward(convolve(patches(images, image_side)), architecture_.pool, image_side);
    return classify(flat(pooled));
  }

  /// Mean cross-entropy on one batch under a dropout mask, and its gradient with respect to all parameters.
  /// \param images   64 x n
  /// \param labels   n
  /// \param dropout  features() x n, multiplies the pooled activations: 0 or 1 / keep_prob
  /// \param gradient set to the gradient, as long as parameters()
  [[nodiscard]] Scalar loss_and_gradient(const Matrix<Scalar>& images, std::span<const int> labels,
                                         const Matrix<Scalar>& dropout, Vector<Scalar>& gradient) const {
    const Matrix<Scalar> columns = patches(images, image_side);
    const Matrix<Scalar> convolved = convolve(columns);
    const Matrix<Scalar> pooled = pool_forward(convolved, architecture_.pool, image_side);
    const Matrix<Scalar> kept = flat(pooled).cwiseProduct(dropout);
    const Matrix<Scalar> output = classify(kept);

    gradient.resize(parameters_.size());
    const Matrix<Scalar> d_output = cross_entropy_gradient(output, labels);
    dense(gradient).noalias() = d_output * kept.transpose();
    dense_bias(gradient) = d_output.rowwise().sum();
    Matrix<Scalar> d_pooled = (dense(parameters_).transpose() * d_output).cwiseProduct(dropout);
    d_pooled.resize(pooled.rows(), pooled.cols());
    Matrix<Scalar> d_convolved = pool_backward(convolved, pooled, std::move(d_pooled), architecture_.pool, image_side);
    d_convolved.array() *= (convolved.array() > Scalar(0)).template cast<Scalar>();
    filters(gradient).noalias() = d_convolved * columns.transpose();
    filter_bias(gradient) = d_convolved.rowwise().sum();
    return cross_entropy(output, labels);
  }

  /// Without dropout. The loss is not finite where the network has diverged.
  [[nodiscard]] Score evaluate(const Matrix<Scalar>& images, std::span<const int> labels) const {
    const Matrix<Scalar> output = logits(images);
    std::size_t right = 0;
    for (Eigen::Index j = 0; j < output.cols(); ++j) {
      Eigen::Index answer = 0;
      output.col(j).maxCoeff(&answer);
      right += answer == labels[static_cast<std::size_t>(j)] ? 1U : 0U;
    }
    // Maxima may swallow what is not a number, so a network that has diverged could look healthy.
    const Scalar loss =
        parameters_.allFinite() ? cross_entropy(output, labels) : std::numeric_limits<Scalar>::quiet_NaN();
    return {static_cast<double>(loss), static_cast<double>(right) / static_cast<double>(labels.size())};
  }

 private:
  /// Where each layer's parameters begin.
  struct Layout {
    Eigen::Index filter_bias, dense, dense_bias, size;
  };
  [[nodiscard]] Layout layout() const noexcept {
    const Eigen::Index filter_bias = 9 * architecture_.channels;
    const Eigen::Index dense = filter_bias + architecture_.channels;
    const Eigen::Index dense_bias = dense + classes * features();
    return {filter_bias, dense, dense_bias, dense_bias + classes};
  }

  // Views into a vector laid out like the parameters: these themselves, or their gradient.
  template <class V>
  [[nodiscard]] auto filters(V& all) const {
    return all.head(layout().filter_bias).reshaped(architecture_.channels, 9);
  }
  template <class V>
  [[nodiscard]] auto filter_bias(V& all) const {
    return all.segment(layout().filter_bias, architecture_.channels);
  }
  template <class V>
  [[nodiscard]] auto dense(V& all) const {
    return all.segment(layout().dense, classes * features()).reshaped(classes, features());
  }
  template <class V>
  [[nodiscard]] auto dense_bias(V& all) const {
    return all.segment(layout().dense_bias, classes);
  }

  template <class View>
  static void fill(View weights, Eigen::Index inputs, hposearch::numeric::Random& random) {
    const double deviation = std::sqrt(2.0 / static_cast<double>(inputs));
    for (auto& weight : weights.reshaped()) weight = static_cast<Scalar>(deviation * random.normal());
  }

  /// Convolution and ReLU: 9 x pixels to channels x pixels.
  [[nodiscard]] Matrix<Scalar> convolve(const Matrix<Scalar>& columns) const {
    Matrix<Scalar> result = filters(parameters_) * columns;
    result = (result.colwise() + filter_bias(parameters_)).cwiseMax(Scalar(0));
    return result;
  }

  /// The channels x 16 pixels of an image as one column of features.
  [[nodiscard]] Eigen::Map<const Matrix<Scalar>> flat(const Matrix<Scalar>& pooled) const {
    return {pooled.data(), features(), pooled.size() / features()};
  }

  template <class Features>
  [[nodiscard]] Matrix<Scalar> classify(const Features& inputs) const {
    return (dense(parameters_) * inputs).colwise() + dense_bias(parameters_);
  }

  Architecture architecture_;
  Vector<Scalar> parameters_;
};

/// A dropout mask: each entry is 1 / keep_prob with probability `keep_prob` and 0 otherwise, so that the mean is 1.
template <class Scalar>
[[nodiscard]] Matrix<Scalar> dropout_mask(Eigen::Index features, Eigen::Index images, double keep_prob,
                                          hposearch::numeric::Random& random) {
  const auto kept = static_cast<Scalar>(1 / keep_prob);
  return Matrix<Scalar>::NullaryExpr(features, images, [&] { return random.uniform() < keep_prob ? kept : Scalar(0); });
}

}  // namespace digits
