#include <cstdint>
#include <string_view>

#include <support/catch.hpp>

#include <hposearch/executor/parse.hpp>

using namespace hposearch::detail;

TEST_CASE("text is cut at a character, and what is cut off is trimmed") {
  std::string_view text = " a b , c,,d";
  CHECK(cut(text, ',') == "a b");
  CHECK(cut(text, ',') == "c");
  CHECK(cut(text, ',').empty());
  CHECK(cut(text, ',') == "d");
  CHECK(text.empty());
  CHECK(cut(text, ',').empty());
  CHECK(trimmed(" \t\r\n").empty());
}

TEST_CASE("a number is one only if it is all of the text and fits") {
  CHECK(parse_number<std::uint64_t>("42") == 42);
  CHECK(parse_number<std::uint64_t>("+42") == 42);
  CHECK_FALSE(parse_number<std::uint64_t>("-1").has_value());
  CHECK_FALSE(parse_number<std::uint64_t>("4 2").has_value());
  CHECK_FALSE(parse_number<std::uint64_t>("").has_value());
  CHECK_FALSE(parse_number<std::uint8_t>("256").has_value());
  CHECK(parse_number<double>("1e3") == 1000);
}
