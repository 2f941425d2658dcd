/// \file
/// The arithmetic of training the digits network, one element of a result at a time: what a thread of a CUDA kernel
/// does, and a turn of a loop on the processor. The same functions are compiled for both, so that what the kernels
/// compute is tested without a GPU.
///
/// Layouts are those of examples/digits_cnn: matrices by columns, an image a column of 64 pixels, a feature map
/// channels x (pixels * images), all parameters in one vector.
#pragma once

#include <cmath>

#if defined(__CUDACC__)
#define DIGITS_BOTH __host__ __device__
#else
#define DIGITS_BOTH
#endif

namespace digits_gpu {

inline constexpr int side = 8, pixels = side * side, pooled_pixels = pixels / 4, taps = 9, classes = 10;

/// Sizes, and where each layer's parameters begin: filters (channels x 9), their biases, dense weights (10 x features),
/// their biases.
struct Shape {
  int channels = 32;
  bool max_pool = true;

  [[nodiscard]] DIGITS_BOTH constexpr int features() const { return channels * pooled_pixels; }
  [[nodiscard]] DIGITS_BOTH constexpr int filter_bias() const { return taps * channels; }
  [[nodiscard]] DIGITS_BOTH constexpr int dense() const { return filter_bias() + channels; }
  [[nodiscard]] DIGITS_BOTH constexpr int dense_bias() const { return dense() + classes * features(); }
  [[nodiscard]] DIGITS_BOTH constexpr int parameters() const { return dense_bias() + classes; }
};

/// The pixel of an image that a filter's tap meets at a pixel; 0 beyond the border.
[[nodiscard]] DIGITS_BOTH inline float tapped(const float* image, int pixel, int tap) {
  const int row = pixel / side + tap / 3 - 1, column = pixel % side + tap % 3 - 1;
  return row >= 0 && row < side && column >= 0 && column < side ? image[row * side + column] : 0.0F;
}

/// The k-th of the four pixels that are pooled to one.
[[nodiscard]] DIGITS_BOTH inline int window(int pooled_pixel, int k) {
  constexpr int half = side / 2;
  return 2 * (pooled_pixel / half) * side + 2 * (pooled_pixel % half) + (k / 2) * side + k % 2;
}

/// Convolution and ReLU. i: an element of the feature map.
struct Convolve {
  Shape shape;
  const float *parameters, *images;
  float* convolved;

  DIGITS_BOTH void operator()(int i) const {
    const int channel = i % shape.channels, pixel = i / shape.channels % pixels;
    const float* image = images + i / shape.channels / pixels * pixels;
    float sum = 0;
    for (int tap = 0; tap < taps; ++tap) sum += parameters[tap * shape.channels + channel] * tapped(image, pixel, tap);
    sum += parameters[shape.filter_bias() + channel];
    // Not a maximum of the two: that would turn what is not a number into 0.
    convolved[i] = sum < 0 ? 0 : sum;
  }
};

/// 2x2 pooling. i: an element of the pooled map.
struct PoolForward {
  Shape shape;
  const float* convolved;
  float* pooled;

  DIGITS_BOTH void operator()(int i) const {
    const int channel = i % shape.channels, pixel = i / shape.channels % pooled_pixels;
    const float* map = convolved + i / shape.features() * pixels * shape.channels + channel;
    float highest = map[window(pixel, 0) * shape.channels], sum = highest;
    for (int k = 1; k < 4; ++k) {
      const float value = map[window(pixel, k) * shape.channels];
      sum += value;
      highest = value > highest ? value : highest;
    }
    pooled[i] = shape.max_pool ? highest : 0.25F * sum;
  }
};

/// Dropout. i: an element of the pooled map.
struct Drop {
  const float* mask;
  float* pooled;

  DIGITS_BOTH void operator()(int i) const { pooled[i] *= mask[i]; }
};

/// The dense layer. i: a logit.
struct Classify {
  Shape shape;
  const float *parameters, *features;
  float* logits;

  DIGITS_BOTH void operator()(int i) const {
    const int digit = i % classes;
    const float* input = features + i / classes * shape.features();
    const float* weights = parameters + shape.dense() + digit;
    float sum = 0;
    for (int k = 0; k < shape.features(); ++k) sum += weights[k * classes] * input[k];
    logits[i] = sum + parameters[shape.dense_bias() + digit];
  }
};

/// Cross-entropy of the softmax, and its mean's gradient by the logits where that is wanted. i: an image.
struct CrossEntropy {
  int images;
  const float* logits;
  const int* labels;
  float* losses;
  float* gradient;  // or nullptr

  DIGITS_BOTH void operator()(int i) const {
    const float* logit = logits + i * classes;
    float highest = logit[0], sum = 0;
    for (int k = 1; k < classes; ++k) highest = logit[k] > highest ? logit[k] : highest;
    for (int k = 0; k < classes; ++k) sum += std::exp(logit[k] - highest);
    losses[i] = highest + std::log(sum) - logit[labels[i]];
    if (gradient == nullptr) return;
    for (int k = 0; k < classes; ++k)
      gradient[i * classes + k] =
          (std::exp(logit[k] - highest) / sum - (k == labels[i] ? 1.0F : 0.0F)) / static_cast<float>(images);
  }
};

/// The gradient of the dense layer's parameters. i: a weight, or after those a bias.
struct DenseGradient {
  Shape shape;
  int images;
  const float *features, *d_logits;
  float* gradient;

  DIGITS_BOTH void operator()(int i) const {
    const int digit = i % classes, feature = i / classes;
    const bool bias = feature == shape.features();
    float sum = 0;
    for (int image = 0; image < images; ++image)
      sum += d_logits[image * classes + digit] * (bias ? 1.0F : features[image * shape.features() + feature]);
    gradient[shape.dense() + i] = sum;
  }
};

/// Back through the dense layer, dropout, pooling and ReLU: writes the four pixels under one pooled one. i: an element
/// of the pooled map.
struct Backward {
  Shape shape;
  const float *parameters, *d_logits, *mask, *convolved;
  float* d_convolved;

  DIGITS_BOTH void operator()(int i) const {
    const int feature = i % shape.features(), image = i / shape.features();
    const float* weights = parameters + shape.dense() + feature * classes;
    float rest = 0;
    for (int k = 0; k < classes; ++k) rest += weights[k] * d_logits[image * classes + k];
    rest *= mask[i];

    const int first = image * pixels * shape.channels + feature % shape.channels;
    const int pixel = feature / shape.channels;
    float highest = convolved[first + window(pixel, 0) * shape.channels];
    for (int k = 1; k < 4; ++k) {
      const float value = convolved[first + window(pixel, k) * shape.channels];
      highest = value > highest ? value : highest;
    }
    for (int k = 0; k < 4; ++k) {  // a maximum's gradient goes to the first pixel that attains it
      const int place = first + window(pixel, k) * shape.channels;
      const float value = convolved[place];
      float gradient = 0.25F * rest;
      if (shape.max_pool) {
        gradient = value == highest ? rest : 0.0F;
        rest -= gradient;
      }
      d_convolved[place] = value > 0 ? gradient : 0.0F;
    }
  }
};

/// The gradient of the filters and their biases. i: a weight, or after those a bias.
struct FilterGradient {
  Shape shape;
  int images;
  const float *inputs, *d_convolved;
  float* gradient;

  DIGITS_BOTH void operator()(int i) const {
    const int channel = i % shape.channels, tap = i / shape.channels;
    float sum = 0;
    for (int image = 0; image < images; ++image)
      for (int pixel = 0; pixel < pixels; ++pixel)
        sum += d_convolved[(image * pixels + pixel) * shape.channels + channel] *
               (tap == taps ? 1.0F : tapped(inputs + image * pixels, pixel, tap));
    gradient[i] = sum;
  }
};

/// A step of Adam. i: a parameter. `rate` has the corrections for starting at 0.
struct AdamStep {
  float rate;
  const float* gradient;
  float *parameters, *mean, *square;

  DIGITS_BOTH void operator()(int i) const {
    constexpr float beta1 = 0.9F, beta2 = 0.999F, epsilon = 1e-8F;
    mean[i] += (1 - beta1) * (gradient[i] - mean[i]);
    square[i] += (1 - beta2) * (gradient[i] * gradient[i] - square[i]);
    parameters[i] -= rate * mean[i] / (std::sqrt(square[i]) + epsilon);
  }
};

}  // namespace digits_gpu
