// The executor contract as tests. Any backend is put through them by one line in a test file:
//
//   TEST_CASE("MyExecutor keeps the executor contract", "[conformance]") {
//     check_executor([](std::size_t slots) { return MyExecutor{slots, {.grace = 50ms}}; }, {.concurrent = true});
//   }
//
// The factory returns a new executor with the given number of slots (one, if it cannot have more). Give it a short
// grace period: several checks wait for it. Objectives are lambdas and points are ints; nothing is shared between the
// test and an objective but what an executor carries, so that backends may run objectives in other processes. Nothing
// here asserts how long anything takes; events that should come are waited for up to `patience`.
//
// Capabilities say what a backend can do; checks of what it cannot are left out.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <support/catch.hpp>

#include <hposearch/error.hpp>
#include <hposearch/executor.hpp>
#include <hposearch/trial/trial.hpp>

namespace executor_conformance {

using namespace hposearch;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using Kind = ExecutorEvent::Kind;

struct Capabilities {
  bool concurrent = true;           // start() returns before the trial ends, so trials can be cancelled
  bool stops_uncooperative = true;  // an objective that ignores its stop token is ended or given up
  std::size_t reuses = 300;         // trials run one after another through few slots
};

inline constexpr auto patience = 60s;

using Objective = double(int, TrialContext&);

/// An objective as start() takes it.
template <class F>
std::shared_ptr<const F> shared(F objective) {
  return std::make_shared<const F>(std::move(objective));
}

template <class E>
ExecutorEvent wait_event(E& executor) {
  const auto event = executor.next_event(Clock::now() + patience);
  REQUIRE(event.has_value());
  return *event;
}

template <class E>
ExecutorEvent wait_final(E& executor) {
  for (;;) {
    const ExecutorEvent event = wait_event(executor);
    if (event.final()) return event;
  }
}

/// Runs one trial by itself and returns its final event.
template <class E, class F>
ExecutorEvent run_one(E& executor, TrialId id, F objective, int point = 0, StartOptions options = {}) {
  executor.start(id, shared(std::move(objective)), point, options);
  ExecutorEvent last = wait_final(executor);
  CHECK(last.trial == id);
  return last;
}

/// Asserts that nothing more comes from a trial or at all.
template <class E>
void check_silence(E& executor) {
  CHECK_FALSE(executor.next_event(Clock::now() + 20ms).has_value());
}

/// Reports once that it runs, then waits until it is asked to stop.
inline constexpr auto wait_for_stop = [](int, TrialContext& context) {
  context.report(0, 0);
  while (!context.stop_requested()) std::this_thread::sleep_for(1ms);
  return 1.0;
};

/// Reports once that it runs, then ignores every request to stop, for longer than any test lasts.
inline constexpr auto never_returns = [](int, TrialContext& context) {
  context.report(0, 0);
  std::this_thread::sleep_for(10s);
  return 1.0;
};

template <class Make>
void check_results(const Make& make) {
  SECTION("results match their trials") {
    auto executor = make(3);
    const auto square =
        shared([](int x, TrialContext& context) { return x * x + 1000.0 * static_cast<double>(context.trial()); });
    std::map<TrialId, double> values;
    TrialId next = 0;
    while (values.size() < 20) {
      for (; next < 20 && executor.free_slots() > 0; ++next) executor.start(next, square, static_cast<int>(next), {});
      const ExecutorEvent event = wait_final(executor);
      CHECK(event.kind == Kind::completed);
      CHECK(event.started <= event.finished);
      CHECK(values.emplace(event.trial, event.value).second);
    }
    for (const auto& [id, value] : values) CHECK(value == static_cast<double>(id * id + 1000 * id));
    check_silence(executor);
  }

  SECTION("any double comes back as it was") {
    auto executor = make(1);
    const auto values = {-0.0, 1e-310, -1.7976931348623157e308, HUGE_VAL, -HUGE_VAL, std::nan("")};
    TrialId id = 0;
    for (const double expected : values) {
      const auto event = run_one(executor, id++, [expected](int, TrialContext&) { return expected; });
      CHECK(event.kind == Kind::completed);
      CHECK(std::signbit(event.value) == std::signbit(expected));
      CHECK((event.value == expected || (std::isnan(event.value) && std::isnan(expected))));
    }
  }

  SECTION("whatever converts to double is a result") {
    auto executor = make(1);
    CHECK(run_one(
              executor, 0, [](int x, TrialContext&) { return x; }, 7)
              .value == 7);
    CHECK(run_one(executor, 1, [](int, TrialContext&) { return 0.5F; }).value == 0.5);
  }

  SECTION("an objective is let go when its trial has ended") {
    auto executor = make(1);
    auto objective = shared([](int, TrialContext&) { return 0.0; });
    executor.start(0, objective, 0, {});
    CHECK(wait_final(executor).kind == Kind::completed);
    CHECK(objective.use_count() == 1);
  }
}

template <class Make>
void check_exceptions(const Make& make) {
  SECTION("exceptions become failures with their message") {
    auto executor = make(1);
    const auto event =
        run_one(executor, 4, [](int, TrialContext&) -> double { throw std::runtime_error("no data at \"x\"\n"); });
    CHECK(event.kind == Kind::failed);
    CHECK(event.message == "no data at \"x\"\n");
    CHECK(run_one(executor, 5, [](int, TrialContext&) { return 1.0; }).kind == Kind::completed);
  }

  SECTION("an exception of another type becomes a failure that says so") {
    auto executor = make(1);
    const auto event = run_one(executor, 4, [](int, TrialContext&) -> double { throw 42; });
    CHECK(event.kind == Kind::failed);
    CHECK(event.message == "exception of unknown type");
  }

  SECTION("an exception without a message still gives a reason") {
    auto executor = make(1);
    const auto event = run_one(executor, 4, [](int, TrialContext&) -> double { throw std::runtime_error(""); });
    CHECK(event.kind == Kind::failed);
    CHECK_FALSE(event.message.empty());
  }

  SECTION("a long message arrives whole") {
    auto executor = make(1);
    const auto event = run_one(
        executor, 4,
        [](int length, TrialContext&) -> double {
          throw std::runtime_error(std::string(static_cast<std::size_t>(length), 'x'));
        },
        300'000);
    CHECK(event.message == std::string(300'000, 'x'));
  }

  SECTION("an exception thrown while the result is converted is a failure") {
    struct Loss {
      operator double() const { throw std::domain_error("loss is undefined"); }
    };
    auto executor = make(1);
    const auto event = run_one(executor, 4, [](int, TrialContext&) { return Loss{}; });
    CHECK(event.kind == Kind::failed);
    CHECK(event.message == "loss is undefined");
  }
}

template <class Make>
void check_context(const Make& make) {
  SECTION("the context names trial and attempt") {
    auto executor = make(1);
    const auto objective = [](int, TrialContext& context) {
      return static_cast<double>(10 * context.trial() + context.attempt());
    };
    CHECK(run_one(executor, 12, objective).value == 121);
    CHECK(run_one(executor, 12, objective, 0, {.attempt = 3}).value == 123);
  }

  SECTION("reports arrive before the final event, complete and in order") {
    auto executor = make(2);
    const auto objective = shared([](int point, TrialContext& context) {
      for (int step = 0; step < 50; ++step) context.report(step * 1'000'000'000'000, 0.1 * step + point);
      context.report(-1, HUGE_VAL);
      return 0.0;
    });
    std::map<TrialId, std::vector<ExecutorEvent>> events;
    std::size_t ended = 0;
    TrialId next = 0;
    while (ended < 4) {
      for (; next < 4 && executor.free_slots() > 0; ++next) executor.start(next, objective, 100, {});
      const ExecutorEvent event = wait_event(executor);
      events[event.trial].push_back(event);
      if (event.final()) ++ended;
    }
    for (const auto& [trial, sequence] : events) {
      REQUIRE(sequence.size() == 52);
      for (std::size_t step = 0; step < 50; ++step) {
        CHECK(sequence[step].kind == Kind::report);
        CHECK(sequence[step].step == static_cast<std::int64_t>(step) * 1'000'000'000'000);
        CHECK(sequence[step].value == 0.1 * static_cast<double>(step) + 100);
      }
      CHECK(sequence[50].step == -1);
      CHECK(sequence[50].value == HUGE_VAL);
      CHECK(sequence[51].kind == Kind::completed);
    }
  }
}

template <class Make>
void check_slots(const Make& make, const Capabilities& can) {
  SECTION("a full executor refuses another trial, and goes on") {
    auto executor = make(2);
    const auto objective = shared([](int x, TrialContext&) { return 1.0 * x; });
    const std::size_t slots = executor.slots();
    REQUIRE(slots >= 1);
    CHECK(executor.free_slots() == slots);
    for (std::size_t i = 0; i < slots; ++i) executor.start(i, objective, static_cast<int>(i), {});
    CHECK(executor.free_slots() == 0);
    CHECK_THROWS_AS(executor.start(99, objective, 0, {}), NoFreeSlot);
    std::set<TrialId> ended;
    for (std::size_t i = 0; i < slots; ++i) ended.insert(wait_final(executor).trial);
    CHECK(ended.size() == slots);
    CHECK_FALSE(ended.contains(99));
    CHECK(executor.free_slots() == slots);
  }

  SECTION("a bad timeout is refused and takes no slot") {
    auto executor = make(1);
    const auto objective = shared([](int, TrialContext&) { return 1.0; });
    CHECK_THROWS_AS(executor.start(0, objective, 0, {.timeout = 0ns}), InvalidArgument);
    CHECK_THROWS_AS(executor.start(0, objective, 0, {.timeout = -1s}), InvalidArgument);
    CHECK(executor.free_slots() == executor.slots());
  }

  SECTION("slots are reused, named correctly, and never hold two trials at once") {
    auto executor = make(3);
    const auto objective = shared([](int, TrialContext& context) { return static_cast<double>(context.slot()); });
    std::map<std::size_t, std::vector<std::pair<Clock::time_point, Clock::time_point>>> uses;
    std::set<TrialId> ended;
    TrialId next = 0;
    while (ended.size() < can.reuses) {
      for (; next < can.reuses && executor.free_slots() > 0; ++next) executor.start(next, objective, 0, {});
      const ExecutorEvent event = wait_final(executor);
      CHECK(ended.insert(event.trial).second);
      CHECK(event.slot < executor.slots());
      CHECK(event.value == static_cast<double>(event.slot));
      uses[event.slot].emplace_back(event.started, event.finished);
    }
    for (auto& [slot, spans] : uses) {
      std::ranges::sort(spans);
      for (std::size_t i = 1; i < spans.size(); ++i) CHECK(spans[i - 1].second <= spans[i].first);
    }
    check_silence(executor);
  }
}

template <class Make>
void check_waiting(const Make& make) {
  SECTION("next_event returns nothing when its deadline passes") {
    auto executor = make(1);
    CHECK_FALSE(executor.next_event(Clock::time_point::min()).has_value());
    CHECK_FALSE(executor.next_event(Clock::now() - 1s).has_value());
    const auto deadline = Clock::now() + 5ms;
    CHECK_FALSE(executor.next_event(deadline).has_value());
    CHECK(Clock::now() >= deadline);
  }

  SECTION("next_event hands out what is there although its deadline has passed") {
    auto executor = make(1);
    executor.start(0, shared([](int, TrialContext&) { return 1.0; }), 0, {});
    std::optional<ExecutorEvent> event;
    for (const auto end = Clock::now() + patience; !event && Clock::now() < end;) {
      std::this_thread::sleep_for(1ms);
      event = executor.next_event(Clock::time_point::min());
    }
    REQUIRE(event.has_value());
    CHECK(event->kind == Kind::completed);
  }

  SECTION("cancelling a trial that never was, or has ended, does nothing") {
    auto executor = make(1);
    executor.cancel(7);
    CHECK(run_one(executor, 0, [](int, TrialContext&) { return 1.0; }).kind == Kind::completed);
    executor.cancel(0);
    check_silence(executor);
    CHECK(run_one(executor, 0, [](int, TrialContext&) { return 2.0; }).value == 2);
  }
}

template <class Make>
void check_limits(const Make& make, const Capabilities& can) {
  SECTION("a trial over its time limit is asked to stop and fails with a message that names the limit") {
    auto executor = make(1);
    const auto event = run_one(executor, 0, wait_for_stop, 0, {.timeout = 30ms});
    CHECK(event.kind == Kind::failed);
    CHECK(event.message.find("exceeded its time limit of 0.03 s") != std::string::npos);
    CHECK(run_one(executor, 1, [](int, TrialContext&) { return 1.0; }, 0, {.timeout = 10min}).kind == Kind::completed);
    CHECK(run_one(executor, 2, [](int, TrialContext&) { return 1.0; }, 0, {.timeout = std::chrono::nanoseconds::max()})
              .kind == Kind::completed);
  }

  if (can.stops_uncooperative) {
    SECTION("an objective that never returns fails at its time limit, and its slot works again") {
      auto executor = make(1);
      for (TrialId id = 0; id < 6; id += 2) {
        const auto event = run_one(executor, id, never_returns, 0, {.timeout = 20ms});
        CHECK(event.kind == Kind::failed);
        CHECK(event.message.find("exceeded its time limit of 0.02 s") != std::string::npos);
        CHECK(run_one(
                  executor, id + 1, [](int x, TrialContext&) { return 1.0 * x; }, 5)
                  .value == 5);
      }
      check_silence(executor);
    }
  }
}

template <class Make>
void check_cancellation(const Make& make, const Capabilities& can) {
  SECTION("a running trial that is cancelled ends so, whatever it returns") {
    auto executor = make(2);
    executor.start(0, shared(wait_for_stop), 0, {});
    CHECK(wait_event(executor).kind == Kind::report);
    executor.cancel(0);
    executor.cancel(0);
    const ExecutorEvent event = wait_event(executor);
    CHECK(event.kind == Kind::cancelled);
    CHECK(event.trial == 0);
    check_silence(executor);
    CHECK(run_one(executor, 1, [](int, TrialContext&) { return 1.0; }).kind == Kind::completed);
  }

  SECTION("cancelling one trial leaves the others alone") {
    auto executor = make(2);
    if (executor.slots() < 2) return;
    const auto objective = shared(wait_for_stop);
    executor.start(0, objective, 0, {});
    executor.start(1, objective, 0, {});
    for (int i = 0; i < 2; ++i) CHECK(wait_event(executor).kind == Kind::report);
    executor.cancel(1);
    CHECK(wait_event(executor).trial == 1);
    check_silence(executor);
    executor.cancel(0);
    const ExecutorEvent event = wait_event(executor);
    CHECK(event.trial == 0);
    CHECK(event.kind == Kind::cancelled);
  }

  SECTION("a trial cannot run twice at once") {
    auto executor = make(2);
    const auto objective = shared(wait_for_stop);
    executor.start(5, objective, 0, {});
    CHECK_THROWS_AS(executor.start(5, objective, 0, {}), InvalidArgument);
    executor.cancel(5);
    CHECK(wait_final(executor).kind == Kind::cancelled);
    check_silence(executor);
  }

  SECTION("a slow trial does not hold up a quick one") {
    auto executor = make(2);
    if (executor.slots() < 2) return;
    executor.start(0, shared(wait_for_stop), 0, {});
    CHECK(wait_event(executor).kind == Kind::report);
    for (TrialId id = 1; id < 10; ++id)
      CHECK(run_one(executor, id, [](int, TrialContext&) { return 1.0; }).kind == Kind::completed);
    executor.cancel(0);
    CHECK(wait_event(executor).kind == Kind::cancelled);
  }

  if (can.stops_uncooperative) {
    SECTION("an objective that ignores its cancellation ends all the same, once, and its slot works again") {
      auto executor = make(1);
      executor.start(0, shared(never_returns), 0, {});
      CHECK(wait_event(executor).kind == Kind::report);
      executor.cancel(0);
      CHECK(wait_event(executor).kind == Kind::cancelled);
      CHECK(executor.free_slots() == 1);
      CHECK(run_one(executor, 1, [](int, TrialContext&) { return 1.0; }).kind == Kind::completed);
      check_silence(executor);
    }

    SECTION("an executor goes away with uncooperative work in flight") {
      auto executor = make(2);
      const auto objective = shared(never_returns);
      for (std::size_t i = 0; i < executor.slots(); ++i) executor.start(i, objective, 0, {});
    }
  }

  SECTION("an executor goes away with work in flight and events not taken") {
    auto executor = make(3);
    executor.start(0, shared(wait_for_stop), 0, {});
    CHECK(wait_event(executor).kind == Kind::report);
    if (executor.free_slots() > 0) executor.start(1, shared([](int, TrialContext&) { return 1.0; }), 0, {});
    if (executor.free_slots() > 0) executor.start(2, shared([](int, TrialContext&) -> double { throw 1; }), 0, {});
  }
}

template <class Make>
void check_map(const Make& make, const Capabilities& can) {
  const auto trials = [](int count) {
    std::vector<Trial<int>> list;
    for (int i = 0; i < count; ++i) list.push_back({.id = static_cast<TrialId>(i), .point = 10 * i});
    return list;
  };
  const auto objective = [](int point, TrialContext&) {
    if (point == 30) throw std::runtime_error("thirty");
    return point + 0.5;
  };

  SECTION("map evaluates more trials than there are slots, in their order") {
    auto executor = make(2);
    const auto outcomes = executor.map(objective, trials(7));
    REQUIRE(outcomes.size() == 7);
    for (std::size_t i = 0; i < 7; ++i) {
      if (i == 3)
        CHECK(outcomes[i].reason() == "thirty");
      else
        CHECK(outcomes[i].value() == 10.0 * static_cast<double>(i) + 0.5);
    }
    CHECK(executor.map(objective, trials(0)).empty());
    CHECK(executor.free_slots() == executor.slots());
  }

  SECTION("map refuses trials with the same id") {
    auto executor = make(2);
    auto twice = trials(2);
    twice[1].id = 0;
    CHECK_THROWS_AS(executor.map(objective, twice), InvalidArgument);
    CHECK(executor.free_slots() == executor.slots());
  }

  SECTION("map is not confused by what was left of an earlier use") {
    auto executor = make(2);
    executor.start(0, shared([](int, TrialContext&) { return -1.0; }), 0, {});
    if (can.concurrent && executor.free_slots() > 0) {
      executor.start(1, shared(wait_for_stop), 0, {});
      executor.cancel(1);
    }
    const auto outcomes = executor.map(objective, trials(3));
    for (std::size_t i = 0; i < 3; ++i) CHECK(outcomes[i].value() == 10.0 * static_cast<double>(i) + 0.5);
  }
}

/// Puts executors made by `make(slots)` through the whole contract, as sections of the calling test case.
template <class Make>
void check_executor(const Make& make, const Capabilities& can = {}) {
  using E = decltype(make(1));
  static_assert(Executor<E, Objective*, int>, "not a model of hposearch::Executor");
  check_results(make);
  check_exceptions(make);
  check_context(make);
  check_slots(make, can);
  check_waiting(make);
  check_limits(make, can);
  if (can.concurrent) check_cancellation(make, can);
  if constexpr (requires(E & executor, std::vector<Trial<int>> list) { executor.map(wait_for_stop, list); })
    check_map(make, can);
}

}  // namespace executor_conformance
