/// \file
/// Training by Adam on shuffled mini-batches, where a backend says: on the processor or on a GPU.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <numeric>
#include <span>
#include <vector>

#include <hposearch/numeric/random.hpp>

#include "arithmetic.hpp"

namespace digits_gpu {

/// Labelled images, a view.
struct Images {
  std::span<const float> pixels;  ///< 64 of an image after those of another, in [0, 1]
  std::span<const int> labels;    ///< 0 to 9
};

/// Everything a training run depends on besides its data and its backend; as digits::Training.
struct Settings {
  Shape shape{};
  double learning_rate = 1e-3;
  double keep_prob = 0.5;
  int epochs = 12;
  std::size_t batch = 32;
  std::uint64_t seed = 0;
};

/// Told the epoch, from 1, and the validation loss, which is not finite once the network has diverged; returns whether
/// to go on.
using AfterEpoch = std::function<bool(int, double)>;

/// Bytes that a training run holds on its device, about.
[[nodiscard]] inline std::size_t device_bytes(const Shape& shape, std::size_t batch, std::size_t validation) {
  const auto features = static_cast<std::size_t>(shape.features());
  const std::size_t images = std::max(batch, validation);
  return sizeof(float) * (4 * static_cast<std::size_t>(shape.parameters()) + images * (12 * features + pixels + 32));
}

/// The memory of the processor, and loops.
struct Host {
  template <class T>
  using Buffer = std::vector<T>;

  template <class T>
  [[nodiscard]] Buffer<T> allocate(std::size_t count) const {
    return Buffer<T>(count);
  }
  template <class T>
  void upload(std::span<const T> from, Buffer<T>& to) const {
    std::ranges::copy(from, to.begin());
  }
  template <class T>
  void download(const Buffer<T>& from, std::span<T> to) const {
    std::copy_n(from.begin(), to.size(), to.begin());
  }
  /// Calls body(0), ..., body(count - 1), in any order.
  template <class Body>
  void for_each(int count, const Body& body) const {
    for (int i = 0; i < count; ++i) body(i);
  }
};

/// One network in training. With the same seed it starts from the same weights, sees the same batches and drops the
/// same activations as digits::train(); what differs is the order of sums.
template <class Backend>
class Trainer {
  template <class T>
  using Buffer = typename Backend::template Buffer<T>;

 public:
  /// \param most images that are looked at at once, at most
  Trainer(Backend& backend, const Settings& settings, std::size_t most)
      : backend_(backend),
        shape_(settings.shape),
        random_(settings.seed),
        parameters_(floats(shape_.parameters())),
        gradient_(floats(shape_.parameters())),
        mean_(floats(shape_.parameters())),
        square_(floats(shape_.parameters())),
        images_(floats(static_cast<int>(most) * pixels)),
        convolved_(floats(static_cast<int>(most) * pixels * shape_.channels)),
        d_convolved_(floats(static_cast<int>(most) * pixels * shape_.channels)),
        pooled_(floats(static_cast<int>(most) * shape_.features())),
        mask_(floats(static_cast<int>(most) * shape_.features())),
        logits_(floats(static_cast<int>(most) * classes)),
        d_logits_(floats(static_cast<int>(most) * classes)),
        losses_(floats(static_cast<int>(most))),
        labels_(backend.template allocate<int>(most)) {
    const std::vector<float> zeros(static_cast<std::size_t>(shape_.parameters()), 0.0F);
    backend_.upload(std::span<const float>{zeros}, mean_);
    backend_.upload(std::span<const float>{zeros}, square_);
    const std::vector<float> weights = first_weights();
    backend_.upload(std::span<const float>{weights}, parameters_);
  }

  [[nodiscard]] hposearch::numeric::Random& random() noexcept { return random_; }

  [[nodiscard]] std::vector<float> parameters() const { return fetched(parameters_, shape_.parameters()); }
  [[nodiscard]] std::vector<float> gradient() const { return fetched(gradient_, shape_.parameters()); }

  /// Sets the gradient to that of the mean loss on a batch. \param mask features x images, as digits::dropout_mask
  void differentiate(const Images& batch, std::span<const float> mask) {
    const int count = forward(batch, mask);
    backend_.for_each(count, CrossEntropy{count, logits_.data(), labels_.data(), losses_.data(), d_logits_.data()});
    backend_.for_each(classes * (shape_.features() + 1),
                      DenseGradient{shape_, count, pooled_.data(), d_logits_.data(), gradient_.data()});
    backend_.for_each(count * shape_.features(), Backward{shape_, parameters_.data(), d_logits_.data(), mask_.data(),
                                                          convolved_.data(), d_convolved_.data()});
    backend_.for_each((taps + 1) * shape_.channels,
                      FilterGradient{shape_, count, images_.data(), d_convolved_.data(), gradient_.data()});
  }

  /// A step of Adam along the gradient.
  void step(double learning_rate) {
    ++steps_;
    const double rate =
        learning_rate * std::sqrt(1 - std::pow(double{0.999F}, steps_)) / (1 - std::pow(double{0.9F}, steps_));
    backend_.for_each(shape_.parameters(), AdamStep{static_cast<float>(rate), gradient_.data(), parameters_.data(),
                                                    mean_.data(), square_.data()});
  }

  /// The mean loss without dropout; not a number once a parameter is not finite.
  [[nodiscard]] double loss(const Images& images) {
    const int count = forward(images, {});
    backend_.for_each(count, CrossEntropy{count, logits_.data(), labels_.data(), losses_.data(), nullptr});
    const std::vector<float> losses = fetched(losses_, count), weights = parameters();
    if (!std::ranges::all_of(weights, [](float w) { return std::isfinite(w); }))
      return std::numeric_limits<double>::quiet_NaN();
    return std::accumulate(losses.begin(), losses.end(), 0.0) / count;
  }

 private:
  [[nodiscard]] Buffer<float> floats(int count) const {
    return backend_.template allocate<float>(static_cast<std::size_t>(count));
  }
  [[nodiscard]] std::vector<float> fetched(const Buffer<float>& from, int count) const {
    std::vector<float> values(static_cast<std::size_t>(count));
    backend_.download(from, std::span{values});
    return values;
  }

  // Of variance 2 / inputs; biases 0.
  [[nodiscard]] std::vector<float> first_weights() {
    std::vector<float> weights(static_cast<std::size_t>(shape_.parameters()), 0.0F);
    const auto fill = [&](int begin, int end, int inputs) {
      const double deviation = std::sqrt(2.0 / inputs);
      for (int i = begin; i < end; ++i)
        weights[static_cast<std::size_t>(i)] = static_cast<float>(deviation * random_.normal());
    };
    fill(0, shape_.filter_bias(), taps);
    fill(shape_.dense(), shape_.dense_bias(), shape_.features());
    return weights;
  }

  // Up to the logits. \returns the number of images
  int forward(const Images& images, std::span<const float> mask) {
    const int count = static_cast<int>(images.labels.size());
    backend_.upload(images.pixels, images_);
    backend_.upload(images.labels, labels_);
    backend_.for_each(count * pixels * shape_.channels,
                      Convolve{shape_, parameters_.data(), images_.data(), convolved_.data()});
    backend_.for_each(count * shape_.features(), PoolForward{shape_, convolved_.data(), pooled_.data()});
    if (!mask.empty()) {
      backend_.upload(mask, mask_);
      backend_.for_each(count * shape_.features(), Drop{mask_.data(), pooled_.data()});
    }
    backend_.for_each(count * classes, Classify{shape_, parameters_.data(), pooled_.data(), logits_.data()});
    return count;
  }

  Backend& backend_;
  Shape shape_;
  hposearch::numeric::Random random_;
  int steps_ = 0;
  Buffer<float> parameters_, gradient_, mean_, square_;
  Buffer<float> images_, convolved_, d_convolved_, pooled_, mask_, logits_, d_logits_, losses_;
  Buffer<int> labels_;
};

/// Trains a network. \returns the validation loss after the last epoch
template <class Backend>
double train(Backend& backend, const Settings& settings, const Images& training, const Images& validation,
             const AfterEpoch& after_epoch) {
  const std::size_t most = std::max(settings.batch, validation.labels.size());
  Trainer<Backend> trainer{backend, settings, most};
  hposearch::numeric::Random& random = trainer.random();
  const auto kept = static_cast<float>(1 / settings.keep_prob);
  std::vector<std::size_t> order(training.labels.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::vector<float> images, mask;
  std::vector<int> labels;
  double loss = std::numeric_limits<double>::quiet_NaN();
  for (int epoch = 1; epoch <= settings.epochs; ++epoch) {
    random.shuffle(std::span{order});
    for (std::size_t first = 0; first < order.size(); first += settings.batch) {
      const std::size_t count = std::min(settings.batch, order.size() - first);
      images.clear();
      labels.clear();
      for (const std::size_t index : std::span{order}.subspan(first, count)) {
        const auto image = training.pixels.subspan(index * pixels, pixels);
        images.insert(images.end(), image.begin(), image.end());
        labels.push_back(training.labels[index]);
      }
      mask.resize(count * static_cast<std::size_t>(settings.shape.features()));
      for (float& factor : mask) factor = random.uniform() < settings.keep_prob ? kept : 0.0F;
      trainer.differentiate({images, labels}, mask);
      trainer.step(settings.learning_rate);
    }
    loss = trainer.loss(validation);
    if (!after_epoch(epoch, loss)) break;
  }
  return loss;
}

}  // namespace digits_gpu
