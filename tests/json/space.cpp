#if __has_include(<nlohmann/json.hpp>)

#include <string>
#include <vector>

#include <support/catch.hpp>
#include <support/spaces.hpp>
#include <support/thrown.hpp>

#include <hposearch/json.hpp>
#include <hposearch/space/categorical.hpp>
#include <hposearch/space/integer.hpp>
#include <hposearch/space/ordinal.hpp>
#include <hposearch/space/real.hpp>
#include <hposearch/space/space.hpp>

namespace hpo = hposearch;
using nlohmann::json;
using support::thrown;

namespace {

enum class Shape { round, square };

[[nodiscard]] auto typed() {
  return hpo::Space{hpo::Real{"rate", 1e-4, 1e-1, hpo::log_scale}, hpo::Integer{"k", 1, 4},
                    hpo::Categorical{"pool", {"max", "avg"}}, hpo::Ordinal{"batch", {16, 32}, {.initial = 32}},
                    hpo::Categorical{"shape", {Shape::round, Shape::square}, {.names = {"round", "square"}}}};
}

}  // namespace

TEST_CASE("The documented form of a space is read") {
  const auto space = hpo::space_from_json(json::parse(R"([
    {"name": "learning_rate", "type": "real", "low": 1e-6, "high": 10, "log": true},
    {"name": "dropout", "type": "real", "low": 0, "high": 0.5, "step": 0.1, "initial": 0.2},
    {"name": "channel", "type": "int", "low": 3, "high": 7, "log": false},
    {"name": "pool", "type": "cat", "choices": ["max", "avg"], "fixed": "max"},
    {"name": "batch", "type": "ord", "choices": [16, 32, 64, 256]}
  ])"));
  const hpo::Space same{hpo::Real{"learning_rate", 1e-6, 10, hpo::log_scale},
                        hpo::Real{"dropout", 0, 0.5, {.step = 0.1, .initial = 0.2}}, hpo::Integer{"channel", 3, 7},
                        hpo::Categorical{"pool", {"max", "avg"}}, hpo::Ordinal{"batch", {16, 32, 64, 256}}};
  CHECK(space.fingerprint() == hpo::Space{same}.fix("pool", "max").fingerprint());
  CHECK(space.encoded()[1].initial == same.encoded()[1].initial);
}

TEST_CASE("A space is written in the documented form") {
  auto space = typed();
  space.fix("pool", "avg");
  CHECK(hpo::to_json(space).dump() == R"([{"name":"rate","type":"real","low":0.0001,"high":0.1,"log":true},)"
                                      R"({"name":"k","type":"int","low":1,"high":4,"log":false},)"
                                      R"({"name":"pool","type":"cat","choices":["max","avg"],"fixed":"avg"},)"
                                      R"({"name":"batch","type":"ord","choices":[16,32],"initial":32},)"
                                      R"({"name":"shape","type":"cat","choices":["round","square"]}])");
}

TEST_CASE("Points are written and read, typed and dynamic") {
  auto space = typed();
  const auto point = space.make_point(0.01, 3, "avg", 16, Shape::square);
  const auto written = hpo::to_json(point);
  CHECK(written.dump() == R"({"rate":0.01,"k":3,"pool":"avg","batch":16,"shape":"square"})");
  CHECK(hpo::point_from_json(space, written) == point);
  const auto dynamic = hpo::point_from_json(hpo::to_dynamic(space), written);
  CHECK(hpo::to_json(dynamic) == written);

  space.fix("pool", "avg");
  const auto partial = json::parse(R"({"shape":"square","batch":16,"k":3,"rate":0.01})");
  CHECK(hpo::point_from_json(space, partial) == point);
  CHECK(hpo::point_from_json(hpo::to_dynamic(space), partial) == dynamic);
}

TEST_CASE("Random spaces and their points survive being written and read") {
  support::RandomSpaces random{5};
  for (int i = 0; i < 200; ++i) {
    const auto space = random.space();
    const auto text = hpo::to_json(space).dump();
    const auto back = hpo::space_from_json(json::parse(text));
    REQUIRE(back.fingerprint() == space.fingerprint());
    REQUIRE(hpo::to_json(back).dump() == text);
    for (int j = 0; j < 5; ++j) {
      hpo::EncodedPoint row(static_cast<Eigen::Index>(space.encoded().size()));
      for (auto& u : row) u = random.uniform();
      const auto point = space.decode(row);
      REQUIRE(hpo::point_from_json(back, json::parse(hpo::to_json(point).dump())) == point);
    }
  }
}

TEST_CASE("Bad spaces are refused with place, value and rule") {
  const auto refused = [](const char* text) {
    return thrown<hpo::InvalidSpace>([&] { return hpo::space_from_json(json::parse(text)); });
  };
  CHECK(refused("3") == "\"space\" = 3: must be an array of dimensions");
  CHECK(refused("[]") == "\"space\" = {}: there must be at least one dimension");
  CHECK(refused(R"([{"name":"a","type":"int","low":1,"high":2}, {"name":"a","type":"int","low":1,"high":2}])") ==
        "\"a\" = \"a\": two dimensions have this name");
}

TEST_CASE("Bad points are refused with name, value and rule") {
  const auto space = typed();
  const auto refused = [&](const char* text) {
    const auto typed_message =
        thrown<hpo::InvalidPoint>([&] { return hpo::point_from_json(space, json::parse(text)); });
    const auto dynamic_message =
        thrown<hpo::InvalidPoint>([&] { return hpo::point_from_json(hpo::to_dynamic(space), json::parse(text)); });
    CHECK(typed_message == dynamic_message);
    return typed_message;
  };
  CHECK(refused("[1]") == "\"point\" = [1]: must be an object with a member per dimension");
  CHECK(refused(R"({"rate":"0.01"})") == "\"rate\" = \"0.01\": must be a number");
  CHECK(refused(R"({"rate":null})") == "\"rate\" = null: must be a number");
  CHECK(refused(R"({"rate":0.01,"k":1.5})") == "\"k\" = 1.5: must be an integer of 64 bits with a sign");
  CHECK(refused(R"({"rate":0.01,"k":1,"pool":"sum"})") == "\"pool\" = \"sum\": must be one of max, avg");
  CHECK(refused(R"({"rate":0.01,"k":1,"pool":"max"})") == "\"batch\" = nothing: must have a value");
  CHECK(refused(R"({"rat":0.01})") ==
        "\"rat\" = 0.01: there is no dimension of this name; there are \"rate\" \"k\" \"pool\" \"batch\" \"shape\"");
  CHECK(refused(R"({"rate":1,"k":1,"pool":"max","batch":16,"shape":"round"})") ==
        "\"rate\" = 1: must be in [1e-04, 0.1]");
  CHECK(refused(R"({"rate":0.01,"k":9,"pool":"max","batch":16,"shape":"round"})") == "\"k\" = 9: must be in [1, 4]");
}

#endif
