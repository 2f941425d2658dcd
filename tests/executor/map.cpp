#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <support/catch.hpp>

#include <hposearch/executor/inline.hpp>
#include <hposearch/executor/map.hpp>
#include <hposearch/executor/thread_pool.hpp>
#include <hposearch/space/categorical.hpp>
#include <hposearch/space/integer.hpp>
#include <hposearch/space/real.hpp>
#include <hposearch/space/space.hpp>

using namespace hposearch;

namespace {

const auto half = [](int point, TrialContext&) { return 0.5 * point; };

}  // namespace

TEST_CASE("map takes vectors, arrays and spans of trials") {
  InlineExecutor executor;
  const std::vector<Trial<int>> trials{{.id = 3, .point = 4}, {.id = 1, .point = 6}};
  const std::vector<Outcome> expected{2.0, 3.0};
  CHECK(executor.map(half, trials) == expected);
  CHECK(executor.map(half, std::span{trials}) == expected);
  CHECK(executor.map(half, std::array{trials[0], trials[1]}) == expected);
}

TEST_CASE("map takes functions and callables that can only be moved") {
  ThreadPool pool{2};
  const std::vector<Trial<int>> trials{{.id = 0, .point = 4}};
  double (*function)(int, TrialContext&) = +half;
  CHECK(pool.map(function, trials).at(0) == 2.0);
  auto factor = std::make_unique<double>(3);
  CHECK(pool.map([factor = std::move(factor)](int point, TrialContext&) { return *factor * point; }, trials).at(0) ==
        12.0);
}

TEST_CASE("map calls objectives in every form that a space's points allow") {
  struct Params {
    double rate;
    int channel;
    std::string pool;
  };
  const Space space{Real{"rate", 0, 1}, Integer{"channel", 3, 7}, Categorical{"pool", {"max", "avg"}}};
  using P = decltype(space)::point_type;
  const std::vector<Trial<P>> trials{{.id = 0, .point = space.make_point(0.5, 4, "max")},
                                     {.id = 1, .point = space.make_point(0.25, 7, "avg")}};
  const auto loss = [](double rate, int channel, const std::string& pool) {
    return rate + channel + (pool == "avg" ? 100 : 0);
  };
  const std::vector<Outcome> expected{4.5, 107.25};
  ThreadPool pool{2};
  CHECK(pool.map(loss, trials) == expected);
  CHECK(pool.map([&](TrialContext&, double r, int c, std::string p) { return loss(r, c, p); }, trials) == expected);
  CHECK(pool.map([&](const Params& p) { return loss(p.rate, p.channel, p.pool); }, trials) == expected);
  CHECK(pool.map([&](const P& p, TrialContext&) { return loss(get<0>(p), static_cast<int>(get<1>(p)), get<2>(p)); },
                 trials) == expected);
}

TEST_CASE("map fails a trial whose integer its objective cannot hold") {
  const Space space{Integer{"n", 0, 1000}};
  using P = decltype(space)::point_type;
  const std::vector<Trial<P>> trials{{.id = 0, .point = space.make_point(100)},
                                     {.id = 1, .point = space.make_point(1000)}};
  InlineExecutor executor;
  const auto outcomes = executor.map([](std::int8_t n) { return n; }, trials);
  CHECK(outcomes.at(0) == 100.0);
  CHECK_FALSE(outcomes.at(1).has_value());
  CHECK_FALSE(outcomes.at(1).reason().empty());
}
