#include <cmath>
#include <limits>

#include <support/catch.hpp>

#include <hposearch/numeric/line_search.hpp>

using hposearch::numeric::LinePoint;
using hposearch::numeric::LineSearch;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

struct Outcome {
  LinePoint best;
  int evaluations = 0;
};

/// Runs a search over f(step) -> LinePoint (value and slope).
template <class F>
Outcome search(F f, double first, double longest = infinity) {
  LineSearch line(f(0), first, longest);
  Outcome outcome;
  while (line.wants_more()) {
    REQUIRE(line.step() > 0);
    REQUIRE(line.step() <= longest);
    REQUIRE(++outcome.evaluations <= LineSearch::most_trials);
    const LinePoint point = f(line.step());
    const double step = line.step();
    if (line.tell(point.value, point.slope)) REQUIRE(line.best().step == step);
  }
  outcome.best = line.best();
  return outcome;
}

template <class F>
void check_wolfe(F f, const LinePoint& best) {
  const LinePoint start = f(0);
  CHECK(best.step > 0);
  CHECK(best.value <= start.value + LineSearch::decrease * best.step * start.slope);
  CHECK(std::abs(best.slope) <= -LineSearch::flatness * start.slope);
}

LinePoint parabola(double t) { return {t, (t - 3) * (t - 3), 2 * (t - 3)}; }

}  // namespace

TEST_CASE("a good first step is taken at once") {
  const auto outcome = search(parabola, 1);
  CHECK(outcome.evaluations == 1);
  CHECK(outcome.best.step == 1);
}

TEST_CASE("steps far too short and far too long are corrected") {
  for (const double first : {1e-6, 1e-3, 0.1, 1.0, 5.9, 7.0, 100.0, 1e6}) {
    CAPTURE(first);
    const auto outcome = search(parabola, first);
    check_wolfe(parabola, outcome.best);
    CHECK(outcome.evaluations <= 15);
  }
}

TEST_CASE("functions that are hard for line searches still end with the Wolfe conditions") {
  // J. J. More, D. J. Thuente: Line search algorithms with guaranteed sufficient decrease, 1994, functions 1 and 2.
  const auto first = [](double t) {
    const double q = t * t + 2;
    return LinePoint{t, -t / q, (t * t - 2) / (q * q)};
  };
  const auto second = [](double t) {
    const double s = t + 0.004;
    return LinePoint{t, std::pow(s, 5) - 2 * std::pow(s, 4), 5 * std::pow(s, 4) - 8 * std::pow(s, 3)};
  };
  for (const double step : {1e-3, 0.1, 10.0, 1e3}) {
    CAPTURE(step);
    check_wolfe(first, search(first, step).best);
    check_wolfe(second, search(second, step).best);
  }
}

TEST_CASE("the longest step is accepted where the value still falls there") {
  const auto slope = [](double t) { return LinePoint{t, -t, -1}; };
  CHECK(search(slope, 1, 1).evaluations == 1);
  const auto outcome = search(slope, 1, 37);
  CHECK(outcome.best.step == 37);
  CHECK(outcome.evaluations <= 6);
  // Steeper and steeper: never flat.
  const auto steepening = [](double t) { return LinePoint{t, -t - t * t, -1 - 2 * t}; };
  CHECK(search(steepening, 1, 50).best.step == 50);
}

TEST_CASE("what is not finite is too far") {
  for (const double wall : {0.9, 0.1, 1e-3}) {
    for (const double beyond : {std::numeric_limits<double>::quiet_NaN(), infinity, -infinity}) {
      CAPTURE(wall, beyond);
      const auto walled = [&](double t) { return t > wall ? LinePoint{t, beyond, beyond} : LinePoint{t, -t, -1}; };
      const auto outcome = search(walled, 1);
      CHECK(outcome.best.step > 0);
      CHECK(outcome.best.step <= wall);
      const auto no_slope = [&](double t) { return t > wall ? LinePoint{t, -t, beyond} : LinePoint{t, -t, -1}; };
      CHECK(search(no_slope, 1).best.step <= wall);
    }
  }
}

TEST_CASE("a slope that does not belong to the values leads nowhere, in bounded time") {
  const auto wrong = [](double t) { return LinePoint{t, t, -1}; };
  const auto outcome = search(wrong, 1);
  CHECK(outcome.best.step == 0);
  CHECK(outcome.best.value == 0);
}
