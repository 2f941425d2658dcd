#include "../../examples/hposearch/bridge.hpp"

#include <set>
#include <sstream>
#include <string>

#include <support/catch.hpp>

namespace {

using Json = nlohmann::json;

const std::string start =
    R"({"op":"start","space":[{"name":"lr","type":"real","low":1e-6,"high":10,"log":true},)"
    R"({"name":"channel","type":"int","low":3,"high":7,"log":false},)"
    R"({"name":"pool","type":"cat","choices":["max","avg"]}],"seed":1,"sampler":"default","budget":100})";

Json ask(Bridge& bridge, const std::string& line) { return Json::parse(bridge.answer(line)); }

std::string error(Bridge& bridge, const std::string& line) {
  const Json answer = ask(bridge, line);
  REQUIRE(answer.size() == 1);
  return answer.at("error");
}

}  // namespace

TEST_CASE("A study is played over the bridge") {
  Bridge bridge;
  CHECK(bridge.answer(start) == R"({"ok":true})");
  double least = 1e300;
  for (int i = 0; i < 20; ++i) {
    const Json trials = ask(bridge, R"({"op":"ask","n":2})").at("trials");
    REQUIRE(trials.size() == 2);
    Json told = Json::array();
    for (const auto& trial : trials) {
      CHECK(trial.size() == 2);
      const auto& params = trial.at("params");
      const double lr = params.at("lr");
      CHECK((lr >= 1e-6 && lr <= 10));
      const int channel = params.at("channel");
      CHECK((channel >= 3 && channel <= 7));
      CHECK(params.at("channel").is_number_integer());
      const std::string pool = params.at("pool");
      CHECK((pool == "max" || pool == "avg"));
      const double value = lr + channel;
      least = std::min(least, value);
      const Json entry{{"id", trial.at("id")}, {"value", value}};
      told.insert(told.begin(), entry);  // in the other order
    }
    CHECK(bridge.answer(Json{{"op", "tell"}, {"trials", told}}.dump()) == R"({"ok":true})");
  }
  const Json best = ask(bridge, R"({"op":"best"})");
  CHECK(best.at("value") == least);
  CHECK(best.at("params").at("channel") == 3);
  CHECK_FALSE(bridge.stopped());
  CHECK(bridge.answer(R"({"op":"stop"})") == R"({"ok":true})");
  CHECK(bridge.stopped());
}

TEST_CASE("The same seed plays the same study") {
  Bridge a, b;
  for (Bridge* bridge : {&a, &b}) bridge->answer(start);
  CHECK(a.answer(R"({"op":"ask","n":5})") == b.answer(R"({"op":"ask","n":5})"));
}

TEST_CASE("Failures have no value, a state or a reason") {
  Bridge bridge;
  bridge.answer(start);
  bridge.answer(R"({"op":"ask","n":4})");
  CHECK(
      bridge.answer(R"({"op":"tell","trials":[{"id":0,"value":null,"state":"failed"},{"id":1,"value":null},)"
                    R"({"id":2,"state":"failed","reason":"out of memory"},{"id":3,"value":2,"state":"completed"}]})") ==
      R"({"ok":true})");
  CHECK(ask(bridge, R"({"op":"best"})").at("value") == 2);
}

TEST_CASE("What is refused is named, and changes nothing") {
  Bridge bridge;
  using Catch::Contains;
  CHECK_THAT(error(bridge, R"({"op":"ask"})"), Contains("start"));
  CHECK_THAT(error(bridge, R"({"op":"best"})"), Contains("start"));
  bridge.answer(start);
  bridge.answer(R"({"op":"ask","n":3})");
  bridge.answer(R"({"op":"tell","trials":[{"id":2,"value":5}]})");
  CHECK_THAT(error(bridge, ""), Contains("JSON"));
  CHECK_THAT(error(bridge, "{"), Contains("JSON"));
  CHECK_THAT(error(bridge, "\xff\xfe"), Contains("JSON"));
  CHECK_THAT(error(bridge, "[1]"), Contains("object"));
  CHECK_THAT(error(bridge, "{}"), Contains("op"));
  CHECK_THAT(error(bridge, R"({"op":7})"), Contains("op") && Contains("7"));
  CHECK_THAT(error(bridge, R"({"op":"tel"})"), Contains("\"tel\""));
  CHECK_THAT(error(bridge, R"({"op":"ask","n":0})"), Contains("n") && Contains("at least 1"));
  CHECK_THAT(error(bridge, R"({"op":"ask","n":-3})"), Contains("-3"));
  CHECK_THAT(error(bridge, R"({"op":"ask","n":1.5})"), Contains("1.5"));
  CHECK_THAT(error(bridge, R"({"op":"ask","n":1e9})"), Contains("1000000000"));
  CHECK_THAT(error(bridge, R"({"op":"ask","count":3})"), Contains("count"));
  CHECK_THAT(error(bridge, R"({"op":"tell"})"), Contains("trials"));
  CHECK_THAT(error(bridge, R"({"op":"tell","trials":[7]})"), Contains("trials[0]"));
  CHECK_THAT(error(bridge, R"({"op":"tell","trials":[{"id":0,"value":1},{"id":9,"value":1}]})"), Contains("9"));
  CHECK_THAT(error(bridge, R"({"op":"tell","trials":[{"id":0,"value":1},{"id":2,"value":6}]})"), Contains("5"));
  CHECK_THAT(error(bridge, R"({"op":"tell","trials":[{"id":0,"value":"1"}]})"), Contains("trials[0].value"));
  CHECK_THAT(error(bridge, R"({"op":"tell","trials":[{"id":-1,"value":1}]})"), Contains("trials[0].id"));
  CHECK_THAT(error(bridge, R"({"op":"tell","trials":[{"id":0,"value":1,"state":"failed"}]})"), Contains("failed"));
  CHECK_THAT(error(bridge, R"({"op":"tell","trials":[{"value":1}]})"), Contains("trials[0].id"));
  CHECK(ask(bridge, R"({"op":"best"})").at("value") == 5);
  CHECK(ask(bridge, R"({"op":"ask"})").at("trials").at(0).at("id") == 3);
  CHECK(bridge.answer(R"({"op":"tell","trials":[{"id":0,"value":1},{"id":1,"value":2}]})") == R"({"ok":true})");
}

TEST_CASE("A start that is refused keeps the study from before") {
  Bridge bridge;
  using Catch::Contains;
  bridge.answer(start);
  bridge.answer(R"({"op":"ask"})");
  CHECK_THAT(error(bridge, R"({"op":"start"})"), Contains("space"));
  CHECK_THAT(error(bridge, R"({"op":"start","space":[]})"), Contains("space"));
  CHECK_THAT(error(bridge, R"({"op":"start","space":[{"name":"x","type":"real","low":2,"high":1}]})"), Contains("x"));
  const std::string x = R"({"op":"start","space":[{"name":"x","type":"real","low":0,"high":1}])";
  CHECK_THAT(error(bridge, x + R"(,"sampler":"magic"})"), Contains("magic"));
  CHECK_THAT(error(bridge, x + R"(,"seed":-1})"), Contains("seed"));
  CHECK_THAT(error(bridge, x + R"(,"budget":0})"), Contains("budget"));
  CHECK_THAT(error(bridge, x + R"(,"direction":"up"})"), Contains("up"));
  CHECK(ask(bridge, R"({"op":"ask"})").at("trials").at(0).at("id") == 1);
}

TEST_CASE("A finite space ends with an error that says so") {
  Bridge bridge;
  bridge.answer(R"({"op":"start","space":[{"name":"k","type":"int","low":1,"high":3}]})");
  CHECK(ask(bridge, R"({"op":"ask","n":5})").at("trials").size() == 3);
  CHECK_THAT(error(bridge, R"({"op":"ask"})"), Catch::Contains("3 points"));
}

TEST_CASE("A bridge serves line by line until it is stopped") {
  std::istringstream in{start + "\n{\"op\":\"ask\"}\nnonsense\n{\"op\":\"stop\"}\n{\"op\":\"ask\"}\n"};
  std::ostringstream out;
  Bridge{}.serve(in, out);
  const std::string text = out.str();
  CHECK(std::count(text.begin(), text.end(), '\n') == 4);
}

TEST_CASE("Run times can be told, and acquisitions and strategies named") {
  Bridge bridge;
  const std::string x = R"({"op":"start","space":[{"name":"x","type":"real","low":0,"high":1}],"sampler":)";
  CHECK(bridge.answer(x + R"("gp:ei-per-second:cl_min"})") == R"({"ok":true})");
  for (int i = 0; i < 8; ++i) {
    bridge.answer(R"({"op":"ask"})");
    const std::string id = std::to_string(i);
    CHECK(bridge.answer(R"({"op":"tell","trials":[{"id":)" + id + R"(,"value":)" + id + R"(,"seconds":)" + id +
                        R"(}]})") == R"({"ok":true})");
  }
  CHECK_THAT(error(bridge, R"({"op":"tell","trials":[{"id":0,"value":0,"seconds":"long"}]})"),
             Catch::Contains("seconds"));
  CHECK_THAT(error(bridge, x + R"("gp:luck"})"), Catch::Contains("luck"));
}
