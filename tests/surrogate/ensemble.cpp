#include <cmath>

#include <support/catch.hpp>
#include <support/encoded_spaces.hpp>

#include <hposearch/numeric/random.hpp>
#include <hposearch/surrogate/ensemble.hpp>

using namespace hposearch;

namespace {

const TargetWarp plain{.half_rank = false, .log_offset = 1, .yeo_johnson = false};
const TargetWarp half_rank{.half_rank = true, .log_offset = 1, .yeo_johnson = false};

Observations observations(std::size_t count, double outlier) {
  numeric::Random random{41};
  Observations result{.points = support::random_points(support::mixed_space(), count, random), .losses = {}};
  for (std::size_t i = 0; i < count; ++i) {
    const auto x = result.points.row(static_cast<Eigen::Index>(i));
    result.losses.push_back(std::sin(6 * x[0]) + x[1] + (i % 7 == 3 ? outlier : 0));
  }
  return result;
}

}  // namespace

TEST_CASE("Outliers give the weight to the model that is not bent by them") {
  const EncodedSpace space = support::mixed_space();
  Ensemble ensemble{space, EnsembleOptions{.warps = {plain, half_rank}, .least_weight = 0}, 1};
  ensemble.condition(observations(40, 1e4));
  REQUIRE(ensemble.members().size() == 2);
  CHECK(ensemble.members()[0].log_weight == 0);
  CHECK(ensemble.members()[1].log_weight < -5);
  // The plain model explains nothing of the better half: its fitted values hardly vary.
  const Eigen::VectorXd flat = ensemble.members()[1].model.fitted();
  CHECK(flat.minCoeff() > -1);
}

TEST_CASE("Light members are left out, and a lone one has weight 1") {
  const EncodedSpace space = support::mixed_space();
  Ensemble two{space, EnsembleOptions{.warps = {plain, half_rank}, .least_weight = 0.5}, 1};
  two.condition(observations(40, 1e4));
  CHECK(two.members().size() == 1);
  Ensemble one{space, EnsembleOptions{.warps = {plain}}, 1};
  one.condition(observations(10, 0));
  CHECK(one.members().size() == 1);
  CHECK(one.members()[0].log_weight == 0);
}

TEST_CASE("The unit turns targets near the best back into losses") {
  const EncodedSpace space = support::mixed_space();
  Ensemble ensemble{space, EnsembleOptions{.warps = {plain, half_rank}, .least_weight = 0}, 1};
  const Observations data = observations(31, 0);
  ensemble.condition(data);
  const double difference = ensemble.members()[0].log_unit - ensemble.members()[1].log_unit;
  const Targets a = targets(data.losses, plain), b = targets(data.losses, half_rank);
  // How far apart the two best are in either scale.
  std::vector<std::size_t> order{0, 1};
  for (std::size_t i = 0; i < data.size(); ++i) {
    if (data.losses[i] < data.losses[order[0]]) order[0] = i;
  }
  order[1] = order[0] == 0 ? 1 : 0;
  for (std::size_t i = 0; i < data.size(); ++i) {
    if (i != order[0] && data.losses[i] < data.losses[order[1]]) order[1] = i;
  }
  const auto gap = [&](const Targets& y) {
    return y.values[static_cast<Eigen::Index>(order[1])] - y.values[static_cast<Eigen::Index>(order[0])];
  };
  CHECK(std::fabs(difference) == Approx(std::fabs(std::log(gap(a) / gap(b)))).epsilon(1e-9));
}

TEST_CASE("Two observations and constant losses are enough") {
  const EncodedSpace space = support::mixed_space();
  Ensemble ensemble{space, {}, 1};
  ensemble.condition(observations(2, 0));
  CHECK(!ensemble.members().empty());
  Observations constant = observations(8, 0);
  constant.losses.assign(8, 3.0);
  ensemble.condition(constant);
  CHECK(ensemble.members()[0].model.fitted().allFinite());
}
