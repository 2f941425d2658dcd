#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

#include <support/catch.hpp>

#include "../../examples/digits_cnn/network.hpp"
#include "../../examples/digits_cnn/train.hpp"

using namespace digits;
using hposearch::numeric::Random;

namespace {

template <class Scalar>
Matrix<Scalar> random_matrix(Eigen::Index rows, Eigen::Index columns, Random& random, double low = -1) {
  return Matrix<Scalar>::NullaryExpr(rows, columns,
                                     [&] { return static_cast<Scalar>(low + (1 - low) * random.uniform()); });
}

/// The whole network for one image, pixel by pixel as its definition says, without dropout.
std::vector<double> naive_logits(const Architecture& architecture, const Vector<double>& parameters,
                                 const Eigen::Ref<const Vector<double>>& image) {
  const Eigen::Index channels = architecture.channels;
  const auto pixel = [&](Eigen::Index row, Eigen::Index column) {
    return row < 0 || row > 7 || column < 0 || column > 7 ? 0.0 : image[8 * row + column];
  };
  const auto activation = [&](Eigen::Index channel, Eigen::Index row, Eigen::Index column) {
    double sum = parameters[9 * channels + channel];
    for (Eigen::Index tap = 0; tap < 9; ++tap)
      sum += parameters[tap * channels + channel] * pixel(row + tap / 3 - 1, column + tap % 3 - 1);
    return sum > 0 ? sum : 0.0;
  };
  const Eigen::Index dense = 10 * channels, bias = dense + 160 * channels;
  std::vector<double> logits;
  for (Eigen::Index digit = 0; digit < 10; ++digit) {
    double sum = parameters[bias + digit];
    for (Eigen::Index pooled = 0; pooled < 16; ++pooled)
      for (Eigen::Index channel = 0; channel < channels; ++channel) {
        const Eigen::Index row = 2 * (pooled / 4), column = 2 * (pooled % 4);
        const double a = activation(channel, row, column), b = activation(channel, row, column + 1),
                     c = activation(channel, row + 1, column), d = activation(channel, row + 1, column + 1);
        const double feature = architecture.pool == Pool::max ? std::max({a, b, c, d}) : (a + b + c + d) / 4;
        sum += parameters[dense + 10 * (pooled * channels + channel) + digit] * feature;
      }
    logits.push_back(sum);
  }
  return logits;
}

/// 20 images of each of two easily told digits.
Digits two_digits() {
  Random random{5};
  Digits digits{random_matrix<float>(64, 40, random, 0), {}};
  for (int i = 0; i < 40; ++i) {
    digits.labels.push_back(i % 2);
    digits.images.col(i).segment(i % 2 == 0 ? 0 : 32, 32) *= 0.2F;
  }
  return digits;
}

}  // namespace

TEST_CASE("the network's output is what its definition says, pixel by pixel") {
  for (const Pool pool : {Pool::max, Pool::average}) {
    Random random{1};
    const Architecture architecture{5, pool};
    Network<double> network{architecture, random};
    network.parameters() = random_matrix<double>(network.parameters().size(), 1, random);
    const Matrix<double> images = random_matrix<double>(64, 3, random, 0);
    const Matrix<double> logits = network.logits(images);
    REQUIRE(logits.rows() == 10);
    REQUIRE(logits.cols() == 3);
    for (Eigen::Index image = 0; image < 3; ++image) {
      const auto expected = naive_logits(architecture, network.parameters(), images.col(image));
      for (Eigen::Index digit = 0; digit < 10; ++digit)
        CHECK(logits(digit, image) == Approx(expected[static_cast<std::size_t>(digit)]).epsilon(1e-12));
    }
  }
}

TEST_CASE("the network's gradient agrees with central differences, parameter by parameter") {
  for (const Pool pool : {Pool::max, Pool::average}) {
    Random random{2};
    Network<double> network{{2, pool}, random};
    network.parameters() += 0.1 * random_matrix<double>(network.parameters().size(), 1, random);
    const Matrix<double> images = random_matrix<double>(64, 2, random, 0);
    const std::vector<int> labels{3, 9};
    const Matrix<double> mask = dropout_mask<double>(network.features(), 2, 0.6, random);
    Vector<double> gradient, unused;
    static_cast<void>(network.loss_and_gradient(images, labels, mask, gradient));
    REQUIRE(gradient.size() == network.parameters().size());
    REQUIRE(gradient.cwiseAbs().maxCoeff() > 1e-2);

    constexpr double step = 1e-6;
    double worst = 0;
    for (Eigen::Index i = 0; i < gradient.size(); ++i) {
      const double value = network.parameters()[i];
      network.parameters()[i] = value + step;
      const double above = network.loss_and_gradient(images, labels, mask, unused);
      network.parameters()[i] = value - step;
      const double below = network.loss_and_gradient(images, labels, mask, unused);
      network.parameters()[i] = value;
      worst = std::max(worst, std::abs((above - below) / (2 * step) - gradient[i]));
    }
    CHECK(worst < 1e-8);
  }
}

TEST_CASE("the gradient of pooling agrees with central differences, input by input") {
  for (const Pool pool : {Pool::max, Pool::average}) {
    Random random{3};
    Matrix<double> input = random_matrix<double>(2, 2 * 16, random);  // two 4x4 images
    const Matrix<double> weights = random_matrix<double>(2, 2 * 4, random);
    const auto weighted = [&] { return pool_forward(input, pool, 4).cwiseProduct(weights).sum(); };
    const Matrix<double> gradient = pool_backward(input, pool_forward(input, pool, 4), weights, pool, 4);
    for (Eigen::Index i = 0; i < input.size(); ++i) {
      const double value = input(i);
      input(i) = value + 1e-6;
      const double above = weighted();
      input(i) = value - 1e-6;
      const double below = weighted();
      input(i) = value;
      CHECK((above - below) / 2e-6 == Approx(gradient(i)).margin(1e-8));
    }
  }
}

TEST_CASE("a maximum that several pixels attain sends its gradient to one of them") {
  const Matrix<double> input = Matrix<double>::Constant(1, 4, 2.0);
  Matrix<double> gradient = Matrix<double>::Constant(1, 1, 3.0);
  const auto result = pool_backward(input, pool_forward(input, Pool::max, 2), std::move(gradient), Pool::max, 2);
  CHECK(result(0) == 3.0);
  CHECK(result.sum() == 3.0);
}

TEST_CASE("patches hold each pixel's neighbourhood, with nothing beyond the border") {
  Matrix<double> images(9, 2);  // two 3x3 images
  for (Eigen::Index i = 0; i < 9; ++i) images.row(i) << static_cast<double>(i + 1), static_cast<double>(10 * (i + 1));
  const Matrix<double> columns = patches(images, 3);
  REQUIRE(columns.cols() == 18);
  Vector<double> corner(9), centre(9);
  corner << 0, 0, 0, 0, 1, 2, 0, 4, 5;
  centre << 10, 20, 30, 40, 50, 60, 70, 80, 90;
  CHECK(columns.col(0) == corner);
  CHECK(columns.col(9 + 4) == centre);
}

TEST_CASE("the cross-entropy of known logits is what it must be, and survives large ones") {
  Matrix<double> logits(2, 2);
  logits << 0, 1000, 0, 0;
  const std::vector<int> right{0, 0}, wrong{0, 1};
  CHECK(cross_entropy(logits, right) == Approx(std::log(2.0) / 2));
  CHECK(cross_entropy(logits, wrong) == Approx((std::log(2.0) + 1000) / 2));
}

TEST_CASE("a dropout mask keeps the asked share and the mean") {
  Random random{4};
  const auto mask = dropout_mask<double>(100, 200, 0.25, random);
  CHECK(((mask.array() == 0) || (mask.array() == 4)).all());
  CHECK(mask.mean() == Approx(1).margin(0.05));
  CHECK((dropout_mask<double>(10, 10, 1.0, random).array() == 1).all());
}

TEST_CASE("weights that are not finite give a loss that is not finite") {
  for (const Pool pool : {Pool::max, Pool::average})
    for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()})
      for (const bool filter : {true, false}) {
        Random random{6};
        Network<float> network{{8, pool}, random};
        network.parameters()[filter ? 32 : network.parameters().size() - 200] = bad;
        const Digits digits = two_digits();
        CHECK_FALSE(std::isfinite(network.evaluate(digits.images, digits.labels).loss));
      }
}

TEST_CASE("training lowers the loss, and more epochs lower it further") {
  const Digits digits = two_digits();
  std::vector<double> losses;
  const Training training{{8, Pool::max}, 1e-2, 0.8, 6, 8, 1};
  static_cast<void>(train(training, digits, [&](int epoch, const Network<float>& network) {
    CHECK(epoch == static_cast<int>(losses.size()) + 1);
    losses.push_back(network.evaluate(digits.images, digits.labels).loss);
    return true;
  }));
  REQUIRE(losses.size() == 6);
  CHECK(losses.front() < std::log(10.0));
  CHECK(losses.back() < 0.5 * losses.front());
}

TEST_CASE("training is repeatable, depends on its seed, and stops when told to") {
  const Digits digits = two_digits();
  const auto weights = [&](std::uint64_t seed, int stop_after) {
    const auto after_epoch = [=](int epoch, const Network<float>&) { return epoch < stop_after; };
    return train({{8, Pool::average}, 1e-2, 0.5, 3, 16, seed}, digits, after_epoch).parameters();
  };
  CHECK(weights(1, 3) == weights(1, 3));
  CHECK(weights(1, 3) != weights(2, 3));
  CHECK(weights(1, 1) != weights(1, 3));
}
