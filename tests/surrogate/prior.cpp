#include <cmath>

#include <support/catch.hpp>
#include <support/encoded_spaces.hpp>

#include <hposearch/numeric/random.hpp>
#include <hposearch/surrogate/prior.hpp>

using namespace hposearch;

TEST_CASE("The default lengthscale prior has the mode of a log-normal density that grows with the dimensions") {
  const EncodedSpace space{std::vector<EncodedDimension>(9)};
  const Prior prior{space, {}};
  const double mu = std::sqrt(2.0) + std::log(9.0) / 2, sigma = std::sqrt(3.0);
  const auto density = [&](double l) { return -std::log(l) - std::pow((std::log(l) - mu) / sigma, 2) / 2; };
  const double mode = std::exp(prior.mode()[0]);
  CHECK(density(mode) > density(1.001 * mode));
  CHECK(density(mode) > density(0.999 * mode));
}

TEST_CASE("A prior's gradient agrees with differences, and its density is largest at the mode") {
  const Prior prior{support::mixed_space(), {}};
  numeric::Random random{1};
  for (int repetition = 0; repetition < 10; ++repetition) {
    const Eigen::VectorXd at = prior.sample(random);
    CHECK(prior.log_density(at) <= prior.log_density(prior.mode()));
    Eigen::VectorXd gradient = Eigen::VectorXd::Zero(at.size());
    CHECK(prior.add_log_density(at, gradient) == prior.log_density(at));
    for (Eigen::Index j = 0; j < at.size(); ++j) {
      Eigen::VectorXd up = at, down = at;
      up[j] += 1e-5;
      down[j] -= 1e-5;
      CHECK(gradient[j] == Approx((prior.log_density(up) - prior.log_density(down)) / 2e-5).margin(1e-7));
    }
  }
}

TEST_CASE("Draws lie within the bounds") {
  PriorOptions options;
  options.noise.deviation = 100;
  const Prior prior{support::mixed_space(), options};
  numeric::Random random{2};
  for (int repetition = 0; repetition < 50; ++repetition) {
    const Eigen::VectorXd at = prior.sample(random);
    CHECK((at.array() >= prior.lower().array()).all());
    CHECK((at.array() <= prior.upper().array()).all());
  }
}
