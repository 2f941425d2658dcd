#if __has_include(<nlohmann/json.hpp>)

#include <string>

#include <support/catch.hpp>
#include <support/thrown.hpp>

#include <hposearch/json/dimension.hpp>

namespace hpo = hposearch;
using hpo::DynamicValue;
using nlohmann::json;

namespace {

[[nodiscard]] hpo::DynamicDimension read(const char* text) {
  const auto object = json::parse(text);
  return hpo::detail::DimensionReader{object, 2}.dimension();
}

[[nodiscard]] std::string refused(const char* text) {
  return support::thrown<hpo::InvalidSpace>([&] { return read(text); });
}

// What is said of a "fixed" that its dimension does not have.
[[nodiscard]] std::string refused_fixed(const char* text) {
  const auto object = json::parse(text);
  const hpo::detail::DimensionReader reader{object, 2};
  return support::thrown<hpo::InvalidSpace>([&] { return reader.fixed(reader.dimension()); });
}

}  // namespace

TEST_CASE("Dimensions of every type are read") {
  CHECK(read(R"({"name":"x","type":"real","low":0,"high":1})").signature() == "real [0, 1] linear");
  CHECK(read(R"({"name":"x","type":"real","low":1,"high":2,"log":true,"step":0.5})").signature() ==
        "real [1, 2] log step 0.5");
  CHECK(read(R"({"name":"x","type":"int","low":1.0,"high":9,"log":true,"step":2})").signature() ==
        "int [1, 9] log step 2");
  CHECK(read(R"({"name":"x","type":"cat","choices":["a",1,2.5,true]})").signature() == "cat 1:a 1:1 3:2.5 4:true");
  CHECK(read(R"({"name":"x","type":"ord","choices":[1,2],"initial":2.0})").initial() == DynamicValue{2});
  CHECK(read(R"({"name":"x","type":"int","low":1,"high":9,"initial":5})").initial() == DynamicValue{5});
}

TEST_CASE("Dimensions are written with what was said of them and no more") {
  const auto written = [](const hpo::DynamicDimension& dimension, const std::optional<DynamicValue>& fixed = {}) {
    return hpo::detail::dimension_to_json(dimension, fixed).dump();
  };
  CHECK(written(hpo::Real{"x", 0, 1, {.step = 0.5, .initial = 1}}) ==
        R"({"name":"x","type":"real","low":0.0,"high":1.0,"log":false,"step":0.5,"initial":1.0})");
  CHECK(written(hpo::Integer{"x", 1, 9, hpo::log_scale, {.step = 2}}, 3) ==
        R"({"name":"x","type":"int","low":1,"high":9,"log":true,"step":2,"fixed":3})");
  CHECK(written(hpo::Categorical{"x", {"a"}}, "a") == R"({"name":"x","type":"cat","choices":["a"]})");
}

TEST_CASE("Bad dimensions are refused with place, value and rule") {
  CHECK(refused("3") == "\"space[2]\" = 3: must be an object");
  CHECK(refused("{}") == "\"space[2].type\" = nothing: must be given");
  CHECK(refused(R"({"name":"a","type":"rel"})") ==
        "\"space[2].type (a)\" = \"rel\": must be \"real\", \"int\", \"cat\" or \"ord\"");
  CHECK(refused(R"({"name":"a","type":3})") == "\"space[2].type (a)\" = 3: must be a string");
  CHECK(refused(R"({"type":"int","low":1,"high":2})") == "\"space[2].name\" = nothing: must be given");
  CHECK(refused(R"({"name":"","type":"int","low":1,"high":2})") == "\"space[2].name ()\" = \"\": must not be empty");
  CHECK(refused(R"({"name":"a","type":"int","low":1})") == "\"space[2].high (a)\" = nothing: must be given");
  CHECK(refused(R"({"name":"a","type":"real","low":"0","high":1})") ==
        "\"space[2].low (a)\" = \"0\": must be a number");
  CHECK(refused(R"({"name":"a","type":"int","low":1,"high":2.5})") ==
        "\"space[2].high (a)\" = 2.5: must be an integer of 64 bits with a sign");
  CHECK(refused(R"({"name":"a","type":"int","low":1,"high":2,"log":1})") ==
        "\"space[2].log (a)\" = 1: must be true or false");
  CHECK(refused(R"({"name":"a","type":"int","low":1,"high":2,"lgo":true})") ==
        "\"space[2].lgo (a)\" = true: is not a key here; there are name type low high log step initial fixed");
  CHECK(refused(R"({"name":"a","type":"cat","choices":["b"],"log":true})") ==
        "\"space[2].log (a)\" = true: is not a key here; there are name type choices initial fixed");
  CHECK(refused(R"({"name":"a","type":"cat","choices":"b"})") == "\"space[2].choices (a)\" = \"b\": must be an array");
  CHECK(refused(R"({"name":"a","type":"cat","choices":[1,null]})") ==
        "\"space[2].choices (a)\" = [1,null]: each choice must be a string, a number, true or false");
  CHECK(refused(R"({"name":"a","type":"cat","choices":[1,2],"initial":3})") ==
        "\"space[2].initial (a)\" = 3: must be one of the choices");
  CHECK(refused(R"({"name":"a","type":"real","low":2,"high":1})") == "\"a\" = [2, 1]: low must be below high");
  CHECK(refused(R"({"name":"a","type":"cat","choices":[1,1.0]})") ==
        "\"a\" = \"1\": the names of the choices must differ");
}

TEST_CASE("A fixed value must be one of its dimension") {
  CHECK(refused_fixed(R"({"name":"a","type":"int","low":1,"high":2,"fixed":3})") ==
        "\"space[2].fixed (a)\" = 3: must be a value of the dimension");
  CHECK(refused_fixed(R"({"name":"a","type":"cat","choices":["b"],"fixed":1})") ==
        "\"space[2].fixed (a)\" = 1: must be a value of the dimension");
  CHECK(refused_fixed(R"({"name":"a","type":"int","low":1,"high":2,"fixed":2.0})") == "nothing");
}

#endif
