#if __has_include(<nlohmann/json.hpp>)

#include <cstdint>
#include <string>

#include <support/catch.hpp>
#include <support/thrown.hpp>

#include <hposearch/json/value.hpp>
#include <hposearch/space/categorical.hpp>

namespace hpo = hposearch;
namespace detail = hposearch::detail;
using hpo::DynamicValue;
using nlohmann::json;

TEST_CASE("A whole number is an integer however it is written") {
  CHECK(detail::integer_from_json(json::parse("3")) == 3);
  CHECK(detail::integer_from_json(json::parse("3.0")) == 3);
  CHECK(detail::integer_from_json(json::parse("-3e0")) == -3);
  CHECK(detail::integer_from_json(json::parse("9223372036854775807")) == INT64_MAX);
  CHECK(detail::integer_from_json(json::parse("-9223372036854775808")) == INT64_MIN);
  CHECK_FALSE(detail::integer_from_json(json::parse("9223372036854775808")));
  CHECK_FALSE(detail::integer_from_json(json::parse("3.5")));
  CHECK_FALSE(detail::integer_from_json(json::parse("1e300")));
  CHECK_FALSE(detail::integer_from_json(json::parse("\"3\"")));
  CHECK_FALSE(detail::integer_from_json(json::parse("true")));
  CHECK_FALSE(detail::integer_from_json(json::parse("null")));
}

TEST_CASE("Choices keep their types") {
  CHECK(detail::scalar_from_json(json::parse("3")) == DynamicValue{3});
  CHECK(detail::scalar_from_json(json::parse("3.0")) == DynamicValue{3.0});
  CHECK(detail::scalar_from_json(json::parse("\"3\"")) == DynamicValue{"3"});
  CHECK(detail::scalar_from_json(json::parse("true")) == DynamicValue{true});
  CHECK(detail::scalar_from_json(json::parse("18446744073709551615")) == DynamicValue{0x1p64});
  CHECK_FALSE(detail::scalar_from_json(json::parse("null")));
  CHECK_FALSE(detail::scalar_from_json(json::parse("[3]")));
}

TEST_CASE("A number names the choice that it is equal to") {
  const hpo::Categorical integers{"x", {1, 2}};
  CHECK(detail::value_from_json(integers, json::parse("2")) == 2);
  CHECK(detail::value_from_json(integers, json::parse("2.0")) == 2);
  CHECK_FALSE(detail::value_from_json(integers, json::parse("\"2\"")));
  CHECK_FALSE(detail::value_from_json(integers, json::parse("3")));
  const hpo::Categorical flags{"x", {true, false}};
  CHECK(detail::value_from_json(flags, json::parse("false")) == false);
  CHECK_FALSE(detail::value_from_json(flags, json::parse("0")));
}

TEST_CASE("Values of dynamic type are written as JSON's own") {
  CHECK(detail::value_to_json(DynamicValue{true}).dump() == "true");
  CHECK(detail::value_to_json(DynamicValue{3}).dump() == "3");
  CHECK(detail::value_to_json(DynamicValue{0.1}).dump() == "0.1");
  CHECK(detail::value_to_json(DynamicValue{"a"}).dump() == "\"a\"");
}

TEST_CASE("Bytes that are not UTF-8 do not spoil a message") {
  CHECK(support::thrown<hpo::InvalidPoint>([] {
          return detail::require_value_from_json(hpo::Integer{"x", 0, 1}, json("\xff"));
        }) == "\"x\" = \"\xEF\xBF\xBD\": must be an integer of 64 bits with a sign");
}

TEST_CASE("A point's members must be those of the space") {
  CHECK_NOTHROW(detail::check_members(json::parse(R"({"a":1})"), {"a", "b"}));
  CHECK_THROWS_AS(detail::check_members(json::parse(R"({"c":1})"), {"a", "b"}), hpo::InvalidPoint);
  CHECK_THROWS_AS(detail::check_members(json::parse("1"), {"a", "b"}), hpo::InvalidPoint);
}

#endif
