// The parts in sampler/cma_es/.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include <support/catch.hpp>
#include <support/dimensions.hpp>

#include <hposearch/numeric/normal.hpp>
#include <hposearch/sampler/cma_es/categories.hpp>
#include <hposearch/sampler/cma_es/constants.hpp>
#include <hposearch/sampler/cma_es/gaussian.hpp>
#include <hposearch/sampler/cma_es/margin.hpp>
#include <hposearch/sampler/cma_es/strategy.hpp>

using namespace hposearch;

TEST_CASE("The constants are pycma's") {
  CHECK(cma_es::default_population(10) == 10);
  CHECK(cma_es::default_population(1) == 4);
  // cma.CMAEvolutionStrategy(10 * [0], 1).sp and its step-size adaptation, cma 4.5.0
  const cma_es::Constants c{10, 10};
  CHECK(c.mu == 5);
  CHECK(c.mu_effective == Approx(3.1672992814107017).epsilon(1e-13));
  CHECK(c.c_c == Approx(0.29499038303562225).epsilon(1e-13));
  CHECK(c.c_1 == Approx(0.015283824524751714).epsilon(1e-13));
  CHECK(c.c_mu == Approx(0.02355177665041747).epsilon(1e-13));
  CHECK(c.c_sigma == Approx(0.3196142529106334).epsilon(1e-13));
  CHECK(c.damping == Approx(1.3196142529106334).epsilon(1e-13));
  const std::vector<double> weights{
      0.45627264690340597,  0.2707530970017852,   0.16223111715866978,  0.08523354710016448,  0.025509591835974777,
      -0.08001260758087224, -0.22176416099914653, -0.34455494178482093, -0.45286408637842196, -0.5497499176973853};
  for (std::size_t i = 0; i < 10; ++i) CHECK(c.weights[i] == Approx(weights[i]).epsilon(1e-13));
}

TEST_CASE("Both neighbours of a cell keep their share") {
  using numeric::cdf;
  constexpr double margin = 0.02;
  for (const auto& dimension : {support::integers(9), support::log_integers(40)}) {
    for (const double mean : {0.02, 0.31, 0.5, 0.77, 0.99}) {
      for (const double deviation : {1e-9, 0.01, 0.3}) {
        CAPTURE(dimension.cells, mean, deviation);
        const auto kept = cma_es::keep_margin(dimension, {mean, 1}, deviation, margin);
        const std::size_t cell = dimension.cell(mean);
        CHECK(dimension.cell(kept.mean) == cell);
        const double scale = kept.stretch * deviation;
        const double low = cdf((dimension.border(cell) - kept.mean) / scale);
        const double high = cdf((kept.mean - dimension.border(cell + 1)) / scale);
        if (cell > 0) CHECK(low >= 0.49 * margin);
        if (cell + 1 < dimension.cells) CHECK(high >= 0.49 * margin);
      }
    }
  }
}

TEST_CASE("A distribution that is wide enough is left as it is") {
  const auto kept = cma_es::keep_margin(support::integers(10), {0.43, 1.5}, 0.2, 0.01);
  CHECK(kept.mean == Approx(0.43));
  CHECK(kept.stretch == Approx(1.5));
}

TEST_CASE("Probabilities move to the categories that rank best, and none dies out") {
  const std::vector<std::size_t> sizes{3, 5};
  cma_es::Categories categories{sizes};
  numeric::Random random{1};
  const cma_es::Constants constants{2, 8};
  for (int generation = 0; generation < 200; ++generation) {
    std::vector<std::vector<std::size_t>> population;
    for (int i = 0; i < 8; ++i) population.push_back({categories.sample(0, random), categories.sample(1, random)});
    std::stable_sort(population.begin(), population.end(), [](const auto& a, const auto& b) {
      return (a[0] != 2) + (a[1] != 1) < (b[0] != 2) + (b[1] != 1);
    });
    categories.update(population, constants.weights);
    for (const auto& p : categories.probabilities()) {
      REQUIRE(std::accumulate(p.begin(), p.end(), 0.0) == Approx(1));
      for (const double x : p) REQUIRE(x > 0.01);
    }
  }
  CHECK(categories.probabilities()[0][2] > 0.8);
  CHECK(categories.probabilities()[1][1] > 0.8);
}

TEST_CASE("Samples have the mean and the covariance that were learned") {
  cma_es::Gaussian gaussian{Eigen::VectorXd::Constant(2, 0.5), 0.1};
  numeric::Random random{3};
  const cma_es::Constants constants{2, 6};
  for (int generation = 0; generation < 60; ++generation) {
    std::vector<Eigen::VectorXd> drawn;
    for (int i = 0; i < 6; ++i) drawn.push_back(gaussian.sample(random));
    const auto loss = [](const Eigen::VectorXd& x) {
      const double a = x[0] + x[1] - 1, b = x[0] - x[1];
      return a * a + 100 * b * b;
    };
    std::sort(drawn.begin(), drawn.end(), [&](const auto& a, const auto& b) { return loss(a) < loss(b); });
    Eigen::MatrixXd population(2, 6);
    for (int i = 0; i < 6; ++i) population.col(i) = drawn[static_cast<std::size_t>(i)];
    gaussian.update(population, std::vector<bool>(6, true), constants);
  }
  double xx = 0, yy = 0, xy = 0;
  constexpr int draws = 4000;
  for (int i = 0; i < draws; ++i) {
    const Eigen::VectorXd x = gaussian.sample(random) - gaussian.mean();
    xx += x[0] * x[0] / draws;
    yy += x[1] * x[1] / draws;
    xy += x[0] * x[1] / draws;
  }
  CHECK(std::sqrt(xx) == Approx(gaussian.deviation(0)).epsilon(0.06));
  CHECK(std::sqrt(yy) == Approx(gaussian.deviation(1)).epsilon(0.06));
  CHECK(xy / std::sqrt(xx * yy) > 0.8);  // along the valley
}

TEST_CASE("A foreign individual far away does not explode the distribution") {
  cma_es::Gaussian gaussian{Eigen::VectorXd::Constant(3, 0.5), 1e-6};
  Eigen::MatrixXd population = Eigen::MatrixXd::Constant(3, 6, 0.5);
  population(0, 0) = 0.9;
  for (int i = 1; i < 6; ++i) population(i % 3, i) += 1e-6;
  std::vector<bool> own(6, true);
  own[0] = false;
  gaussian.update(population, own, cma_es::Constants{3, 6});
  CHECK(gaussian.largest_deviation() < 1e-5);
  CHECK(gaussian.mean()[0] > 0.5);
}

TEST_CASE("An adopted point keeps its cells") {
  const EncodedSpace space{{support::real(), support::integers(7), support::categories(3)}};
  const cma_es::Strategy strategy{space, EncodedPoint::Constant(3, 0.5), 0.3, 6};
  EncodedPoint point(3);
  point << 0.9, space[1].centre(6), space[2].centre(1);
  const cma_es::Sample sample = strategy.adopt(point);
  CHECK(sample.latent[0] == 0.9);
  CHECK(sample.latent[1] == Approx(6.0 / 7));
  CHECK_FALSE(sample.own);
}
