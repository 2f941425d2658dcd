#include <cmath>
#include <set>
#include <string>
#include <vector>

#include <support/catch.hpp>
#include <support/dimensions.hpp>
#include <support/encoded_spaces.hpp>
#include <support/sampler_properties.hpp>

#include <hposearch/acquisition/by_name.hpp>
#include <hposearch/sampler/by_name.hpp>
#include <hposearch/sampler/gaussian_process.hpp>

using namespace hposearch;

namespace {

// Every acquisition, and every strategy for trials in flight with the default one and with another.
std::vector<std::string> names() {
  std::vector<std::string> result;
  for (const auto& acquisition : named_acquisitions()) result.push_back("gp:" + std::string{acquisition.name});
  for (const auto& [name, strategy] : named_pending_strategies) {
    result.push_back("gp:" + std::string{name});
    result.push_back("gp:lcb:" + std::string{name});
  }
  return result;
}

double bowl(const EncodedPoint& x) {
  double sum = 0;
  for (Eigen::Index j = 0; j < x.size(); ++j) sum += (x[j] - 0.3) * (x[j] - 0.3) * (1 + static_cast<double>(j));
  return sum;
}

// The least loss after `trials`, `in_flight` at a time, each of the run time that its first coordinate says.
double search(const std::string& name, std::size_t trials, std::size_t in_flight) {
  const EncodedSpace space = support::reals(2);
  AnySampler sampler = make_sampler(name);
  History history{2};
  while (history.size() < trials) {
    const EncodedPoints points = sampler.suggest({space, history, 5, 1, {}});
    history.create(points.row(0));
    while (history.pending().size() >= in_flight) {
      const TrialId id = history.pending().front();
      history.took(id, 1 + history.point(id)[0]);
      history.complete(id, bowl(history.point(id)));
    }
  }
  return history.losses()[*history.best()];
}

}  // namespace

TEST_CASE("Every acquisition and every strategy for trials in flight finds the bottom of a bowl") {
  for (const std::string& name : names()) {
    CAPTURE(name);
    CHECK(search(name, 20, 1) < 0.02);
    CHECK(search(name, 30, 4) < 0.03);
  }
}

TEST_CASE("Every acquisition and every strategy holds what holds for every sampler") {
  std::uint64_t seed = 0;
  for (const std::string& name : names()) {
    CAPTURE(name);
    for (int i = 0; i < 6; ++i, ++seed) {
      numeric::Random random{seed};
      const auto space = support::random_space(1 + static_cast<std::size_t>(random.below(4)), random);
      const auto kind = static_cast<support::Losses>(seed % static_cast<std::uint64_t>(support::Losses::count));
      CAPTURE(seed, kind);
      support::play(space, kind, seed, 12, [&] { return make_sampler(name); });
    }
  }
}

TEST_CASE("Every acquisition and every strategy holds that on many spaces", "[long]") {
  for (const std::string& name : names()) {
    CAPTURE(name);
    support::check_sampler([&] { return make_sampler(name); }, 120, 30);
  }
}

TEST_CASE("Failures keep the search away from where they happen") {
  const EncodedSpace space = support::reals(2);
  const auto fails = [](const EncodedPoint& x) { return x[0] < 0.33; };
  for (const std::size_t least : {std::size_t{3}, std::size_t{1000}}) {
    GaussianProcessOptions options;
    options.least_failures = least;
    GaussianProcessSampler sampler{options};
    History history{2};
    std::size_t late = 0;
    for (int i = 0; i < 50; ++i) {
      const EncodedPoints points = sampler.suggest({space, history, 3, 1, {}});
      const TrialId id = history.create(points.row(0));
      if (fails(points.row(0))) {
        history.end(id, TrialState::failed);
        late += i >= 25 ? 1 : 0;
      } else {
        history.complete(id, std::fabs(points(0, 0) - 0.35) + std::fabs(points(0, 1) - 0.5));
      }
    }
    if (least == 3) CHECK(late < 8);
    CHECK(history.losses()[*history.best()] < 0.02);
  }
}

TEST_CASE("A constant liar's lies change what is asked, and are forgotten with the trials they stand for") {
  const EncodedSpace space = support::reals(2);
  std::set<double> asked;
  for (const char* name : {"gp:cl-min", "gp:cl-mean", "gp:cl-max", "gp:believer", "gp:fantasies"}) {
    AnySampler sampler = make_sampler(name);
    History history{2};
    numeric::Random random{4};
    const EncodedPoints points = support::random_points(space, 12, random);
    for (Eigen::Index i = 0; i < 12; ++i) history.complete(history.create(points.row(i)), bowl(points.row(i)));
    const EncodedPoints before = sampler.suggest({space, history, 3, 1, {}});
    const TrialId id = history.create(before.row(0));
    asked.insert(sampler.suggest({space, history, 3, 1, {}})(0, 0));
    history.end(id, TrialState::cancelled);
    AnySampler fresh = make_sampler(name);
    CHECK(sampler.suggest({space, history, 3, 1, {}}) == fresh.suggest({space, history, 3, 1, {}}));
  }
  CHECK(asked.size() >= 4);
}

TEST_CASE("A part of a name that is not known is answered with those that are") {
  for (const char* name : {"gp:", "gp:nothing", "gp:lcb:", "gp:lcb:cl_most", "random:lcb"}) {
    CHECK_THROWS_AS(make_sampler(name), InvalidArgument);
  }
  CHECK_THROWS_WITH(make_sampler("gp:nothing"), Catch::Contains("cl-min") && Catch::Contains("thompson"));
  CHECK_NOTHROW(make_sampler("gaussian_process:gp_hedge:cl_max"));
}
