#include <vector>

#include <support/catch.hpp>

#include <hposearch/executor/slot_options.hpp>

using namespace hposearch;

TEST_CASE("Options are given for every slot or for none") {
  CHECK(detail::complete_slot_options({}, 3).size() == 3);
  CHECK(detail::complete_slot_options({{.devices = {"a"}}, {.devices = {"b"}}}, 2)[1].devices.at(0) == "b");
  CHECK_THROWS_WITH(detail::complete_slot_options({{.devices = {"a"}}}, 2),
                    "\"slots\" = 1 entries: must be one for each of 2");
}

TEST_CASE("A variable's name is refused where the system would misread it") {
  const auto named = [](const char* name) {
    return detail::complete_slot_options({{.devices = {}, .environment = {{name, "value"}}}}, 1);
  };
  CHECK(named("NAME").size() == 1);
  CHECK_THROWS_WITH(named("A=B"), "\"environment\" = \"A=B\": must be a name without '='");
  CHECK_THROWS_WITH(named(""), "\"environment\" = \"\": must be a name without '='");
}
