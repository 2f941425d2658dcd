#include <algorithm>
#include <cmath>
#include <csignal>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <support/catch.hpp>

#include <hposearch/executor/inline.hpp>
#include <hposearch/executor/simulated.hpp>
#include <hposearch/executor/thread_pool.hpp>
#include <hposearch/sampler/random.hpp>
#include <hposearch/search/minimize.hpp>
#include <hposearch/space/categorical.hpp>
#include <hposearch/space/integer.hpp>
#include <hposearch/space/real.hpp>
#include <hposearch/space/space.hpp>

using namespace hposearch;
using namespace std::chrono_literals;

namespace {

using Seconds = SimulatedExecutor::Seconds;

auto line() { return Space{Real{"x", -1.0, 1.0}}; }
auto cells() { return Space{Integer{"k", 1, 10}}; }

template <class S>
Optimizer<S> optimizer_of(const S& space, std::uint64_t seed = 0) {
  return Optimizer<S>{space, {.seed = seed, .sampler = RandomSampler{}}};
}

double square(double x) { return x * x; }

/// Run times that differ by a factor of a hundred.
Seconds skewed(TrialId trial, std::size_t) {
  return Seconds{trial % 7 == 0 ? 10.0 : 0.1 + 0.1 * static_cast<double>(trial % 5)};
}

Seconds one_second(TrialId, std::size_t) { return Seconds{1}; }

/// Looks at what trials need.
struct Picky : InlineExecutor {
  static constexpr bool honours_needs = true;
  std::vector<TrialNeeds> seen;

  template <class F, class P>
  void start(TrialId id, std::shared_ptr<const F> objective, const P& point, StartOptions options = {}) {
    seen.push_back(options.needs);
    InlineExecutor::start(id, std::move(objective), point, options);
  }
};

}  // namespace

TEST_CASE("A search runs the trials that were asked for and returns the best") {
  auto optimizer = optimizer_of(line());
  InlineExecutor here;
  const auto result = minimize(square, optimizer, here, {.trials = 50});
  CHECK(result.trials.size() == 50);
  CHECK(result.slot_uses.size() == 50);
  CHECK(result.stopped_by == StopReason::trials);
  CHECK(result.best().value == optimizer.best().value);
  CHECK(result.best().value == Approx(square(get<0>(result.best().point))));
  for (const auto& trial : result.trials) CHECK(*trial.value >= result.best().value);
}

TEST_CASE("maximize finds the largest value, and directions do not mix") {
  auto optimizer = optimizer_of(line());
  InlineExecutor here;
  const auto result = maximize(square, optimizer, here, {.trials = 50});
  for (const auto& trial : result.trials) CHECK(*trial.value <= result.best().value);
  CHECK_THROWS_AS(minimize(square, optimizer, here, {.trials = 1}), InvalidArgument);
}

TEST_CASE("Searches continue where the last one ended") {
  auto optimizer = optimizer_of(line());
  InlineExecutor here;
  const auto first = minimize(square, optimizer, here, {.trials = 20});
  const auto second = minimize(square, optimizer, here, {.trials = 20});
  CHECK(optimizer.size() == 40);
  CHECK(second.trials.size() == 20);
  CHECK(second.best().value <= first.best().value);
}

TEST_CASE("An asynchronous search waits for no round's slowest, a batch does") {
  const auto elapsed = [](bool batch) {
    auto optimizer = optimizer_of(line());
    SimulatedExecutor workers{3, skewed};
    const auto result = minimize(square, optimizer, workers, {.trials = 60, .batch = batch});
    CHECK(result.trials.size() == 60);
    return std::pair{result.elapsed.count(), result.busy_share()};
  };
  const auto [async, async_busy] = elapsed(false);
  const auto [batch, batch_busy] = elapsed(true);
  CHECK(async_busy > 0.999);
  CHECK(batch_busy < 0.8);
  CHECK(async < 0.75 * batch);
}

TEST_CASE("No two running trials share a slot") {
  auto optimizer = optimizer_of(line());
  SimulatedExecutor workers{5, skewed};
  auto uses = minimize(square, optimizer, workers, {.trials = 100}).slot_uses;
  std::sort(uses.begin(), uses.end(), [](const auto& a, const auto& b) { return a.started < b.started; });
  std::map<std::size_t, double> busy_until;
  for (const auto& use : uses) {
    CHECK(use.started >= busy_until[use.slot]);
    busy_until[use.slot] = use.finished;
  }
  CHECK(busy_until.size() == 5);
}

TEST_CASE("The same seed on the same virtual clock gives the same search") {
  const auto play = [] {
    auto optimizer = optimizer_of(line(), 5);
    SimulatedExecutor workers{7, skewed};
    std::vector<double> values;
    for (const auto& trial : minimize(square, optimizer, workers, {.trials = 80}).trials)
      values.push_back(*trial.value);
    return values;
  };
  CHECK(play() == play());
}

TEST_CASE("A thousand simulated workers are all kept busy") {
  auto optimizer = optimizer_of(line());
  SimulatedExecutor workers{1000, one_second};
  const auto result = minimize(square, optimizer, workers, {.trials = 10000});
  CHECK(result.elapsed.count() == Approx(10.0).margin(1e-6));
  CHECK(result.trials.size() == 10000);
}

TEST_CASE("Every limit ends a search") {
  auto optimizer = optimizer_of(line());
  SimulatedExecutor workers{2, one_second};
  SECTION("time: what runs is finished") {
    const auto result = minimize(square, optimizer, workers, {.time = 9.5s});
    CHECK(result.stopped_by == StopReason::time);
    CHECK(result.trials.size() == 20);
    CHECK(optimizer.count(TrialState::pending) == 0);
  }
  SECTION("target") {
    const auto result = minimize(square, optimizer, workers, {.trials = 10000, .target = 0.01});
    CHECK(result.stopped_by == StopReason::target);
    CHECK(result.best().value <= 0.01);
    CHECK(result.trials.size() < 10000);
    const auto again = minimize(square, optimizer, workers, {.trials = 10000, .target = 0.01});
    CHECK(again.trials.empty());
    CHECK(again.stopped_by == StopReason::target);
  }
  SECTION("patience") {
    const auto result = minimize([](double) { return 1.0; }, optimizer, workers, {.trials = 1000, .patience = 5});
    CHECK(result.stopped_by == StopReason::patience);
    CHECK(result.trials.size() <= 1 + 5 + 2);
  }
  SECTION("predicate") {
    const auto result = minimize(square, optimizer, workers,
                                 {.stop_when = [](const SearchStatus& status) { return status.ended >= 7; }});
    CHECK(result.stopped_by == StopReason::predicate);
    CHECK(result.trials.size() == 8);
  }
}

TEST_CASE("An exhausted space ends the search") {
  auto optimizer = optimizer_of(cells());
  SimulatedExecutor workers{3, skewed};
  const auto result = minimize([](int k) { return 1.0 * k; }, optimizer, workers, {.trials = 1000});
  CHECK(result.stopped_by == StopReason::exhausted);
  CHECK(result.trials.size() == 10);
  CHECK(result.best().value == 1.0);
  const auto again = minimize([](int k) { return 1.0 * k; }, optimizer, workers);
  CHECK(again.trials.empty());
  CHECK(again.stopped_by == StopReason::exhausted);
}

TEST_CASE("Failures are told with their reason and never stop the search") {
  auto optimizer = optimizer_of(line());
  SimulatedExecutor workers{3, one_second};
  const auto evaluate = [](double x) {
    if (x < -0.5) throw std::runtime_error("diverged");
    if (x < 0) throw 42;
    return x < 0.2 ? std::nan("") : x;
  };
  const auto result = minimize(evaluate, optimizer, workers, {.trials = 60});
  std::map<std::string, int> reasons;
  for (const auto& trial : result.trials) ++reasons[trial.reason];
  CHECK(reasons["diverged"] > 0);
  CHECK(reasons["exception of unknown type"] > 0);
  CHECK(reasons["the value is nan"] > 0);
  CHECK(result.best().value >= 0.2);
}

TEST_CASE("A search without a single value has no best") {
  auto optimizer = optimizer_of(line());
  InlineExecutor here;
  const auto result =
      minimize([](double) -> double { throw std::runtime_error("no"); }, optimizer, here, {.trials = 3});
  CHECK(result.trials.size() == 3);
  CHECK_THROWS_AS(result.best(), NoObservation);
}

TEST_CASE("Failed trials are retried as often as was said") {
  auto optimizer = optimizer_of(line());
  SimulatedExecutor workers{3, one_second};
  std::map<TrialId, std::vector<std::size_t>> attempts;
  const auto evaluate = [&](double x, TrialContext& context) {
    attempts[context.trial()].push_back(context.attempt());
    if (context.trial() % 3 == 0 || context.attempt() < 3) throw std::runtime_error("flaky");
    return x;
  };
  const auto result = minimize(evaluate, optimizer, workers, {.trials = 12, .retries = 2});
  CHECK(result.trials.size() == 12);
  CHECK(result.slot_uses.size() == 36);
  for (const auto& trial : result.trials) {
    CHECK(attempts[trial.id] == std::vector<std::size_t>{1, 2, 3});
    CHECK(trial.state == (trial.id % 3 == 0 ? TrialState::failed : TrialState::completed));
  }
}

TEST_CASE("A trial beyond its time limit fails") {
  auto optimizer = optimizer_of(line());
  SimulatedExecutor workers{3, skewed};
  const auto result = minimize(square, optimizer, workers, {.trials = 21, .timeout = 5s});
  for (const auto& trial : result.trials) {
    CHECK(trial.state == (trial.id % 7 == 0 ? TrialState::failed : TrialState::completed));
    if (trial.id % 7 == 0) CHECK(trial.reason.find("5 s") != std::string::npos);
  }
}

TEST_CASE("Callbacks see every start, report, end and improvement") {
  auto optimizer = optimizer_of(line());
  SimulatedExecutor workers{3, skewed};
  std::multiset<TrialId> started, ended;
  std::vector<double> improvements;
  std::size_t reports = 0, shown = 0;
  bool over = false;
  SearchOptions<Point<Real>> options{.trials = 30};
  options.on_trial_start = [&](const auto& trial) {
    CHECK(trial.state == TrialState::pending);
    started.insert(trial.id);
  };
  options.on_report = [&](const auto& trial, std::int64_t step, double value) {
    CHECK(started.contains(trial.id));
    CHECK_FALSE(ended.contains(trial.id));
    CHECK(value == static_cast<double>(step));
    ++reports;
  };
  options.on_trial_end = [&](const auto& trial) { ended.insert(trial.id); };
  options.on_improvement = [&](const auto& trial) { improvements.push_back(*trial.value); };
  options.on_progress = [&](const SearchStatus& status) {
    CHECK_FALSE(over);
    ++shown;
    over = status.over;
    CHECK(status.running <= 3);
    CHECK(status.ended == ended.size());
  };
  const auto evaluate = [](double x, TrialContext& context) {
    for (int step = 1; step <= 4; ++step) context.report(step, step);
    return x * x;
  };
  const auto result = minimize(evaluate, optimizer, workers, options);
  CHECK(started.size() == 30);
  CHECK(started == ended);
  CHECK(reports == 120);
  CHECK(shown > 30);
  CHECK(over);
  CHECK(std::is_sorted(improvements.rbegin(), improvements.rend()));
  CHECK(improvements.back() == result.best().value);
}

TEST_CASE("A pruned trial frees its slot at once and keeps its last report") {
  auto optimizer = optimizer_of(line());
  SimulatedExecutor workers{2, [](TrialId, std::size_t) { return Seconds{10}; }};
  SearchOptions<Point<Real>> options{.trials = 20};
  options.prune_when = [](const auto& trial, std::int64_t step, double) { return step == 2 && trial.id % 2 == 0; };
  const auto evaluate = [](double x, TrialContext& context) {
    for (int step = 1; step <= 9; ++step) context.report(step, 100.0 + step);
    return x;
  };
  const auto result = minimize(evaluate, optimizer, workers, options);
  CHECK(optimizer.count(TrialState::pruned) == 10);
  CHECK(optimizer.count(TrialState::completed) == 10);
  for (const auto& trial : result.trials) {
    if (trial.state == TrialState::pruned) CHECK(trial.value == 102.0);
  }
  CHECK(result.elapsed.count() < 65);
}

TEST_CASE("A callback that throws ends the search, and nothing told is lost") {
  auto optimizer = optimizer_of(line());
  ThreadPool workers{3};
  SearchOptions<Point<Real>> options{.trials = 100};
  std::size_t ends = 0;
  options.on_trial_end = [&](const auto&) {
    if (++ends == 10) throw std::logic_error("enough");
  };
  CHECK_THROWS_AS(minimize(square, optimizer, workers, options), std::logic_error);
  CHECK(optimizer.count(TrialState::completed) >= 10);
  CHECK(optimizer.count(TrialState::pending) == 0);
  CHECK(workers.free_slots() == 3);
  options.on_trial_end = {};
  CHECK(minimize(square, optimizer, workers, options).trials.size() == 100);
}

TEST_CASE("The first SIGINT finishes what runs") {
  auto optimizer = optimizer_of(line());
  SimulatedExecutor workers{3, one_second};
  SearchOptions<Point<Real>> options{.trials = 1000};
  std::size_t ends = 0;
  options.on_trial_end = [&](const auto&) {
    if (++ends == 10) std::raise(SIGINT);
  };
  const auto result = minimize(square, optimizer, workers, options);
  CHECK(result.stopped_by == StopReason::interrupted);
  CHECK(result.trials.size() <= 13);
  CHECK(optimizer.count(TrialState::completed) == result.trials.size());
}

TEST_CASE("The second SIGINT cancels what runs") {
  auto optimizer = optimizer_of(line());
  SimulatedExecutor workers{3, skewed};
  SearchOptions<Point<Real>> options{.trials = 1000};
  std::size_t ends = 0;
  options.on_trial_end = [&](const auto&) {
    if (++ends != 10) return;
    std::raise(SIGINT);
    std::raise(SIGINT);
  };
  const auto result = minimize(square, optimizer, workers, options);
  CHECK(result.stopped_by == StopReason::interrupted);
  CHECK(optimizer.count(TrialState::cancelled) >= 1);
  CHECK(optimizer.count(TrialState::pending) == 0);
}

TEST_CASE("Bad options are refused by name") {
  auto optimizer = optimizer_of(line());
  InlineExecutor here;
  CHECK_THROWS_WITH(minimize(square, optimizer, here, {.trials = 0}), Catch::Contains("trials"));
  CHECK_THROWS_WITH(minimize(square, optimizer, here, {.time = -1s}), Catch::Contains("time"));
  CHECK_THROWS_WITH(minimize(square, optimizer, here, {.target = std::nan("")}), Catch::Contains("target"));
  CHECK_THROWS_WITH(minimize(square, optimizer, here, {.patience = 0}), Catch::Contains("patience"));
  CHECK_THROWS_WITH(minimize(square, optimizer, here, {.timeout = 0s}), Catch::Contains("timeout"));
  CHECK(optimizer.size() == 0);
}

TEST_CASE("Threads evaluate while the search decides") {
  auto optimizer = optimizer_of(line());
  ThreadPool workers{3};
  const auto result = minimize(square, optimizer, workers, {.trials = 300});
  CHECK(result.trials.size() == 300);
  CHECK(optimizer.count(TrialState::pending) == 0);
  std::set<TrialId> ids;
  for (const auto& trial : result.trials) ids.insert(trial.id);
  CHECK(ids.size() == 300);
}

TEST_CASE("A point chosen ahead goes to the slot that falls free") {
  auto optimizer = optimizer_of(line());
  ThreadPool workers{2};
  const auto result = minimize(square, optimizer, workers, {.trials = 50, .ask_ahead = AskAhead::always});
  CHECK(result.trials.size() == 50);
  std::set<std::string> points;
  for (const auto& trial : result.trials) points.insert(to_text(trial.point));
  CHECK(points.size() == 50);
}

TEST_CASE("Trials are started with what they need: all alike, or by their points") {
  auto optimizer = optimizer_of(cells());
  Picky picky;
  minimize([](std::int64_t k) { return static_cast<double>(k); }, optimizer, picky,
           {.trials = 2, .needs = TrialNeeds{.labels = {"big"}}});
  CHECK(picky.seen == std::vector<TrialNeeds>(2, TrialNeeds{.labels = {"big"}}));

  picky.seen.clear();
  const auto result = minimize([](std::int64_t k) { return static_cast<double>(k); }, optimizer, picky,
                               {.trials = 5, .needs = [](const auto& point) {
                                  return TrialNeeds{.resources = {{"gpu", static_cast<std::uint32_t>(get<0>(point))}}};
                                }});
  REQUIRE(picky.seen.size() == 5);
  for (std::size_t i = 0; i < 5; ++i)
    CHECK(picky.seen[i].resources[0].second == static_cast<std::uint32_t>(get<0>(result.trials[i].point)));
}

TEST_CASE("Needs that an executor would pass over are refused") {
  auto optimizer = optimizer_of(line());
  InlineExecutor here;
  CHECK_THROWS_WITH(minimize(square, optimizer, here, {.trials = 1, .needs = TrialNeeds{.labels = {"big"}}}),
                    Catch::Contains("needs") && Catch::Contains("does not look at them"));
  CHECK(optimizer.size() == 0);
  CHECK(minimize(square, optimizer, here, {.trials = 1, .needs = {}}).trials.size() == 1);
}
