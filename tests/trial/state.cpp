#include <set>

#include <support/catch.hpp>

#include <hposearch/trial/state.hpp>

using namespace hposearch;

TEST_CASE("Every trial state has a name of its own") {
  std::set<std::string_view> names;
  for (const auto state :
       {TrialState::pending, TrialState::completed, TrialState::failed, TrialState::pruned, TrialState::cancelled}) {
    names.insert(to_text(state));
  }
  CHECK(names.size() == 5);
  CHECK_FALSE(names.contains("unknown"));
}
