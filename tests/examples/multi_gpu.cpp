// What the kernels of examples/multi_gpu compute, on the processor, against the network of examples/digits_cnn.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <vector>

#include <support/catch.hpp>

#include "../../examples/digits_cnn/network.hpp"
#include "../../examples/digits_cnn/train.hpp"
#include "../../examples/multi_gpu/options.hpp"
#include "../../examples/multi_gpu/training.hpp"

namespace {

using hposearch::numeric::Random;

digits::Digits random_digits(Eigen::Index count, std::uint64_t seed) {
  Random random{seed};
  digits::Digits data{Eigen::MatrixXf::NullaryExpr(64, count, [&] { return static_cast<float>(random.uniform()); }),
                      {}};
  for (Eigen::Index i = 0; i < count; ++i) {
    data.labels.push_back(static_cast<int>(i % 10));
    data.images.col(i).segment(6 * (i % 10), 6) *= 0.2F;  // something to learn
  }
  return data;
}

digits_gpu::Images view(const digits::Digits& data) {
  return {{data.images.data(), static_cast<std::size_t>(data.images.size())}, data.labels};
}

digits::Training training(int channels, bool max_pool) {
  return {.architecture = {.channels = channels, .pool = max_pool ? digits::Pool::max : digits::Pool::average},
          .learning_rate = 3e-3,
          .keep_prob = 0.7,
          .epochs = 3,
          .batch = 32,
          .seed = 9};
}

digits_gpu::Settings settings(const digits::Training& from) {
  return {.shape = {.channels = static_cast<int>(from.architecture.channels),
                    .max_pool = from.architecture.pool == digits::Pool::max},
          .learning_rate = from.learning_rate,
          .keep_prob = from.keep_prob,
          .epochs = from.epochs,
          .batch = from.batch,
          .seed = from.seed};
}

}  // namespace

TEST_CASE("the kernels' arithmetic gives the gradient of the processor's network") {
  for (const bool max_pool : {true, false})
    for (const int channels : {8, 128}) {
      const digits::Training options = training(channels, max_pool);
      const digits::Digits batch = random_digits(32, 3);
      Random random{options.seed};
      digits::Network<float> network{options.architecture, random};
      const auto mask = digits::dropout_mask<float>(network.features(), 32, options.keep_prob, random);
      digits::Vector<float> expected;
      static_cast<void>(network.loss_and_gradient(batch.images, batch.labels, mask, expected));

      digits_gpu::Host host;
      digits_gpu::Trainer<digits_gpu::Host> trainer{host, settings(options), 32};
      const std::vector<float> weights = trainer.parameters();
      REQUIRE(weights.size() == static_cast<std::size_t>(network.parameters().size()));
      CHECK(std::ranges::equal(weights, network.parameters().reshaped()));
      trainer.differentiate(view(batch), {mask.data(), static_cast<std::size_t>(mask.size())});
      const std::vector<float> gradient = trainer.gradient();
      const float largest = expected.cwiseAbs().maxCoeff();
      float worst = 0;
      for (std::size_t i = 0; i < gradient.size(); ++i)
        worst = std::max(worst, std::abs(gradient[i] - expected[static_cast<Eigen::Index>(i)]));
      CHECK(worst <= 1e-5F * largest);
      CHECK(std::abs(trainer.loss(view(batch)) - network.evaluate(batch.images, batch.labels).loss) < 1e-5);
    }
}

TEST_CASE("training by the kernels' arithmetic follows the processor's, epoch for epoch") {
  for (const bool max_pool : {true, false}) {
    const digits::Training options = training(8, max_pool);
    const digits::Digits data = random_digits(110, 1), validation = random_digits(50, 2);
    std::vector<double> expected, losses;
    digits::train(options, data, [&](int, const auto& network) {
      expected.push_back(network.evaluate(validation.images, validation.labels).loss);
      return true;
    });
    digits_gpu::Host host;
    const double last =
        digits_gpu::train(host, settings(options), view(data), view(validation), [&](int epoch, double loss) {
          CHECK(epoch == static_cast<int>(losses.size()) + 1);
          losses.push_back(loss);
          return true;
        });
    REQUIRE(losses.size() == 3);
    CHECK(last == losses.back());
    CHECK(losses.back() < losses.front());
    for (std::size_t epoch = 0; epoch < 3; ++epoch)
      CHECK(std::abs(losses[epoch] - expected[epoch]) < 1e-3 * expected[epoch]);
  }
}

TEST_CASE("a network that diverges has no finite loss, and training can be stopped") {
  digits::Training options = training(8, true);
  options.learning_rate = 1e30;
  const digits::Digits data = random_digits(64, 1);
  digits_gpu::Host host;
  int epochs = 0;
  const double loss = digits_gpu::train(host, settings(options), view(data), view(data), [&](int, double now) {
    ++epochs;
    return std::isfinite(now);
  });
  CHECK_FALSE(std::isfinite(loss));
  CHECK(epochs == 1);
}

TEST_CASE("the command line of multi_gpu says what it does not know") {
  const auto parse = [](const std::vector<const char*>& arguments) {
    return digits_gpu::parse_options(std::span{arguments});
  };
  CHECK(parse({}).simulate == 0);
  const auto options = parse({"--simulate", "4", "--slots-per-gpu", "2", "--threads", "--trials", "7"});
  CHECK(options.simulate == 4);
  CHECK(options.slots_per_gpu == 2);
  CHECK(options.threads);
  CHECK(options.trials == 7);
  CHECK_THROWS_AS(parse({"--simulate", "0"}), std::invalid_argument);
  CHECK_THROWS_AS(parse({"--simulate"}), std::invalid_argument);
  CHECK_THROWS_AS(parse({"--gpus", "4"}), std::invalid_argument);
}
