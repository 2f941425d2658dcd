#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <support/catch.hpp>

#include <hposearch/optimizer.hpp>
#include <hposearch/sampler/random.hpp>
#include <hposearch/space/categorical.hpp>
#include <hposearch/space/integer.hpp>
#include <hposearch/space/real.hpp>
#include <hposearch/space/space.hpp>

using namespace hposearch;

namespace {

auto notebook_space() {
  return Space{Real{"learning_rate", 1e-6, 1e+1, log_scale}, Real{"keep_prob", 0.1, 1.0, log_scale},
               Integer{"channel", 3, 7}, Categorical{"pool", {"max", "avg"}}};
}

auto small_space() { return Space{Integer{"k", 1, 3}, Categorical{"c", {"a", "b"}}}; }

template <class S>
Optimizer<S> random_optimizer(S space) {
  return Optimizer<S>{space, {.sampler = RandomSampler{}}};
}

// Fails at every second call.
struct FailingSampler {
  EncodedPoints suggest(const SuggestRequest& request) {
    if (calls++ % 2 == 0) throw std::runtime_error("no points today");
    return RandomSampler{}.suggest(request);
  }
  int calls = 0;
};

constexpr double infinity = std::numeric_limits<double>::infinity();

}  // namespace

TEST_CASE("Asked trials are numbered, pending and inside the space") {
  Optimizer optimizer{notebook_space()};
  const auto trials = optimizer.ask(3);
  REQUIRE(trials.size() == 3);
  for (TrialId id = 0; id < 3; ++id) {
    CHECK(trials[id].id == id);
    CHECK(trials[id].state == TrialState::pending);
    CHECK_FALSE(trials[id].value);
    const auto& [learning_rate, keep_prob, channel, pool] = trials[id].point;
    CHECK((learning_rate >= 1e-6 && learning_rate <= 10));
    CHECK((keep_prob >= 0.1 && keep_prob <= 1));
    CHECK((channel >= 3 && channel <= 7));
    CHECK((pool == "max" || pool == "avg"));
  }
  CHECK(optimizer.count(TrialState::pending) == 3);
}

TEST_CASE("The best trial has the smallest or the largest value, as the direction says") {
  for (const auto direction : {Direction::minimize, Direction::maximize}) {
    auto space = notebook_space();
    Optimizer optimizer{space, {.direction = direction, .sampler = RandomSampler{}}};
    const auto trials = optimizer.ask(3);
    optimizer.tell(trials, std::vector{2.0, -1.0, 5.0});
    CHECK(optimizer.best().value == (direction == Direction::minimize ? -1.0 : 5.0));
    CHECK(optimizer.best().id == (direction == Direction::minimize ? 1u : 2u));
    CHECK(optimizer.history()[0].value == 2.0);
  }
}

TEST_CASE("The same seed and the same tells give the same points; another seed gives others") {
  const auto play = [](std::uint64_t seed) {
    Optimizer optimizer{notebook_space(), {.seed = seed}};
    std::vector<std::string> points;
    for (int i = 0; i < 12; ++i) {
      const auto trial = optimizer.ask();
      points.push_back(to_text(trial.point));
      optimizer.tell(trial, std::log(get<0>(trial.point)) + static_cast<double>(get<2>(trial.point)));
    }
    return points;
  };
  CHECK(play(3) == play(3));
  CHECK(play(3) != play(4));
}

TEST_CASE("Pending points influence the next ask") {
  const auto third = [](bool cancel_second) {
    Optimizer optimizer{notebook_space(), {.seed = 1}};
    for (int i = 0; i < 12; ++i) {
      const auto trial = optimizer.ask();
      optimizer.tell(trial, std::pow(std::log10(get<0>(trial.point)) + 3, 2));
    }
    const auto pending = optimizer.ask();
    if (cancel_second) optimizer.cancel(pending);
    return to_text(optimizer.ask().point);
  };
  CHECK(third(false) != third(true));
}

TEST_CASE("A tell for an unknown trial is refused and says which") {
  auto optimizer = random_optimizer(notebook_space());
  CHECK_THROWS_AS(optimizer.tell(0, 1.0), UnknownTrial);
  const auto trial = optimizer.ask();
  CHECK_THROWS_WITH(optimizer.tell(7, 1.0), Catch::Contains("7") && Catch::Contains("1 trials"));
  CHECK_THROWS_AS(optimizer.tell_failure(7, "x"), UnknownTrial);
  CHECK_THROWS_AS(optimizer.cancel(7), UnknownTrial);
  CHECK_THROWS_AS(optimizer.trial(7), UnknownTrial);
  optimizer.tell(trial, 1.0);
  CHECK(optimizer.best().value == 1.0);
}

TEST_CASE("A second tell is ignored if it is the same and refused if not") {
  auto optimizer = random_optimizer(notebook_space());
  const auto trial = optimizer.ask();
  optimizer.tell(trial, 1.5);
  optimizer.tell(trial, 1.5);
  CHECK_THROWS_AS(optimizer.tell(trial, 2.5), ConflictingTell);
  CHECK_THROWS_WITH(optimizer.tell(trial, 2.5), Catch::Contains("2.5") && Catch::Contains("1.5"));
  CHECK_THROWS_AS(optimizer.tell_failure(trial, "late"), ConflictingTell);
  CHECK_THROWS_AS(optimizer.cancel(trial), ConflictingTell);
  CHECK(optimizer.best().value == 1.5);
  CHECK(optimizer.count(TrialState::completed) == 1);

  const auto failing = optimizer.ask();
  optimizer.tell_failure(failing, "out of memory");
  optimizer.tell_failure(failing, "out of memory");
  CHECK_THROWS_AS(optimizer.tell(failing, 1.0), ConflictingTell);
  CHECK(optimizer.trial(failing.id).reason == "out of memory");
}

TEST_CASE("A list of tells is taken whole or not at all") {
  auto optimizer = random_optimizer(notebook_space());
  const auto trials = optimizer.ask(3);
  optimizer.tell(trials[2], 3.0);
  CHECK_THROWS_AS(optimizer.tell(trials, std::vector{1.0, 2.0, 4.0}), ConflictingTell);
  CHECK(optimizer.count(TrialState::completed) == 1);
  CHECK_THROWS_AS(optimizer.tell(trials, std::vector{1.0, 2.0}), InvalidArgument);
  CHECK(optimizer.count(TrialState::completed) == 1);
  optimizer.tell(trials, std::vector{1.0, 2.0, 3.0});
  CHECK(optimizer.count(TrialState::completed) == 3);
  const std::vector twice{trials[0], trials[0]};
  optimizer.tell(twice, std::vector{1.0, 1.0});
  CHECK(optimizer.count(TrialState::completed) == 3);
}

TEST_CASE("Values that are not finite are failures") {
  auto optimizer = random_optimizer(notebook_space());
  const auto trials = optimizer.ask(4);
  optimizer.tell(trials, std::vector{std::nan(""), infinity, -infinity, 1.0});
  CHECK(optimizer.count(TrialState::failed) == 3);
  CHECK(optimizer.trial(1).reason == "the value is inf");
  CHECK_FALSE(optimizer.trial(1).value);
  CHECK(optimizer.best().value == 1.0);
}

TEST_CASE("Outcomes can be told as they come from an executor") {
  auto optimizer = random_optimizer(notebook_space());
  const auto trials = optimizer.ask(2);
  optimizer.tell(trials, std::vector{Outcome::failure("crashed"), Outcome{0.5}});
  CHECK(optimizer.trial(0).state == TrialState::failed);
  CHECK(optimizer.trial(0).reason == "crashed");
  CHECK(optimizer.best().value == 0.5);
}

TEST_CASE("A pruned trial keeps its last value and is not the best") {
  auto optimizer = random_optimizer(notebook_space());
  const auto trials = optimizer.ask(2);
  optimizer.tell_pruned(trials[0], -9.0);
  optimizer.tell(trials[1], 1.0);
  CHECK(optimizer.trial(0).state == TrialState::pruned);
  CHECK(optimizer.trial(0).value == -9.0);
  CHECK(optimizer.best().id == 1);
}

TEST_CASE("A trial may be told by its point") {
  auto optimizer = random_optimizer(notebook_space());
  const auto trials = optimizer.ask(3);
  optimizer.tell(trials[1].point, 0.25);
  CHECK(optimizer.trial(1).value == 0.25);
  optimizer.tell(trials[1].point, 0.25);
  CHECK_THROWS_AS(optimizer.tell(trials[1].point, 0.5), ConflictingTell);
  auto other = notebook_space().make_point(1e-3, 0.5, 4, "max");
  CHECK_THROWS_AS(optimizer.tell(other, 1.0), UnknownTrial);
}

TEST_CASE("Enqueued points come first, exactly as they were given") {
  auto space = notebook_space();
  auto optimizer = random_optimizer(space);
  const auto point = space.make_point(0.0123456789, 0.3, 5, "avg");
  optimizer.enqueue(point);
  optimizer.enqueue(space.make_point(1e-3, 0.3, 5, "avg"));
  optimizer.prepare();
  const auto trials = optimizer.ask(3);
  REQUIRE(trials.size() == 3);
  CHECK(trials[0].point == point);
  CHECK(get<0>(trials[1].point) == 1e-3);
  CHECK(trials[2].id == 2);
}

TEST_CASE("Results known from before are observed without being asked for") {
  auto space = notebook_space();
  auto optimizer = random_optimizer(space);
  const auto point = space.make_point(1e-3, 0.5, 4, "max");
  CHECK(optimizer.observe(point, 0.75) == 0);
  CHECK(optimizer.best().point == point);
  CHECK(optimizer.observe(point, 0.5) == 1);  // a repeated measurement
  CHECK(optimizer.best().value == 0.5);
  optimizer.observe(point, infinity);
  CHECK(optimizer.count(TrialState::failed) == 1);
}

TEST_CASE("A point from outside the space is refused with its parameter") {
  auto space = notebook_space();
  auto narrow = Space{Real{"learning_rate", 1e-4, 1e-2, log_scale}, Real{"keep_prob", 0.1, 1.0, log_scale},
                      Integer{"channel", 3, 7}, Categorical{"pool", {"max", "avg"}}};
  auto optimizer = random_optimizer(narrow);
  const auto outside = space.make_point(1.0, 0.5, 4, "max");
  CHECK_THROWS_AS(optimizer.enqueue(outside), InvalidPoint);
  CHECK_THROWS_WITH(optimizer.observe(outside, 1.0), Catch::Contains("learning_rate"));
  CHECK(optimizer.size() == 0);
}

TEST_CASE("Asking for nothing is refused") {
  auto optimizer = random_optimizer(notebook_space());
  CHECK_THROWS_AS(optimizer.ask(0), InvalidArgument);
}

TEST_CASE("There is no best before a trial completed") {
  auto optimizer = random_optimizer(notebook_space());
  CHECK_THROWS_AS(optimizer.best(), NoObservation);
  optimizer.tell_failure(optimizer.ask(), "no");
  CHECK_THROWS_AS(optimizer.best(), NoObservation);
}

TEST_CASE("The default sampler exhausts a finite space exactly once and then says so") {
  Optimizer optimizer{small_space()};
  std::set<std::string> points;
  for (int i = 0; i < 6; ++i) {
    const auto trial = optimizer.ask();
    points.insert(to_text(trial.point));
    optimizer.tell(trial, static_cast<double>(get<0>(trial.point)));
  }
  CHECK(points.size() == 6);
  CHECK(optimizer.exhausted());
  CHECK_THROWS_AS(optimizer.ask(), SpaceExhausted);
  CHECK(optimizer.best().value == 1.0);
}

TEST_CASE("ask(n) returns what is left of a finite space") {
  auto optimizer = random_optimizer(small_space());
  CHECK(optimizer.ask(4).size() == 4);
  CHECK(optimizer.ask(4).size() == 2);
  CHECK_THROWS_AS(optimizer.ask(4), SpaceExhausted);
  optimizer.forget(3);
  CHECK(optimizer.ask(4).size() == 1);
}

TEST_CASE("A result for a trial given up is welcome") {
  auto optimizer = random_optimizer(small_space());
  const auto trial = optimizer.ask();
  optimizer.cancel(trial, "worker lost");
  CHECK(optimizer.trial(trial.id).reason == "worker lost");
  optimizer.cancel(trial);
  optimizer.tell(trial, 2.0);
  CHECK(optimizer.best().value == 2.0);
  CHECK(optimizer.trial(trial.id).reason.empty());
}

TEST_CASE("The direction is settled once") {
  auto optimizer = random_optimizer(small_space());
  optimizer.settle_direction(Direction::maximize);
  optimizer.settle_direction(Direction::maximize);
  CHECK_THROWS_AS(optimizer.settle_direction(Direction::minimize), InvalidArgument);
  auto told = random_optimizer(small_space());
  told.tell(told.ask(), 1.0);
  CHECK_THROWS_WITH(told.settle_direction(Direction::maximize), Catch::Contains("minimizes"));
}

TEST_CASE("Several threads may ask and tell") {
  auto optimizer = random_optimizer(notebook_space());
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        const auto trial = optimizer.ask();
        optimizer.tell(trial, get<1>(trial.point));
        static_cast<void>(optimizer.best());
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(optimizer.count(TrialState::completed) == 200);
  std::set<std::string> points;
  for (const auto& trial : optimizer.history()) points.insert(to_text(trial.point));
  CHECK(points.size() == 200);
}

TEST_CASE("Enqueued points go back to the queue when the sampler fails") {
  const auto space = small_space();
  Optimizer optimizer{space, {.sampler = FailingSampler{}}};
  const auto first = space.make_point(1, "a"), second = space.make_point(2, "b");
  optimizer.enqueue(first);
  optimizer.enqueue(second);
  CHECK_THROWS_AS(optimizer.ask(4), std::runtime_error);
  CHECK(optimizer.count(TrialState::pending) == 0);
  CHECK(optimizer.count(TrialState::cancelled) == 2);
  const auto trials = optimizer.ask(4);
  REQUIRE(trials.size() == 4);
  CHECK(trials[0].point == first);
  CHECK(trials[1].point == second);
  CHECK(optimizer.count(TrialState::pending) == 4);
}

TEST_CASE("A run time can be told with a result") {
  auto optimizer = random_optimizer(small_space());
  const auto trial = optimizer.ask();
  optimizer.tell(trial, 2.0, std::chrono::milliseconds{1500});
  optimizer.tell(std::vector{trial}, std::vector{Outcome{2.0}.after(std::chrono::seconds{2})});
  CHECK(optimizer.best().value == 2.0);
  CHECK_THROWS_AS(optimizer.tell(trial, 3.0, std::chrono::seconds{1}), ConflictingTell);
}
