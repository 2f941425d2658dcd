#include <support/catch.hpp>

#include <hposearch/trial/prefix.hpp>

using namespace hposearch;

namespace {

History example() {
  History history{3};
  for (int i = 0; i < 5; ++i) history.create(EncodedPoint::Constant(3, 0.1 * i));
  history.complete(0, 1.0);
  history.end(1, TrialState::cancelled);
  history.complete(2, 2.0);
  return history;
}

}  // namespace

TEST_CASE("The fingerprint of a prefix knows nothing of what follows") {
  History history = example();
  const auto before = prefix_fingerprint(history, 3);
  history.complete(3, 7.0);
  history.create(EncodedPoint::Constant(3, 0.9));
  CHECK(prefix_fingerprint(history, 3) == before);
  CHECK(prefix_fingerprint(history, 0) == prefix_fingerprint(History{3}, 0));
}

TEST_CASE("Any point, state or loss changes the fingerprint") {
  const auto before = prefix_fingerprint(example(), 4);
  CHECK(prefix_fingerprint(example(), 3) != before);

  History ended = example();
  ended.end(3, TrialState::failed);
  CHECK(prefix_fingerprint(ended, 4) != before);

  History late = example();
  late.complete(1, 5.0);
  CHECK(prefix_fingerprint(late, 4) != before);

  for (Eigen::Index j = 0; j < 3; ++j) {
    for (int changed = 0; changed < 4; ++changed) {
      History moved{3};
      for (int i = 0; i < 5; ++i) {
        EncodedPoint point = EncodedPoint::Constant(3, 0.1 * i);
        if (i == changed) point[j] += 1e-16 + 1e-12 * i;
        moved.create(point);
      }
      moved.complete(0, 1.0);
      moved.end(1, TrialState::cancelled);
      moved.complete(2, 2.0);
      CHECK(prefix_fingerprint(moved, 4) != before);
    }
  }
}
