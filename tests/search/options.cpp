#include <support/catch.hpp>

#include <hposearch/search/options.hpp>

using namespace hposearch;
using namespace std::chrono_literals;

TEST_CASE("Limits above zero are accepted, those that mean nothing are refused with their value") {
  SearchOptions<int>{}.validate();
  SearchOptions<int>{.trials = 1, .time = 1ms, .target = -1e300, .patience = 1, .timeout = 1ns}.validate();
  CHECK_THROWS_WITH((SearchOptions<int>{.time = -2s}.validate()), Catch::Contains("time") && Catch::Contains("-2 s"));
  CHECK_THROWS_WITH((SearchOptions<int>{.trials = 0}.validate()),
                    Catch::Contains("trials") && Catch::Contains("at least 1"));
}
