#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include <support/catch.hpp>
#include <support/cma_es_reference.hpp>
#include <support/dimensions.hpp>
#include <support/sampler_properties.hpp>

#include <hposearch/sampler/cma_es.hpp>

using namespace hposearch;
using support::categories;
using support::integers;
using support::log_integers;
using support::real;

namespace {

using Function = std::function<double(const EncodedPoint&)>;

// As in support/cma_es_reference.py.
double scaled(const EncodedPoint& u, Eigen::Index j) {
  constexpr double shift[] = {1.3, -2.1, 0.7, 2.4, -1.6, -0.4, 1.9, -2.7, 0.2, 1.1};
  return 10 * (u[j] - 0.5) - shift[j % 10];
}

double sphere(const EncodedPoint& u) {
  double sum = 0;
  for (Eigen::Index j = 0; j < u.size(); ++j) sum += scaled(u, j) * scaled(u, j);
  return sum;
}

double ellipsoid(const EncodedPoint& u) {
  double sum = 0;
  for (Eigen::Index j = 0; j < u.size(); ++j) {
    sum += std::pow(10, 6.0 * static_cast<double>(j) / static_cast<double>(u.size() - 1)) * scaled(u, j) * scaled(u, j);
  }
  return sum;
}

double rosenbrock(const EncodedPoint& u) {
  double sum = 0;
  for (Eigen::Index j = 0; j + 1 < u.size(); ++j) {
    const double a = 0.4 * scaled(u, j) + 1, b = 0.4 * scaled(u, j + 1) + 1;
    sum += 100 * (b - a * a) * (b - a * a) + (1 - a) * (1 - a);
  }
  return sum;
}

Function function(const std::string& name) {
  return name == "sphere" ? sphere : name == "ellipsoid" ? ellipsoid : rosenbrock;
}

// Trials until the loss is at most `target`, asked for by generations (until a restart changes their size); infinity
// where `most` do not suffice.
double evaluations(const EncodedSpace& space, const Function& f, std::uint64_t seed, double target, std::size_t most,
                   CmaEsOptions options = {}) {
  CmaEsSampler sampler{options};
  History history{space.size()};
  const std::size_t population = cma_es::default_population(space.size());
  while (history.size() < most) {
    const EncodedPoints points = sampler.suggest({space, history, seed, population, {}});
    for (Eigen::Index i = 0; i < points.rows(); ++i) {
      const TrialId id = history.create(points.row(i));
      const double loss = f(history.point(id));
      history.complete(id, loss);
      if (loss <= target) return static_cast<double>(history.size());
    }
  }
  return std::numeric_limits<double>::infinity();
}

double median_evaluations(const EncodedSpace& space, const Function& f, std::size_t seeds, double target,
                          std::size_t most, CmaEsOptions options = {}) {
  std::vector<double> counts;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    counts.push_back(evaluations(space, f, seed, target, most, options));
  }
  std::sort(counts.begin(), counts.end());
  return counts[counts.size() / 2];
}

void compare_with_reference(int dimensions, std::size_t seeds) {
  for (const auto& reference : cma_es_reference::cases) {
    if (reference.dimensions != dimensions) continue;
    const double count =
        median_evaluations(support::reals(static_cast<std::size_t>(dimensions)), function(reference.function), seeds,
                           1e-8, 3 * static_cast<std::size_t>(reference.evaluations));
    CAPTURE(reference.function, dimensions, count, reference.evaluations);
    CHECK(count < 1.2 * reference.evaluations);
    CHECK(count > 0.8 * reference.evaluations);
  }
}

}  // namespace

TEST_CASE("CMA-ES needs as many evaluations as the reference in 5 and 10 dimensions") {
  compare_with_reference(5, 11);
  compare_with_reference(10, 5);
}

TEST_CASE("CMA-ES needs as many evaluations as the reference in 10 and 20 dimensions, by more seeds", "[long]") {
  compare_with_reference(10, 15);
  compare_with_reference(20, 11);
}

TEST_CASE("CMA-ES keeps to the cube, whatever the space and the losses") {
  support::check_sampler([] { return AnySampler{CmaEsSampler{}}; }, 60, 120);
}

TEST_CASE("A batch holds the points that single asks would get") {
  const EncodedSpace space{{real(), integers(6), categories(3)}};
  History one{3}, batch{3};
  CmaEsSampler a, b;
  for (int round = 0; round < 20; ++round) {
    const EncodedPoints points = b.suggest({space, batch, 1, 7, {}});
    for (Eigen::Index i = 0; i < 7; ++i) batch.create(points.row(i));
    for (int i = 0; i < 7; ++i) one.create(a.suggest({space, one, 1, 1, {}}).row(0));
    REQUIRE(one.points() == batch.points());
    while (!one.pending().empty()) {
      const TrialId id = one.pending().back();
      one.complete(id, sphere(one.point(id)));
      batch.complete(id, sphere(batch.point(id)));
    }
  }
}

TEST_CASE("Integers and categories are found exactly, and reals beside them to any precision") {
  const EncodedSpace space{{real(), integers(50), log_integers(100), integers(2), categories(5), real(), real()}};
  const auto loss = [&](const EncodedPoint& u) {
    double sum = u[4] == space[4].centre(3) ? 0 : 1;
    sum += 0.01 * std::fabs(static_cast<double>(space[1].cell(u[1])) - 41);
    sum += 0.01 * std::fabs(static_cast<double>(space[2].cell(u[2])) - 7);
    sum += space[3].cell(u[3]) == 1 ? 0 : 0.05;
    for (const Eigen::Index j : {0, 5, 6}) sum += (u[j] - 0.8) * (u[j] - 0.8);
    return sum;
  };
  CHECK(median_evaluations(space, loss, 9, 1e-9, 6000) < 2500);
}

TEST_CASE("A cell boundary at the mean does not trap the search in one cell") {
  // Without margin the step size shrinks with the reals long before the integers are right.
  const EncodedSpace space{{real(), real(), real(), real(), integers(11), integers(11), integers(11), integers(11)}};
  const auto loss = [&](const EncodedPoint& u) {
    double sum = 0;
    for (Eigen::Index j = 0; j < 4; ++j) sum += 100 * (u[j] - 0.4) * (u[j] - 0.4);
    for (Eigen::Index j = 4; j < 8; ++j) {
      const double k = static_cast<double>(space[static_cast<std::size_t>(j)].cell(u[j])) - 9;
      sum += 1e-3 * k * k;
    }
    return sum;
  };
  CmaEsOptions once;
  once.restarts = false;
  CHECK(median_evaluations(space, loss, 9, 1e-9, 8000, once) < 4000);
}

TEST_CASE("A space of categories alone is searched by their probabilities") {
  const EncodedSpace space{std::vector<EncodedDimension>(10, categories(4))};
  const auto loss = [&](const EncodedPoint& u) {
    double wrong = 0;
    for (std::size_t j = 0; j < 10; ++j) wrong += space[j].cell(u[static_cast<Eigen::Index>(j)]) != j % 4;
    return wrong;
  };
  CHECK(median_evaluations(space, loss, 9, 0, 5000) < 2000);  // one point among a million
}

TEST_CASE("Workers in flight cost few trials, whatever the order of their results") {
  const EncodedSpace space = support::reals(5);
  const auto run = [&](std::size_t workers, std::uint64_t seed) {
    CmaEsSampler sampler;
    History history{5};
    numeric::Random random{seed};
    while (history.size() < 6000) {
      while (history.pending().size() < workers) {
        EncodedPoint point = sampler.suggest({space, history, seed, 1, {}}).row(0);
        history.create(point);
      }
      const TrialId id = history.pending()[random.below(workers)];
      const double loss = sphere(history.point(id));
      history.complete(id, loss);
      if (loss < 1e-8) break;
    }
    return static_cast<double>(history.size());
  };
  double alone = 0, eight = 0, many = 0;
  for (std::uint64_t seed = 0; seed < 2; ++seed) {
    alone += run(1, seed) / 2;
    eight += run(8, seed) / 2;
    many += run(32, seed) / 2;
  }
  CAPTURE(alone, eight, many);
  CHECK(eight < 2 * alone);
  CHECK(many < 5 * alone);
}

TEST_CASE("A trial that never ends does not stop the search") {
  const EncodedSpace space = support::reals(3);
  CmaEsSampler sampler;
  History history{3};
  double best = 1e9;
  for (std::size_t i = 0; i < 700; ++i) {
    EncodedPoint point = sampler.suggest({space, history, 1, 1, {}}).row(0);
    const TrialId id = history.create(point);
    if (i == 5) continue;
    history.complete(id, sphere(point));
    best = std::min(best, sphere(point));
  }
  CHECK(best < 1e-8);
}

TEST_CASE("A late result of a cancelled trial is learned from as if it had come in time") {
  const EncodedSpace space = support::reals(2);
  CmaEsSampler lasting;
  History history{2};
  for (std::size_t i = 0; i < 40; ++i) {
    EncodedPoint point = lasting.suggest({space, history, 1, 1, {}}).row(0);
    const TrialId id = history.create(point);
    if (i == 4) {
      history.end(id, TrialState::cancelled);
    } else {
      history.complete(id, sphere(point));
    }
  }
  const EncodedPoints before = lasting.suggest({space, history, 1, 1, {}});
  history.complete(4, 1e-3);
  const EncodedPoints after = lasting.suggest({space, history, 1, 1, {}});
  CHECK(after != before);
  CHECK(after == CmaEsSampler{}.suggest({space, history, 1, 1, {}}));
}

TEST_CASE("Regions that fail are left") {
  const EncodedSpace space = support::reals(3);
  CmaEsSampler sampler;
  History history{3};
  for (std::size_t i = 0; i < 800; ++i) {
    EncodedPoint point = sampler.suggest({space, history, 3, 1, {}}).row(0);
    const TrialId id = history.create(point);
    if (point[0] < 0.45) {
      history.end(id, TrialState::failed);
    } else {
      history.complete(id, point[0] + point[1] * point[1] + point[2] * point[2]);
    }
  }
  REQUIRE(history.best());
  CHECK(history.losses()[*history.best()] == Approx(0.45).epsilon(1e-3));
}

TEST_CASE("A converged run is followed by one elsewhere with twice the population") {
  // Two valleys; the start leads into the shallow one.
  const EncodedSpace space = support::reals(2);
  const auto loss = [](const EncodedPoint& u) {
    const double near = (u[0] - 0.5) * (u[0] - 0.5) + (u[1] - 0.5) * (u[1] - 0.5);
    const double far = (u[0] - 0.95) * (u[0] - 0.95) + (u[1] - 0.9) * (u[1] - 0.9);
    return std::min(4 * near + 0.01, far);
  };
  CmaEsOptions narrow;
  narrow.sigma = 0.05;
  CHECK(median_evaluations(space, loss, 9, 1e-6, 4000, narrow) < 4000);
  narrow.restarts = false;
  CHECK(median_evaluations(space, loss, 9, 1e-6, 4000, narrow) > 4000);
}

TEST_CASE("CMA-ES begins around the declared values") {
  EncodedSpace space{{real(), real()}};
  std::vector<EncodedDimension> dimensions(2);
  dimensions[0].initial = 0.9;
  space = EncodedSpace{dimensions};
  CmaEsOptions options;
  options.sigma = 0.01;
  const EncodedPoints points = CmaEsSampler{options}.suggest({space, History{2}, 1, 50, {}});
  CHECK(points.col(0).minCoeff() > 0.85);
  CHECK(points.col(1).maxCoeff() < 0.55);
}

TEST_CASE("CMA-ES names an option that is out of range") {
  CmaEsOptions options;
  options.sigma = 0;
  CHECK_THROWS_AS(CmaEsSampler{options}, InvalidArgument);
  options = {};
  options.population = 1;
  CHECK_THROWS_AS(CmaEsSampler{options}, InvalidArgument);
}
