#include <chrono>
#include <stdexcept>
#include <utility>

#include <support/catch.hpp>

#include <hposearch/executor/evaluate.hpp>

using namespace hposearch;
using namespace hposearch::detail;
using namespace std::chrono_literals;
using Kind = ExecutorEvent::Kind;

TEST_CASE("A time that would overflow is never") {
  const SteadyTime now = std::chrono::steady_clock::now();
  CHECK(after(now, 5s) == now + 5s);
  CHECK(after(now, std::chrono::nanoseconds::max()) == SteadyTime::max());
  CHECK(after(SteadyTime::max(), 1ns) == SteadyTime::max());
  CHECK(after(SteadyTime::max(), 0ns) == SteadyTime::max());
}

TEST_CASE("An evaluation is a value or a reason") {
  CHECK(evaluate([] { return 3; }).completed);
  CHECK(evaluate([] { return 3; }).value == 3);
  CHECK(evaluate([]() -> double { throw std::runtime_error("why"); }).message == "why");
  CHECK(evaluate([]() -> double { throw std::runtime_error(""); }).message == "exception without a message");
  CHECK(evaluate([]() -> double { throw "why"; }).message == "exception of unknown type");
  CHECK_FALSE(evaluate([]() -> double { throw 1; }).completed);
}

TEST_CASE("A result that came after the request to stop is not used") {
  const auto event = [](StopCause cause, Evaluation result) {
    ExecutorEvent concluded;
    conclude(concluded, cause, "too late", std::move(result));
    return concluded;
  };
  CHECK(event(StopCause::none, {true, 2, {}}).kind == Kind::completed);
  CHECK(event(StopCause::none, {true, 2, {}}).value == 2);
  CHECK(event(StopCause::none, {false, 0, "why"}).kind == Kind::failed);
  CHECK(event(StopCause::none, {false, 0, "why"}).message == "why");
  CHECK(event(StopCause::cancelled, {true, 2, {}}).kind == Kind::cancelled);
  CHECK(event(StopCause::cancelled, {false, 0, "why"}).kind == Kind::cancelled);
  CHECK(event(StopCause::timed_out, {true, 2, {}}).kind == Kind::failed);
  CHECK(event(StopCause::timed_out, {false, 0, "why"}).message == "too late");
}
