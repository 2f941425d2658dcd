#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <set>
#include <stop_token>
#include <string>
#include <thread>

#include <executor_conformance.hpp>
#include <support/catch.hpp>

#include <hposearch/executor/thread_pool.hpp>

using namespace hposearch;
using namespace std::chrono_literals;
using executor_conformance::run_one;
using executor_conformance::shared;
using executor_conformance::wait_event;
using executor_conformance::wait_final;
using Kind = ExecutorEvent::Kind;

TEST_CASE("ThreadPool keeps the executor contract", "[conformance]") {
  executor_conformance::check_executor(
      [](std::size_t slots) {
        return ThreadPool{slots, {.grace = 30ms}};
      },
      {.reuses = 3000});
}

TEST_CASE("ThreadPool starts a trial in the slot that is wanted, if that is free") {
  ThreadPool pool{3};
  const auto slot = shared([](int, TrialContext& context) { return static_cast<double>(context.slot()); });
  pool.start(0, slot, 0, {.slot = 2});
  CHECK_THROWS_WITH(pool.start(1, slot, 0, {.slot = 2}), "ThreadPool: slot 2 is taken");
  CHECK_THROWS_WITH(pool.start(1, slot, 0, {.slot = 3}), "\"slot\" = 3: must be below 3");
  CHECK(wait_final(pool).value == 2);
  CHECK(run_one(pool, 1, [](int, TrialContext& context) { return context.slot(); }).value == 0);
}

TEST_CASE("ThreadPool refuses bad options by name") {
  CHECK_THROWS_WITH(ThreadPool{0}, "\"workers\" = 0: must be at least 1");
  CHECK_THROWS_WITH(ThreadPool{-3}, "\"workers\" = -3: must be at least 1");
  CHECK_THROWS_WITH((ThreadPool{2, {.grace = -1ns}}), "\"grace\" = -1 ns: must not be negative");
  CHECK_THROWS_AS((ThreadPool{2, {.slots = {{.devices = {"0"}}}}}), InvalidArgument);
}

TEST_CASE("ThreadPool gives each slot its devices") {
  ThreadPool pool{2, {.slots = {{.devices = {"a"}}, {.devices = {"b"}}}}};
  const auto objective = shared([](int, TrialContext& context) {
    return context.devices() == std::vector<std::string>{context.slot() == 0 ? "a" : "b"} ? 1.0 : 0.0;
  });
  for (TrialId id = 0; id < 2; ++id) pool.start(id, objective, 0);
  for (int i = 0; i < 2; ++i) CHECK(wait_final(pool).value == 1);
}

TEST_CASE("ThreadPool runs as many trials at once as it has workers") {
  ThreadPool pool{3};
  std::atomic<int> inside = 0;
  const auto meet = [&inside](int, TrialContext& context) {
    ++inside;
    while (inside < 3 && !context.stop_requested()) std::this_thread::sleep_for(1ms);
    return 1.0;
  };
  const auto objective = shared(meet);
  for (TrialId id = 0; id < 3; ++id) pool.start(id, objective, 0);
  for (int i = 0; i < 3; ++i) CHECK(wait_final(pool).kind == Kind::completed);
}

TEST_CASE("ThreadPool drops what an abandoned objective says and returns later") {
  // Everything the late thread touches is its own or shared: the pool is gone when it goes on.
  struct Gate {
    std::atomic<bool> open = false;
    std::atomic<bool> passed = false;
  };
  const auto gate = std::make_shared<Gate>();
  const auto stubborn = [gate](int, TrialContext& context) {
    context.report(0, 0);
    while (!gate->open) std::this_thread::sleep_for(1ms);
    context.report(1, 1);
    gate->passed = true;
    return 1.0;
  };
  const auto objective = shared(stubborn);
  const auto wait_passed = [&] {
    while (!gate->passed) std::this_thread::sleep_for(1ms);
  };

  SECTION("while the pool lives on") {
    ThreadPool pool{1, {.grace = 1ms}};
    pool.start(0, objective, 0, {.timeout = 1ms});
    // On a busy machine the time is over before the first report, which is dropped then.
    const ExecutorEvent event = wait_final(pool);
    CHECK(event.kind == Kind::failed);
    CHECK(event.message == "exceeded its time limit of 0.001 s and did not stop");
    gate->open = true;
    wait_passed();
    executor_conformance::check_silence(pool);
    CHECK(run_one(pool, 0, [](int, TrialContext&) { return 2.0; }).value == 2);
  }

  SECTION("after the pool has gone") {
    {
      ThreadPool pool{1, {.grace = 0ns}};
      pool.start(0, objective, 0);
      CHECK(wait_event(pool).kind == Kind::report);
    }
    gate->open = true;
    wait_passed();
  }
}

TEST_CASE("ThreadPool's cancel runs stop callbacks that report without locking up") {
  ThreadPool pool{1};
  pool.start(0, shared([](int, TrialContext& context) {
               std::atomic<bool> asked = false;
               const std::stop_callback callback(context.stop_token(), [&] {
                 context.report(1, 1);
                 asked = true;
               });
               context.report(0, 0);
               while (!asked) std::this_thread::sleep_for(1ms);
               return 0.0;
             }),
             0);
  CHECK(wait_event(pool).step == 0);
  pool.cancel(0);
  CHECK(wait_event(pool).step == 1);
  CHECK(wait_event(pool).kind == Kind::cancelled);
}

TEST_CASE("ThreadPool's destructor waits for objectives that heed their stop token") {
  const auto done = std::make_shared<std::atomic<int>>(0);
  {
    ThreadPool pool{3, {.grace = 60s}};
    const auto objective = [done](int, TrialContext& context) {
      while (!context.stop_requested()) std::this_thread::sleep_for(1ms);
      ++*done;
      return 0.0;
    };
    for (TrialId id = 0; id < 3; ++id) pool.start(id, shared(objective), 0);
  }
  CHECK(*done == 3);
}

TEST_CASE("ThreadPool takes points and results that are not trivial") {
  ThreadPool pool{2};
  const auto length = shared([](const std::string& text, TrialContext&) { return static_cast<double>(text.size()); });
  pool.start(0, length, std::string(1000, 'x'));
  CHECK(wait_final(pool).value == 1000);
}
