#include <cmath>

#include <support/catch.hpp>
#include <support/encoded_spaces.hpp>

#include <hposearch/numeric/random.hpp>
#include <hposearch/surrogate/parameter_path.hpp>

using namespace hposearch;

namespace {

Observations observations(std::size_t count) {
  numeric::Random random{31};
  Observations result{.points = support::random_points(support::mixed_space(), count, random), .losses = {}};
  for (std::size_t i = 0; i < count; ++i) {
    const auto x = result.points.row(static_cast<Eigen::Index>(i));
    result.losses.push_back(std::sin(6 * x[0]) + x[1] * x[3]);
  }
  return result;
}

ParameterPath path(std::size_t most = 300) {
  const EncodedSpace space = support::mixed_space();
  return {Kernel{space}, Prior{space, {}}, TargetWarp{}, FitOptions{.most_observations = most}, 5};
}

}  // namespace

TEST_CASE("Parameters depend on the observations, not on what was asked before") {
  const Observations all = observations(60);
  ParameterPath grown = path();
  for (std::size_t n = 2; n <= 60; n += 7) {
    const Eigen::VectorXd parameters = grown.at(all.head(n));
    CHECK(path().at(all.head(n)) == parameters);
  }
  Observations changed = all;
  changed.losses[20] += 0.5;
  const Eigen::VectorXd before = grown.at(all);
  CHECK(grown.at(changed) == path().at(changed));
  CHECK(grown.at(all) == before);
  CHECK(grown.at(all.head(30)) == path().at(all.head(30)));
}

TEST_CASE("Fewer than three observations leave the prior's mode") {
  const Prior prior{support::mixed_space(), {}};
  CHECK(path().at(observations(2)) == prior.mode());
  CHECK(path().at(observations(3)) != prior.mode());
}

TEST_CASE("Beyond the most that are fitted, parameters follow a working set") {
  const Observations all = observations(60);
  CHECK(path(20).at(all).allFinite());
  CHECK(path(20).at(all) != path(20).at(all.head(20)));
  ParameterPath grown = path(20);
  for (std::size_t n = 15; n <= 60; n += 5) CHECK(grown.at(all.head(n)) == path(20).at(all.head(n)));
}
