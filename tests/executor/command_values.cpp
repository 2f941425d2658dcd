#include <cstdint>
#include <string>
#include <vector>

#include <support/catch.hpp>

#include <hposearch/executor/command_values.hpp>
#include <hposearch/space/categorical.hpp>
#include <hposearch/space/dynamic_space.hpp>
#include <hposearch/space/integer.hpp>
#include <hposearch/space/ordinal.hpp>
#include <hposearch/space/real.hpp>
#include <hposearch/space/space.hpp>

using namespace hposearch;

namespace {

enum class Mode : std::uint8_t { quick, slow };

const Space space{Real{"rate", 1e-6, 10},
                  Integer{"channel", 3, 7},
                  Categorical{"pool", {"max", "a\"v\ng"}},
                  Categorical{"bias", {false, true}},
                  Ordinal{"batch", {16.0, 32.0}},
                  Categorical{"mode", {Mode::quick, Mode::slow}}};

}  // namespace

TEST_CASE("A point's values have names, texts and JSON") {
  const auto values = command_values(space.make_point(2.0, 4, "a\"v\ng", true, 32.0, Mode::slow));
  CHECK(values == std::vector<CommandValue>{{"rate", "2", "2.0"},
                                            {"channel", "4", "4"},
                                            {"pool", "a\"v\ng", "\"a\\\"v\\u000ag\""},
                                            {"bias", "true", "true"},
                                            {"batch", "32", "32.0"},
                                            {"mode", "1", "\"1\""}});
  CHECK(detail::command_line({{"a", "1", "1"}, {"b", "x", "\"x\""}}) == "{\"a\": 1, \"b\": \"x\"}\n");
  CHECK(detail::command_line({}) == "{}\n");
}

TEST_CASE("A dynamic point gives the same as a static one") {
  const DynamicSpace dynamic{{Real{"rate", 1e-6, 10}, Integer{"channel", 3, 7}, Categorical{"pool", {"max", "avg"}}}};
  const auto values = command_values(dynamic.make_point({{"rate", 1e-5}, {"channel", 5}, {"pool", "avg"}}));
  CHECK(values ==
        std::vector<CommandValue>{{"rate", "1e-05", "1e-05"}, {"channel", "5", "5"}, {"pool", "avg", "\"avg\""}});
}

namespace elsewhere {

struct Pair {
  double first, second;
};

std::vector<CommandValue> command_values(const Pair& pair) {
  return {{"first", to_text(pair.first), to_text(pair.first)}, {"second", to_text(pair.second), to_text(pair.second)}};
}

}  // namespace elsewhere

static_assert(CommandPoint<elsewhere::Pair>);
static_assert(CommandPoint<decltype(space)::point_type>);
static_assert(CommandPoint<DynamicPoint>);
static_assert(!CommandPoint<double>);
static_assert(!CommandPoint<std::string>);

TEST_CASE("Placeholders of known names are filled in, all else stays") {
  const std::vector<CommandValue> values{{"rate", "0.5", "0.5"}, {"pool size", "3", "3"}};
  CHECK(detail::fill_placeholders("--rate={rate}", values) == "--rate=0.5");
  CHECK(detail::fill_placeholders("{rate}{pool size}", values) == "0.53");
  CHECK(detail::fill_placeholders("{{rate}} {other} {rate ${rate", values) == "{0.5} {other} {rate ${rate");
  CHECK(detail::fill_placeholders("", values).empty());
}

TEST_CASE("Names of environment variables are made of capitals, digits and underscores") {
  CHECK(detail::command_variable("learning_rate") == "HPO_LEARNING_RATE");
  CHECK(detail::command_variable("Layer 2/size") == "HPO_LAYER_2_SIZE");
  CHECK(detail::command_variable("\xc3\xa4") == "HPO___");
}
