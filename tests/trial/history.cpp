#include <cmath>
#include <vector>

#include <support/catch.hpp>

#include <hposearch/trial/history.hpp>

using namespace hposearch;

namespace {
EncodedPoint row(double a, double b) {
  EncodedPoint point(2);
  point << a, b;
  return point;
}
}  // namespace

TEST_CASE("Trials are numbered from zero and start pending") {
  History history(2);
  CHECK(history.size() == 0);
  CHECK_FALSE(history.best());
  CHECK(history.create(row(0.1, 0.2)) == 0);
  CHECK(history.create(row(0.3, 0.4)) == 1);
  CHECK(history.state(1) == TrialState::pending);
  CHECK(history.count(TrialState::pending) == 2);
  CHECK(std::vector(history.pending().begin(), history.pending().end()) == std::vector<TrialId>{0, 1});
  CHECK(history.points().rows() == 2);
  CHECK(history.points()(1, 0) == 0.3);
  CHECK(history.point(1)[1] == 0.4);
}

TEST_CASE("The best trial is the completed one with the smallest loss, the first of equals") {
  History history(2);
  for (int i = 0; i < 5; ++i) history.create(row(0.1 * i, 0));
  history.complete(3, 2.0);
  CHECK(history.best() == 3);
  history.complete(1, 2.0);
  CHECK(history.best() == 3);
  history.complete(0, -1.0);
  CHECK(history.best() == 0);
  history.end(2, TrialState::failed);
  CHECK(history.best() == 0);
  CHECK(history.losses()[3] == 2.0);
  CHECK(std::vector(history.pending().begin(), history.pending().end()) == std::vector<TrialId>{4});
}

TEST_CASE("Every state is counted") {
  History history(2);
  for (int i = 0; i < 5; ++i) history.create(row(0.1 * i, 0));
  history.complete(0, 1);
  history.end(1, TrialState::failed);
  history.end(2, TrialState::pruned);
  history.end(3, TrialState::cancelled);
  for (const auto state :
       {TrialState::pending, TrialState::completed, TrialState::failed, TrialState::pruned, TrialState::cancelled}) {
    CHECK(history.count(state) == 1);
  }
}

TEST_CASE("A cancelled trial's point is untried again until its result comes after all") {
  History history(2);
  const TrialId id = history.create(row(0.5, 0.5));
  CHECK(history.seen().contains(row(0.5, 0.5)));
  history.end(id, TrialState::cancelled);
  CHECK_FALSE(history.seen().contains(row(0.5, 0.5)));
  history.complete(id, 1.0);
  CHECK(history.seen().contains(row(0.5, 0.5)));
  CHECK(history.count(TrialState::cancelled) == 0);
  CHECK(history.best() == id);
}

TEST_CASE("Trials are listed in the order in which they ended, a late result at its own time") {
  History history(2);
  for (int i = 0; i < 4; ++i) history.create(row(0.1 * i, 0));
  history.complete(2, 1.0);
  history.end(1, TrialState::cancelled);
  history.end(3, TrialState::failed);
  CHECK(std::vector(history.ended().begin(), history.ended().end()) == std::vector<TrialId>{2, 1, 3});
  history.complete(1, 2.0);
  CHECK(std::vector(history.ended().begin(), history.ended().end()) == std::vector<TrialId>{2, 3, 1});
  CHECK(history.pending().size() == 1);
}

TEST_CASE("A pruned trial keeps its last loss, and any trial its run time") {
  History history(2);
  for (int i = 0; i < 3; ++i) history.create(row(0.1 * i, 0));
  history.end(0, TrialState::pruned, 0.25);
  history.end(1, TrialState::pruned);
  CHECK(history.losses()[0] == 0.25);
  CHECK(std::isnan(history.losses()[1]));
  CHECK_FALSE(history.best());
  history.took(2, 1.5);
  CHECK(history.seconds()[2] == 1.5);
  CHECK(std::isnan(history.seconds()[0]));
}
