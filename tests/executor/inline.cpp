#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <executor_conformance.hpp>
#include <support/catch.hpp>

#include <hposearch/executor/inline.hpp>

using namespace hposearch;

TEST_CASE("InlineExecutor keeps the executor contract", "[conformance]") {
  executor_conformance::check_executor([](std::size_t) { return InlineExecutor{}; },
                                       {.concurrent = false, .stops_uncooperative = false});
}

TEST_CASE("InlineExecutor runs the trial in the thread that starts it") {
  InlineExecutor executor;
  const auto caller = std::this_thread::get_id();
  std::thread::id callee;
  const auto objective = [&callee](int, TrialContext&) {
    callee = std::this_thread::get_id();
    return 0.0;
  };
  executor.start(0, executor_conformance::shared(objective), 0);
  CHECK(callee == caller);
}

TEST_CASE("InlineExecutor shows its devices to the objective") {
  InlineExecutor executor{{.devices = {"2", "5"}}};
  const auto event = executor_conformance::run_one(executor, 0, [](int, TrialContext& context) {
    return context.devices() == std::vector<std::string>{"2", "5"} ? 1.0 : 0.0;
  });
  CHECK(event.value == 1);
}

TEST_CASE("InlineExecutor fails a trial that returns after its time limit") {
  InlineExecutor executor;
  const auto event = executor_conformance::run_one(executor, 0,
                                                   [](int, TrialContext&) {
                                                     std::this_thread::sleep_for(std::chrono::milliseconds{30});
                                                     return 1.0;
                                                   },
                                                   0, {.timeout = std::chrono::milliseconds{2}});
  CHECK(event.kind == ExecutorEvent::Kind::failed);
  CHECK(event.message == "exceeded its time limit of 0.002 s");
}
