#include <support/catch.hpp>
#include <support/encoded_spaces.hpp>

#include <hposearch/sampler/auto.hpp>

using namespace hposearch;

TEST_CASE("The default sampler improves on its first points") {
  const EncodedSpace space = support::mixed_space();
  const auto loss = [](const EncodedPoint& x) { return (x.array() - 0.3).square().sum(); };
  AutoSampler sampler;
  History history{space.size()};
  double first = 0;
  for (int i = 0; i < 30; ++i) {
    const EncodedPoints points = sampler.suggest({space, history, 3, 1, {}});
    history.complete(history.create(points.row(0)), loss(points.row(0)));
    if (i == 6) first = history.losses()[*history.best()];
  }
  CHECK(history.losses()[*history.best()] < first / 2);
}
