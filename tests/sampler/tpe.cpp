#include <cmath>
#include <vector>

#include <support/catch.hpp>
#include <support/dimensions.hpp>
#include <support/sampler_properties.hpp>

#include <hposearch/sampler/random.hpp>
#include <hposearch/sampler/tpe.hpp>

using namespace hposearch;
using support::categories;
using support::integers;
using support::log_integers;
using support::real;

namespace {

TpeOptions multivariate() {
  TpeOptions options;
  options.multivariate = true;
  return options;
}

// Loss of the best of `trials` points for a function of the point.
template <class S, class F>
double best_of(const EncodedSpace& space, S sampler, std::uint64_t seed, std::size_t trials, F loss) {
  History history{space.size()};
  while (history.size() < trials) {
    EncodedPoint point = sampler.suggest({space, history, seed, 1, {}}).row(0);
    const TrialId id = history.create(point);
    history.complete(id, loss(point));
  }
  return history.losses()[*history.best()];
}

}  // namespace

TEST_CASE("TPE keeps to the cube, whatever the space and the losses") {
  const bool joint = GENERATE(false, true);
  support::check_sampler([&] { return AnySampler{TpeSampler{joint ? multivariate() : TpeOptions{}}}; }, 40, 40);
}

TEST_CASE("TPE begins with the random points of random search") {
  const EncodedSpace space{{real(), integers(5)}};
  History history{2};
  TpeSampler tpe;
  for (std::size_t i = 0; i < 10; ++i) {
    const SuggestRequest request{space, history, 5, 2, {}};
    REQUIRE(tpe.suggest(request) == RandomSampler{}.suggest(request));
    const TrialId id = history.create(tpe.suggest(request).row(0));
    if (i % 2 == 0) {
      history.complete(id, 1);
    } else {
      history.end(id, TrialState::failed);
    }
  }
  const SuggestRequest request{space, history, 5, 2, {}};
  CHECK(tpe.suggest(request) != RandomSampler{}.suggest(request));
}

TEST_CASE("TPE finds the best cells and the best category far sooner than random search") {
  const EncodedSpace space{{real(), real(), integers(20), log_integers(100), categories(6)}};
  const auto loss = [&](const EncodedPoint& point) {
    double sum = point[4] == space[4].centre(2) ? 0 : 0.5;
    for (Eigen::Index j = 0; j < 4; ++j) sum += (point[j] - 0.7) * (point[j] - 0.7);
    return sum;
  };
  double tpe = 0, joint = 0, random = 0;
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    tpe += best_of(space, TpeSampler{}, seed, 100, loss) / 8;
    joint += best_of(space, TpeSampler{multivariate()}, seed, 100, loss) / 8;
    random += best_of(space, RandomSampler{}, seed, 100, loss) / 8;
  }
  CAPTURE(tpe, joint, random);
  CHECK(tpe < 0.3 * random);
  CHECK(joint < 0.5 * random);
}

TEST_CASE("Only the joint density sees that two dimensions belong together") {
  const EncodedSpace space = support::reals(2);
  const auto loss = [](const EncodedPoint& point) {
    const double along = point[0] + point[1] - 1, across = point[0] - point[1];
    return 400 * across * across + along * along;
  };
  double alone = 0, joint = 0;
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    alone += std::log(best_of(space, TpeSampler{}, seed, 120, loss)) / 12;
    joint += std::log(best_of(space, TpeSampler{multivariate()}, seed, 120, loss)) / 12;
  }
  CAPTURE(alone, joint);
  CHECK(joint < alone);
}

TEST_CASE("The constant liar keeps points in flight apart") {
  const EncodedSpace space = support::reals(1);
  History history{1};
  for (int i = 0; i < 20; ++i) {
    EncodedPoint point = EncodedPoint::Constant(1, (i + 0.5) / 20);
    history.complete(history.create(point), std::fabs(point[0] - 0.5));
  }
  const auto distances = [&](bool liar) {
    TpeOptions options;
    options.constant_liar = liar;
    double sum = 0;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      const EncodedPoints points = TpeSampler{options}.suggest({space, history, seed, 8, {}});
      for (Eigen::Index i = 0; i < 8; ++i) {
        for (Eigen::Index k = 0; k < i; ++k) sum += std::fabs(points(i, 0) - points(k, 0));
      }
    }
    return sum;
  };
  CHECK(distances(true) > 1.5 * distances(false));

  const SuggestRequest request{space, history, 1, 1, {}};
  const EncodedPoints before = TpeSampler{}.suggest(request);
  TpeOptions heedless;
  heedless.constant_liar = false;
  History with_pending = history;
  with_pending.create(before.row(0));
  with_pending.end(with_pending.create(EncodedPoint::Constant(1, 0.1)), TrialState::cancelled);
  History without = history;
  for (int i = 0; i < 2; ++i) without.end(without.create(EncodedPoint::Constant(1, 0.1)), TrialState::cancelled);
  const auto ask = [&](const History& told, const TpeOptions& options) {
    return TpeSampler{options}.suggest({space, told, 1, 4, {}});
  };
  CHECK(ask(with_pending, heedless) == ask(without, heedless));
  CHECK(ask(with_pending, {}) != ask(without, {}));
}

TEST_CASE("TPE names an option that is out of range") {
  TpeOptions options;
  options.candidates = 0;
  CHECK_THROWS_AS(TpeSampler{options}, InvalidArgument);
  options = {};
  options.prior_weight = 0;
  CHECK_THROWS_AS(TpeSampler{options}, InvalidArgument);
  options = {};
  options.max_kernels = 0;
  CHECK_THROWS_AS(TpeSampler{options}, InvalidArgument);
}
