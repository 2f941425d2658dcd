// Objectives that throw, exit, crash, and never return.
#include <chrono>
#include <string>

#include <support/catch.hpp>

#include "harness.hpp"

using namespace faults;
using Catch::Contains;

TEST_CASE("An objective that throws is a failure with its message") {
  hpo::Cluster cluster{quick_options()};
  Play play{cluster};
  const WorkerProcess worker{cluster.url()};
  play.start(0, trial_of("throw"));
  play.start(1, trial_of("wait", 1));
  play.finish();
  CHECK(play.end_of(0).kind == Kind::failed);
  CHECK_THAT(play.end_of(0).message, Contains("it was told to throw"));
  CHECK(play.end_of(1).kind == Kind::completed);
}

#if !defined(__SANITIZE_THREAD__)  // which has no threads in a process forked from one with several

TEST_CASE("An isolated worker survives objectives that exit, crash and are deaf") {
  hpo::Cluster cluster{quick_options()};
  Play play{cluster};
  const WorkerProcess worker{cluster.url(), {"isolate", "grace=50"}};
  play.start(0, trial_of("exit"));
  play.start(1, trial_of("crash"));
  play.start(2, trial_of("deaf", 1'000'000), {.timeout = 50ms});
  play.start(3, trial_of("wait", 1, 0.5));
  play.finish();
  CHECK_THAT(play.end_of(0).message, Contains("exited with status 3"));
  CHECK_THAT(play.end_of(1).message, Contains("Segmentation fault") || Contains("signal 11"));
  CHECK_THAT(play.end_of(2).message, Contains("time limit"));
  CHECK(play.end_of(3).value == 0.5);
  for (TrialId id = 0; id < 4; ++id) CHECK(play.begun(id) == 1);
}

#endif

TEST_CASE("An objective that never returns is given up at its time limit, and its slot goes on") {
  hpo::Cluster cluster{quick_options()};
  Play play{cluster};
  const WorkerProcess worker{cluster.url(), {"grace=20"}};
  play.start(0, trial_of("deaf", 1'000'000), {.timeout = 50ms});
  play.start(1, trial_of("wait", 1, 0.5));
  play.finish();
  CHECK(play.end_of(0).kind == Kind::failed);
  CHECK_THAT(play.end_of(0).message, Contains("time limit"));
  CHECK(play.end_of(1).value == 0.5);
}

TEST_CASE("A cancelled trial is stopped where it runs") {
  hpo::Cluster cluster{quick_options()};
  Play play{cluster};
  const WorkerProcess worker{cluster.url()};
  play.start(0, trial_of("wait", 1'000'000));
  play.until_running(0);
  cluster.cancel(0);
  play.finish();
  CHECK(play.end_of(0).kind == Kind::cancelled);
  play.start(1, trial_of("wait", 1));
  play.finish();
  CHECK(play.end_of(1).kind == Kind::completed);
}
