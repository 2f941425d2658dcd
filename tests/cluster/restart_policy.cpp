#include <chrono>
#include <optional>

#include <support/catch.hpp>
#include <support/thrown.hpp>

#include <hposearch/cluster/restart_policy.hpp>

using namespace hposearch;
using namespace std::chrono_literals;
using Catch::Contains;

TEST_CASE("A worker that dies at once is started later each time, and in the end no more") {
  detail::RestartPolicy policy{{.first_delay = 100ms, .longest_delay = 350ms, .healthy = 10s, .quick_deaths = 5}};
  CHECK(policy.died(0s) == 100ms);
  CHECK(policy.died(9s) == 200ms);
  CHECK(policy.died(1ms) == 350ms);
  CHECK(policy.died(1ms) == 350ms);
  CHECK(policy.died(1ms) == 350ms);
  CHECK(policy.died(1ms) == std::nullopt);
}

TEST_CASE("A long life makes earlier quick deaths forgotten") {
  detail::RestartPolicy policy{{.first_delay = 100ms, .longest_delay = 30s, .healthy = 10s, .quick_deaths = 2}};
  for (int i = 0; i < 10; ++i) {
    CHECK(policy.died(10s) == 100ms);
    CHECK(policy.died(0s) == 200ms);
  }
  CHECK(policy.died(0s) == std::nullopt);
}

TEST_CASE("Delays do not overflow") {
  constexpr auto longest = std::chrono::nanoseconds::max();
  detail::RestartPolicy policy{{.first_delay = longest / 3, .longest_delay = longest, .quick_deaths = 100}};
  CHECK(policy.died(0s) == longest / 3);
  CHECK(policy.died(0s) == longest / 3 * 2);
  for (int i = 0; i < 90; ++i) CHECK(policy.died(0s) == longest);
}

TEST_CASE("Restart options out of range are refused") {
  using support::thrown;
  const auto refusal = [](const RestartOptions& options) {
    return thrown<InvalidArgument>([&] { return detail::RestartPolicy{options}; });
  };
  CHECK_THAT(refusal({.first_delay = -1ns}), Contains("first_delay"));
  CHECK_THAT(refusal({.longest_delay = -1s}), Contains("longest_delay"));
  CHECK_THAT(refusal({.healthy = -1s}), Contains("healthy"));
  CHECK_THAT(refusal({.quick_deaths = 0}), Contains("quick_deaths"));
}
