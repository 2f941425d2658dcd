#include <cmath>
#include <limits>
#include <optional>
#include <set>
#include <vector>

#include <support/catch.hpp>
#include <support/encoded_spaces.hpp>

#include <hposearch/numeric/random.hpp>
#include <hposearch/sampler/gaussian_process.hpp>

using namespace hposearch;

namespace {

double bowl(const EncodedPoint& x) {
  double sum = 0;
  for (Eigen::Index j = 0; j < x.size(); ++j) sum += (x[j] - 0.3) * (x[j] - 0.3) * (1 + static_cast<double>(j));
  return sum;
}

// Asks for `count` points one by one, each told `loss(point)` before the next.
template <class S, class Loss>
void play(S& sampler, const EncodedSpace& space, History& history, std::size_t count, Loss loss) {
  for (std::size_t i = 0; i < count; ++i) {
    const EncodedPoints rows = sampler.suggest({space, history, 7, 1, {}});
    const EncodedPoint point = rows.row(0);
    history.complete(history.create(point), loss(point));
  }
}

void check_inside(const EncodedSpace& space, const EncodedPoints& points) {
  for (Eigen::Index i = 0; i < points.rows(); ++i) {
    for (Eigen::Index j = 0; j < points.cols(); ++j) {
      CHECK(points(i, j) >= 0);
      CHECK(points(i, j) <= 1);
      CHECK(points(i, j) == space[static_cast<std::size_t>(j)].snap(points(i, j)));
    }
  }
}

}  // namespace

TEST_CASE("The first point is the declared default, or the centre") {
  std::vector<EncodedDimension> dimensions(3);
  dimensions[1].initial = 0.2;
  const EncodedSpace space{dimensions};
  GaussianProcessSampler sampler;
  const EncodedPoints points = sampler.suggest({space, History{3}, 1, 1, {}});
  CHECK(points(0, 0) == 0.5);
  CHECK(points(0, 1) == 0.2);
}

TEST_CASE("It finds the bottom of a bowl within 30 trials") {
  const EncodedSpace space{std::vector<EncodedDimension>(3)};
  GaussianProcessSampler sampler;
  History history{3};
  play(sampler, space, history, 30, bowl);
  CHECK(history.losses()[*history.best()] < 1e-4);
}

TEST_CASE("A tip that is nearly reached is polished less the longer the search has stalled, and again at the end") {
  const EncodedSpace space{std::vector<EncodedDimension>(3)};
  const auto cone = [](const EncodedPoint& x) { return std::sqrt(bowl(x)); };
  const auto polishing = [&](const GaussianProcessOptions& options, std::optional<std::size_t> budget) {
    GaussianProcessSampler sampler{options};
    History history{3};
    std::size_t late = 0;
    for (std::size_t i = 0; i < 70; ++i) {
      const EncodedPoint point = sampler.suggest({space, history, 7, 1, budget}).row(0);
      if (i >= 40 && cone(point) < 0.02) ++late;
      history.complete(history.create(point), cone(point));
    }
    return late;
  };
  const std::size_t always = polishing({.ambition = 0, .persistence = 0}, {});
  const std::size_t seldom = polishing({}, {});
  CHECK(always > 15);
  CHECK(seldom < always / 2);
  CHECK(polishing({}, 70) > seldom);
}

TEST_CASE("It finds the best cell of a mixed space") {
  const EncodedSpace space = support::mixed_space();
  const auto loss = [&](const EncodedPoint& x) { return bowl(x.head(4)) + (space[4].cell(x[4]) == 2 ? 0 : 1); };
  GaussianProcessSampler sampler;
  History history{5};
  play(sampler, space, history, 50, loss);
  const EncodedPoint best = history.point(*history.best());
  CHECK(space[4].cell(best[4]) == 2);
  CHECK(space[2].cell(best[2]) == space[2].cell(0.3));
  CHECK(std::fabs(best[0] - 0.3) < 0.05);
}

TEST_CASE("A fresh sampler given the same history proposes the same points") {
  const EncodedSpace space = support::mixed_space();
  GaussianProcessSampler used;
  History history{5};
  for (std::size_t i = 0; i < 25; ++i) {
    const EncodedPoints points = used.suggest({space, history, 7, 1, {}});
    GaussianProcessSampler fresh;
    CHECK(fresh.suggest({space, history, 7, 1, {}}) == points);
    history.complete(history.create(points.row(0)), bowl(points.row(0)));
  }
}

TEST_CASE("Pending points change what comes next, and a batch is as if asked one by one") {
  const EncodedSpace space = support::mixed_space();
  GaussianProcessSampler sampler;
  History history{5};
  play(sampler, space, history, 15, bowl);
  const EncodedPoints batch = sampler.suggest({space, history, 7, 4, {}});
  check_inside(space, batch);
  std::set<std::vector<double>> different;
  for (Eigen::Index i = 0; i < 4; ++i) different.insert({batch.row(i).begin(), batch.row(i).end()});
  CHECK(different.size() == 4);
  for (Eigen::Index i = 0; i < 4; ++i) {
    CHECK(sampler.suggest({space, history, 7, 1, {}}).row(0) == batch.row(i));
    history.create(batch.row(i));
  }
}

TEST_CASE("A finite space is searched without a repeat until it is exhausted") {
  std::vector<EncodedDimension> dimensions(3);
  for (auto& dimension : dimensions) {
    dimension.kind = DimensionKind::ordered;
    dimension.cells = 3;
  }
  dimensions[2].kind = DimensionKind::categorical;
  const EncodedSpace space{dimensions};
  GaussianProcessSampler sampler;
  History history{3};
  play(sampler, space, history, 27, bowl);
  CHECK(history.seen().size() == 27);
  check_inside(space, sampler.suggest({space, history, 7, 2, {}}));
}

TEST_CASE("Difficult values neither throw nor leave the space") {
  const double tiny = std::numeric_limits<double>::denorm_min(), huge = std::numeric_limits<double>::max();
  const std::vector<double (*)(numeric::Random&)> losses{
      [](numeric::Random&) { return 1.0; },
      [](numeric::Random& r) { return r.below(2) == 0 ? 1e300 : -1e300; },
      [](numeric::Random& r) { return static_cast<double>(r.below(3)); },
      [](numeric::Random& r) { return r.normal() * std::numeric_limits<double>::min(); },
  };
  numeric::Random random{3};
  for (const auto loss : losses) {
    const EncodedSpace space = support::random_space(1 + random.below(6), random);
    GaussianProcessSampler sampler;
    History history{space.size()};
    for (std::size_t i = 0; i < 20; ++i) {
      const EncodedPoints points = sampler.suggest({space, history, i, 1, {}});
      check_inside(space, points);
      const TrialId id = history.create(points.row(0));
      if (i == 3) history.end(id, TrialState::failed);
      if (i == 5) history.end(id, TrialState::cancelled);
      if (i != 3 && i != 5) history.complete(id, i == 7 ? tiny : i == 8 ? huge : loss(random));
    }
  }
}

TEST_CASE("Studies in which every trial fails go on") {
  const EncodedSpace space = support::mixed_space();
  GaussianProcessSampler sampler;
  History history{5};
  for (std::size_t i = 0; i < 25; ++i) {
    const EncodedPoints points = sampler.suggest({space, history, 1, 1, {}});
    check_inside(space, points);
    CHECK(!history.seen().contains(points.row(0)));
    history.end(history.create(points.row(0)), TrialState::failed);
  }
}

TEST_CASE("Duplicates, 200 dimensions, 1,000 categories and spaces of no dimension work") {
  numeric::Random random{9};
  EncodedDimension wide;
  wide.kind = DimensionKind::categorical;
  wide.cells = 1000;
  const std::vector<EncodedSpace> spaces{EncodedSpace{}, EncodedSpace{{wide}}, support::random_space(200, random)};
  for (const EncodedSpace& space : spaces) {
    GaussianProcessSampler sampler;
    History history{space.size()};
    for (int i = 0; i < 14; ++i) {
      const EncodedPoints points = sampler.suggest({space, history, 1, 1, {}});
      check_inside(space, points);
      history.complete(history.create(points.row(0)), random.normal());
      history.complete(history.create(points.row(0)), random.normal());
    }
  }
}

TEST_CASE("A history beyond the working set is searched around its best points") {
  const EncodedSpace space = support::mixed_space();
  GaussianProcessSampler sampler{{.surrogate = {.most_observations = 20}}};
  History history{space.size()};
  numeric::Random random{11};
  const EncodedPoints points = support::random_points(space, 40, random);
  for (Eigen::Index i = 0; i < points.rows(); ++i) {
    history.complete(history.create(points.row(i)), bowl(points.row(i)));
  }
  play(sampler, space, history, 25, bowl);
  CHECK(*history.best() >= 40);
  check_inside(space, history.points());
}
