/// \file
/// The layers of the network, each a forward function and the gradient of it.
///
/// Activations are matrices with channels down a column. A feature map has one column per pixel, pixels row by row,
/// image after image: channels x (pixels * images). So a convolution is one matrix product, and pooling works on whole
/// columns.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <span>

#include <Eigen/Core>

namespace digits {

template <class Scalar>
using Matrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>;
template <class Scalar>
using Vector = Eigen::Matrix<Scalar, Eigen::Dynamic, 1>;

enum class Pool { max, average };

/// The 3x3 neighbourhood of every pixel as a column (im2col); pixels beyond the border are 0.
/// \param images (side * side) x n
/// \return 9 x (side * side * n)
template <class Scalar>
[[nodiscard]] Matrix<Scalar> patches(const Matrix<Scalar>& images, Eigen::Index side) {
  const Eigen::Index pixels = side * side;
  Matrix<Scalar> columns = Matrix<Scalar>::Zero(9, pixels * images.cols());
  for (Eigen::Index image = 0; image < images.cols(); ++image)
    for (Eigen::Index pixel = 0; pixel < pixels; ++pixel)
      for (Eigen::Index tap = 0; tap < 9; ++tap) {
        const Eigen::Index row = pixel / side + tap / 3 - 1;
        const Eigen::Index column = pixel % side + tap % 3 - 1;
        if (row >= 0 && row < side && column >= 0 && column < side)
          columns(tap, image * pixels + pixel) = images(row * side + column, image);
      }
  return columns;
}

/// The four pixels that pooled pixel number `pooled` (counted over all images) is made of.
/// \param side of the unpooled image, even
[[nodiscard]] inline std::array<Eigen::Index, 4> pooling_window(Eigen::Index pooled, Eigen::Index side) {
  // A pooled row covers two rows of the image, so rows may be counted over all images.
  const Eigen::Index row = pooled / (side / 2);
  const Eigen::Index corner = 2 * row * side + 2 * (pooled % (side / 2));
  return {corner, corner + 1, corner + side, corner + side + 1};
}

/// 2x2 pooling: channels x (side * side * n) to channels x (side * side * n / 4).
template <class Scalar>
[[nodiscard]] Matrix<Scalar> pool_forward(const Matrix<Scalar>& input, Pool pool, Eigen::Index side) {
  Matrix<Scalar> output(input.rows(), input.cols() / 4);
  for (Eigen::Index j = 0; j < output.cols(); ++j) {
    const auto [a, b, c, d] = pooling_window(j, side);
    const auto column = [&input](Eigen::Index pixel) { return input.col(pixel).array(); };
    if (pool == Pool::max)
      output.col(j) = column(a).max(column(b)).max(column(c).max(column(d)));
    else
      output.col(j) = (column(a) + column(b) + column(c) + column(d)) * Scalar(0.25);
  }
  return output;
}

/// The gradient with respect to pooling's input. A maximum's gradient goes to the first pixel that attains it.
/// \param rest the gradient with respect to the output: what is still to be handed on
template <class Scalar>
[[nodiscard]] Matrix<Scalar> pool_backward(const Matrix<Scalar>& input, const Matrix<Scalar>& output,
                                           Matrix<Scalar> rest, Pool pool, Eigen::Index side) {
  Matrix<Scalar> result(input.rows(), input.cols());
  for (Eigen::Index j = 0; j < output.cols(); ++j)
    for (const Eigen::Index pixel : pooling_window(j, side))
      if (pool == Pool::max) {
        const auto attains = (input.col(pixel).array() == output.col(j).array()).template cast<Scalar>();
        result.col(pixel) = rest.col(j).array() * attains;
        rest.col(j) -= result.col(pixel);
      } else {
        result.col(pixel) = rest.col(j) * Scalar(0.25);
      }
  return result;
}

/// Mean cross-entropy of the softmax of `logits` (classes x n). Not finite where a logit is not.
template <class Scalar>
[[nodiscard]] Scalar cross_entropy(const Matrix<Scalar>& logits, std::span<const int> labels) {
  Scalar total = 0;
  for (Eigen::Index j = 0; j < logits.cols(); ++j) {
    const Scalar highest = logits.col(j).maxCoeff();
    const Scalar log_sum = highest + std::log((logits.col(j).array() - highest).exp().sum());
    total += log_sum - logits(labels[static_cast<std::size_t>(j)], j);
  }
  return total / static_cast<Scalar>(logits.cols());
}

/// The gradient of cross_entropy with respect to the logits: (softmax - one-hot) / n.
template <class Scalar>
[[nodiscard]] Matrix<Scalar> cross_entropy_gradient(const Matrix<Scalar>& logits, std::span<const int> labels) {
  Matrix<Scalar> gradient(logits.rows(), logits.cols());
  for (Eigen::Index j = 0; j < logits.cols(); ++j) {
    auto column = gradient.col(j);
    column = (logits.col(j).array() - logits.col(j).maxCoeff()).exp();
    column /= column.sum();
    column[labels[static_cast<std::size_t>(j)]] -= Scalar(1);
  }
  return gradient / static_cast<Scalar>(logits.cols());
}

}  // namespace digits
