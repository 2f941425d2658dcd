#include <cmath>
#include <limits>
#include <vector>

#include <support/catch.hpp>

#include <hposearch/optimizer/encoded_optimizer.hpp>
#include <hposearch/sampler/random.hpp>

using namespace hposearch;

namespace {

EncodedSpace cells(std::size_t a, std::size_t b) {
  EncodedDimension ordered, category;
  ordered.kind = DimensionKind::ordered;
  ordered.cells = a;
  category.kind = DimensionKind::categorical;
  category.cells = b;
  return EncodedSpace{{ordered, category}};
}

/// Always proposes the same row, and counts how often it is asked.
struct Stubborn {
  double u;
  int* asked = nullptr;
  EncodedPoints suggest(const SuggestRequest& request) {
    if (asked) ++*asked;
    return EncodedPoints::Constant(static_cast<Eigen::Index>(request.count),
                                   static_cast<Eigen::Index>(request.space.size()), u);
  }
};

struct WrongShape {
  EncodedPoints suggest(const SuggestRequest&) { return EncodedPoints::Zero(1, 1); }
};

}  // namespace

TEST_CASE("A finite space is exhausted exactly once, even by a sampler that repeats itself") {
  EncodedOptimizer optimizer{cells(4, 3), Stubborn{0.5}, 0, {}};
  PointSet seen;
  std::size_t asked = 0;
  while (!optimizer.exhausted()) {
    for (const TrialId id : optimizer.ask(5)) {
      REQUIRE_FALSE(seen.contains(optimizer.history().point(id)));
      seen.insert(optimizer.history().point(id));
      ++asked;
    }
  }
  CHECK(asked == 12);
  CHECK_THROWS_AS(optimizer.ask(1), SpaceExhausted);
}

TEST_CASE("A cancelled trial's point may be asked for again") {
  EncodedOptimizer optimizer{cells(2, 2), Stubborn{0.1}, 0, {}};
  const auto ids = optimizer.ask(4);
  REQUIRE(ids.size() == 4);
  const EncodedPoint given_up = optimizer.history().point(ids[2]);
  optimizer.history().end(ids[2], TrialState::cancelled);
  const auto again = optimizer.ask(3);
  REQUIRE(again.size() == 1);
  CHECK(optimizer.history().point(again[0]) == given_up);
}

TEST_CASE("A sampler that returns no numbers or another shape does no harm") {
  EncodedOptimizer lost{EncodedSpace{{EncodedDimension{}}}, Stubborn{std::nan("")}, 0, {}};
  for (const TrialId id : lost.ask(10)) {
    const double u = lost.history().point(id)[0];
    CHECK((u >= 0 && u <= 1));
  }
  EncodedOptimizer wrong{cells(3, 3), WrongShape{}, 0, {}};
  CHECK_THROWS_WITH(wrong.ask(2), Catch::Contains("1 x 1") && Catch::Contains("2 x 2"));
  CHECK(wrong.history().size() == 0);
}

TEST_CASE("A point chosen ahead is handed out once, and not after other trials came") {
  int asked = 0;
  EncodedOptimizer optimizer{EncodedSpace{{EncodedDimension{}}}, Stubborn{0.25, &asked}, 0, {}};
  optimizer.prepare();
  CHECK(asked == 1);
  CHECK(optimizer.history().size() == 0);
  optimizer.ask(1);
  CHECK(asked == 1);
  optimizer.ask(1);
  CHECK(asked == 2);
  optimizer.prepare();
  optimizer.history().create(EncodedPoint::Constant(1, 0.75));
  optimizer.ask(1);
  CHECK(asked == 4);
}

TEST_CASE("A space without free dimensions has one trial") {
  EncodedOptimizer optimizer{EncodedSpace{}, RandomSampler{}, 0, {}};
  CHECK(optimizer.ask(3).size() == 1);
  CHECK(optimizer.exhausted());
}
