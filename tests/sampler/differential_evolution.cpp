#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <support/catch.hpp>
#include <support/dimensions.hpp>
#include <support/sampler_properties.hpp>

#include <hposearch/sampler/differential_evolution.hpp>

using namespace hposearch;
using support::categories;
using support::integers;
using support::real;

namespace {

double sphere(const EncodedPoint& u) {
  double sum = 0;
  for (Eigen::Index j = 0; j < u.size(); ++j) sum += (u[j] - 0.3) * (u[j] - 0.3);
  return sum;
}

double rosenbrock(const EncodedPoint& u) {
  double sum = 0;
  for (Eigen::Index j = 0; j + 1 < u.size(); ++j) {
    const double a = 4 * u[j] - 2, b = 4 * u[j + 1] - 2;
    sum += 100 * (b - a * a) * (b - a * a) + (1 - a) * (1 - a);
  }
  return sum;
}

// Median over 15 seeds of the trials until `target` is reached, with `workers` in flight.
template <class F>
double evaluations(const EncodedSpace& space, F loss, double target, DifferentialEvolutionOptions options = {},
                   std::size_t workers = 1) {
  constexpr std::size_t most = 12000;
  std::vector<double> counts;
  for (std::uint64_t seed = 0; seed < 15; ++seed) {
    DifferentialEvolutionSampler sampler{options};
    History history{space.size()};
    double count = std::numeric_limits<double>::infinity();
    while (history.size() < most && std::isinf(count)) {
      const EncodedPoints points = sampler.suggest({space, history, seed, workers, {}});
      for (Eigen::Index i = 0; i < points.rows(); ++i) {
        const TrialId id = history.create(points.row(i));
        history.complete(id, loss(points.row(i)));
        if (history.losses()[id] < target && std::isinf(count)) count = static_cast<double>(id + 1);
      }
    }
    counts.push_back(count);
  }
  std::sort(counts.begin(), counts.end());
  return counts[7];
}

}  // namespace

TEST_CASE("Differential evolution keeps to the cube, whatever the space and the losses") {
  const auto mutation = GENERATE(Mutation::best, Mutation::random, Mutation::current_to_best);
  support::check_sampler(
      [&] {
        DifferentialEvolutionOptions options;
        options.mutation = mutation;
        options.population = 8;
        return AnySampler{DifferentialEvolutionSampler{options}};
      },
      30, 60);
}

TEST_CASE("Differential evolution needs as many evaluations as SciPy's, whose updating is immediate") {
  // Medians over 15 seeds of scipy.optimize.differential_evolution(updating="immediate", polish=False, tol=0), SciPy
  // 1.17.1, on these functions.
  CHECK(evaluations(support::reals(5), sphere, 1e-6) == Approx(2283).epsilon(0.2));
  CHECK(evaluations(support::reals(2), rosenbrock, 1e-4) == Approx(523).epsilon(0.25));
  CHECK(evaluations(support::reals(4), rosenbrock, 1e-2) == Approx(2494).epsilon(0.25));
}

TEST_CASE("Every way to mutate converges, on a mixed space too") {
  const EncodedSpace space{{real(), integers(30), categories(5), real()}};
  const auto loss = [&](const EncodedPoint& u) {
    const double wrong = space[2].cell(u[2]) == 3 ? 0 : 0.3;
    return wrong + (u[0] - 0.6) * (u[0] - 0.6) + (u[3] - 0.2) * (u[3] - 0.2) +
           std::fabs(static_cast<double>(space[1].cell(u[1])) - 22) / 30;
  };
  DifferentialEvolutionOptions options;
  options.mutation = GENERATE(Mutation::best, Mutation::random, Mutation::current_to_best);
  options.population = 30;
  CHECK(evaluations(space, loss, 1e-4, options) < 3000);
}

TEST_CASE("Workers in flight cost few trials") {
  const double alone = evaluations(support::reals(4), sphere, 1e-6);
  const double eight = evaluations(support::reals(4), sphere, 1e-6, {}, 8);
  CHECK(eight < 1.25 * alone);
}

TEST_CASE("The population does not hang on the order of the results") {
  const EncodedSpace space = support::reals(2);
  History forwards{2}, backwards{2};
  numeric::Random random{1};
  for (int i = 0; i < 60; ++i) {
    EncodedPoint point(2);
    point << random.uniform(), random.uniform();
    forwards.create(point);
    backwards.create(point);
  }
  for (TrialId id = 0; id < 60; ++id) forwards.complete(id, std::floor(10 * sphere(forwards.point(id))));
  for (TrialId id = 60; id-- > 0;) backwards.complete(id, std::floor(10 * sphere(backwards.point(id))));
  DifferentialEvolutionOptions options;
  options.mutation = Mutation::random;
  DifferentialEvolutionSampler sampler{options};
  CHECK(sampler.suggest({space, forwards, 1, 9, {}}) == sampler.suggest({space, backwards, 1, 9, {}}));
}

TEST_CASE("Differential evolution names an option that is out of range") {
  DifferentialEvolutionOptions options;
  options.population = 4;
  CHECK_THROWS_AS(DifferentialEvolutionSampler{options}, InvalidArgument);
  options = {};
  options.recombination = 1.5;
  CHECK_THROWS_AS(DifferentialEvolutionSampler{options}, InvalidArgument);
  options = {};
  options.largest_factor = 0.1;
  CHECK_THROWS_AS(DifferentialEvolutionSampler{options}, InvalidArgument);
}
