#include <set>

#include <support/catch.hpp>

#include <hposearch/search/result.hpp>

using namespace hposearch;

TEST_CASE("The busy share leaves out the tail after the last start") {
  SearchResult<int> result;
  result.slots = 2;
  CHECK(result.busy_share() == 1.0);  // nothing ran, so nothing idled
  result.slot_uses = {{0, 1, 0, 0.0, 4.0}, {1, 1, 1, 0.0, 2.0}, {2, 1, 1, 3.0, 9.0}};
  // Until 3 s: slot 0 busy 3 s, slot 1 busy 2 s, of 6 s.
  CHECK(result.busy_share() == Approx(5.0 / 6));
}

TEST_CASE("A result without a completed trial has no best") {
  SearchResult<int> result;
  CHECK_THROWS_AS(result.best(), NoObservation);
  result.incumbent = Observation<int>{3, 7, 0.5};
  CHECK(result.best().point == 7);
}

TEST_CASE("Every stop reason has a text of its own") {
  std::set<std::string_view> texts;
  for (const auto reason : {StopReason::trials, StopReason::time, StopReason::target, StopReason::patience,
                            StopReason::predicate, StopReason::exhausted, StopReason::interrupted}) {
    texts.insert(to_text(reason));
  }
  CHECK(texts.size() == 7);
}
