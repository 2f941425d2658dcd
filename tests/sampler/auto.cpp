#include <support/catch.hpp>
#include <support/dimensions.hpp>
#include <support/encoded_spaces.hpp>

#include <hposearch/numeric/random.hpp>
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

namespace {

double bowl(const EncodedPoint& x) {
  double sum = 0;
  for (Eigen::Index j = 0; j < x.size(); ++j) sum += (x[j] - 0.3) * (x[j] - 0.3);
  return sum;
}

History random_history(const EncodedSpace& space, std::size_t trials) {
  numeric::Random random{4};
  History history{space.size()};
  const EncodedPoints points = support::random_points(space, trials, random);
  for (Eigen::Index i = 0; i < points.rows(); ++i) {
    history.complete(history.create(points.row(i)), bowl(points.row(i)));
  }
  return history;
}

}  // namespace

TEST_CASE("The choice depends on the space, the length of the history and the run time, and says why") {
  using Method = AutoChoice::Method;
  const AutoOptions options{.long_history = 50};
  const EncodedSpace reals = support::reals(3), mixed = support::mixed_space();
  const auto choose = [&](const EncodedSpace& space, const History& history) {
    const AutoChoice choice = auto_choice({space, history, 1, 1, {}}, options);
    CHECK_FALSE(choice.reason.empty());
    return choice.method;
  };
  CHECK(choose(reals, random_history(reals, 49)) == Method::gaussian_process);
  CHECK(choose(reals, random_history(reals, 50)) == Method::cma_es);
  CHECK(choose(mixed, random_history(mixed, 50)) == Method::differential_evolution);
  const EncodedSpace wide = support::reals(1001);
  CHECK(choose(wide, History{1001}) == Method::differential_evolution);
  History dear = random_history(reals, 50);
  for (TrialId id = 0; id < 10; ++id) dear.took(id, 30);
  CHECK(choose(reals, dear) == Method::gaussian_process);
}

TEST_CASE("What takes over goes on from the history") {
  for (const EncodedSpace& space : {support::reals(3), support::mixed_space()}) {
    AutoSampler sampler{{.long_history = 50}};
    History history = random_history(space, 60);
    const double before = history.losses()[*history.best()];
    for (int i = 0; i < 150; ++i) {
      const EncodedPoints points = sampler.suggest({space, history, 3, 1, {}});
      history.complete(history.create(points.row(0)), bowl(points.row(0)));
    }
    CHECK(history.losses()[*history.best()] < before);
    CHECK_FALSE(sampler.reason().empty());
  }
}

TEST_CASE("An accelerator takes the model's place from as many trials on as it is for, and nowhere else") {
  using Method = AutoChoice::Method;
  struct Corner {
    [[nodiscard]] static EncodedPoints suggest(const SuggestRequest& request) {
      return EncodedPoints::Zero(static_cast<Eigen::Index>(request.count), 3);
    }
  };
  const EncodedSpace space = support::reals(3);
  AutoOptions options{.long_history = 60};
  const auto choose = [&](std::size_t trials) {
    return auto_choice({space, random_history(space, trials), 1, 1, {}}, options).method;
  };
  options.accelerated = [] { return AnySampler{Corner{}}; };
  CHECK(choose(59) == Method::gaussian_process);  // there is no figure for where it is faster
  options.accelerated_from = 50;
  CHECK(choose(49) == Method::gaussian_process);
  CHECK(choose(50) == Method::accelerated);
  CHECK(choose(60) == Method::cma_es);
  AutoSampler sampler{options};
  CHECK(sampler.suggest({space, random_history(space, 50), 1, 1, {}}).isZero());
  CHECK(sampler.reason().find("accelerator") != std::string::npos);
}
