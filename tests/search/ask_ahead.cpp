#include <chrono>
#include <thread>

#include <support/catch.hpp>

#include <hposearch/search/ask_ahead.hpp>

using namespace hposearch;
using namespace std::chrono_literals;

namespace {
void choose_slowly() { std::this_thread::sleep_for(2ms); }
}  // namespace

TEST_CASE("Points are chosen ahead where choosing is slow beside a trial") {
  detail::AskAheadPolicy policy{AskAhead::automatic};
  policy.measure(choose_slowly);
  policy.trial_took(10ms);
  CHECK(policy.wanted());
  policy.done();
  CHECK_FALSE(policy.wanted());  // once for each state
  policy.trial_took(10ms);
  CHECK(policy.wanted());
}

TEST_CASE("Points are chosen with the last result where a trial takes long") {
  detail::AskAheadPolicy policy{AskAhead::automatic};
  policy.measure(choose_slowly);
  policy.trial_took(10min);
  CHECK_FALSE(policy.wanted());
}

TEST_CASE("The user may decide") {
  detail::AskAheadPolicy never{AskAhead::never}, always{AskAhead::always};
  for (auto* policy : {&never, &always}) {
    policy->measure(choose_slowly);
    policy->trial_took(1ms);
  }
  CHECK_FALSE(never.wanted());
  CHECK(always.wanted());
  always.trial_took(1h);
  CHECK(always.wanted());
}

TEST_CASE("What is chosen is passed on") {
  detail::AskAheadPolicy policy{AskAhead::automatic};
  CHECK(policy.measure([] { return 42; }) == 42);
}
