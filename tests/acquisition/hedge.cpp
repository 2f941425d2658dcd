#include <initializer_list>
#include <map>

#include <support/acquisition_models.hpp>
#include <support/catch.hpp>

#include <hposearch/acquisition/hedge.hpp>

using namespace hposearch;

namespace {

Observations observations(std::size_t count) {
  numeric::Random random{5};
  Observations known{.points = support::random_points(support::mixed_space(), count, random), .losses = {}};
  for (Eigen::Index i = 0; i < known.points.rows(); ++i) known.losses.push_back(known.points.row(i).sum());
  return known;
}

}  // namespace

TEST_CASE("Gains are a function of the results, also where some are taken back") {
  const EncodedSpace space = support::mixed_space();
  const HedgeOptions options{.window = 6};
  detail::HedgeGains lasting{space, options, 3};
  for (const std::size_t count : std::initializer_list<std::size_t>{3, 4, 9, 10, 25, 12, 13}) {
    const Observations known = observations(count);
    detail::HedgeGains fresh{space, options, 3};
    CHECK(lasting.at(known) == fresh.at(known));
  }
  CHECK(lasting.at(observations(2)) == std::vector<double>(3, 0.0));
}

TEST_CASE("Every acquisition of the portfolio is drawn now and then, and has a gradient") {
  const auto models = support::models(2);
  const EncodedSpace space = support::mixed_space();
  const History history{5};
  const Observations known = observations(3);
  const AcquisitionRule rule = hedge({.eta = 0.01});
  std::map<double, int> drawn;
  for (std::uint64_t index = 0; index < 40; ++index) {
    const auto acquisition = rule({space, history, known, 7, index, support::parts(models, -0.5)});
    if (index < 4) support::check_gradient(*acquisition);
    ++drawn[(*acquisition)(EncodedPoints::Constant(1, 5, 0.5))[0]];
  }
  CHECK(drawn.size() == 3);
}
