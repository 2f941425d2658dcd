#include <array>
#include <memory>
#include <span>
#include <stdexcept>
#include <vector>

#include <support/catch.hpp>

#include <hposearch/executor/inline.hpp>
#include <hposearch/executor/map.hpp>
#include <hposearch/executor/thread_pool.hpp>

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
