#include <algorithm>
#include <chrono>
#include <cstddef>

#include <support/catch.hpp>

#include <hposearch/cluster/elastic_policy.hpp>

using namespace hposearch;
using namespace std::chrono_literals;

namespace {

/// Workers of two slots that are there a while after they are wanted.
struct Workers {
  ElasticOptions options{.least = 1, .most = 10, .grow_after = 2s, .shrink_after = 30s, .period = 1s};
  detail::ElasticPolicy policy{options};
  detail::ElasticPolicy::Time now{};
  std::size_t wanted = 1, there = 1;

  /// Lets time pass while so many trials would run if they could. Whoever is too many leaves at the next look.
  void pass(std::chrono::seconds time, std::size_t trials) {
    for (const auto end = now + time; now < end; now += 1s) {
      wanted = policy.look({there, 2 * there, std::min(trials, 4 * there)}, now);
      if (there < wanted && now - started > 3s) {
        ++there;
        started = now;
      }
      there = std::min(there, wanted);
    }
  }
  detail::ElasticPolicy::Time started{};
};

}  // namespace

TEST_CASE("Workers grow to the most while all slots are busy, and not beyond") {
  Workers workers;
  workers.pass(1s, 100);
  CHECK(workers.wanted == 1);
  workers.pass(5min, 100);
  CHECK(workers.wanted == 10);
  CHECK(workers.there == 10);
}

TEST_CASE("Workers without trials shrink to the least, after a while") {
  Workers workers;
  workers.pass(5min, 100);
  workers.pass(29s, 0);
  CHECK(workers.wanted == 10);
  workers.pass(5s, 0);
  CHECK(workers.wanted == 1);
}

TEST_CASE("As many stay as the busiest moment of the while had use for") {
  Workers workers;
  workers.pass(5min, 100);
  for (int i = 0; i < 10; ++i) {
    workers.pass(5s, 2);
    workers.pass(1s, 7);  // four workers of two slots
  }
  CHECK(workers.wanted == 4);
}

TEST_CASE("Slots that are busy for a moment, or all but one, ask for nobody") {
  Workers workers;
  for (int i = 0; i < 100; ++i) {
    workers.pass(2s, 2);
    workers.pass(1s, 1);
  }
  CHECK(workers.wanted == 1);
}

TEST_CASE("While workers are lost or on their way, none is taken for too many") {
  detail::ElasticPolicy policy{{.least = 1, .most = 4, .grow_after = 0s, .shrink_after = 10s}};
  detail::ElasticPolicy::Time now{};
  CHECK(policy.look({1, 1, 1}, now) == 2);
  CHECK(policy.look({2, 2, 2}, now) == 4);
  for (int i = 0; i < 100; ++i, now += 1s) CHECK(policy.look({0, 0, 0}, now) == 4);
  for (int i = 0; i < 100; ++i, now += 1s) CHECK(policy.look({1, 1, 2}, now) == 4);
}

TEST_CASE("Workers that never come are not waited for when those that are there have too little to do") {
  detail::ElasticPolicy policy{{.least = 1, .most = 4, .grow_after = 0s, .shrink_after = 10s}};
  detail::ElasticPolicy::Time now{};
  CHECK(policy.look({1, 1, 1}, now) == 2);
  CHECK(policy.look({2, 2, 2}, now) == 4);
  for (int i = 0; i < 11; ++i, now += 1s) static_cast<void>(policy.look({3, 3, 2}, now));
  CHECK(policy.look({3, 3, 2}, now) == 2);
}

TEST_CASE("Limits that mean nothing are refused") {
  CHECK_THROWS_WITH(detail::ElasticPolicy({.least = 0}), Catch::Contains("least"));
  CHECK_THROWS_WITH(detail::ElasticPolicy({.least = 3, .most = 2}), Catch::Contains("most") && Catch::Contains("3"));
  CHECK_THROWS_AS(detail::ElasticPolicy({.period = 0s}), InvalidArgument);
}
