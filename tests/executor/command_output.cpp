#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <support/catch.hpp>

#include <hposearch/executor/command_output.hpp>

using namespace hposearch::detail;

TEST_CASE("A line that is a number is a result") {
  CHECK(parse_result("0.25") == 0.25);
  CHECK(parse_result("  -1e-3\r") == -1e-3);
  CHECK(parse_result("+7") == 7.0);
  CHECK(parse_result("inf") == HUGE_VAL);
  CHECK(std::isnan(parse_result("nan").value()));
  for (const char* line : {"", "  ", "loss 0.25", "0.25 0.5", "0,25", "0x10", "+-3", "-", "1.0s", "true", "\"3\""})
    CHECK_FALSE(parse_result(line).has_value());
}

TEST_CASE("A line that is an object with a number under value is a result") {
  CHECK(parse_result(R"({"value": 0.25})") == 0.25);
  CHECK(parse_result(R"(  { "epoch" : 3 , "value":-2e1 }  )") == -20.0);
  CHECK(parse_result(R"({"note": "\"value\": 7, }", "deep": {"value": 1, "list": [1, [], {}]}, "value": 3})") == 3.0);
  CHECK(parse_result(R"({"value": 1, "ok": true, "nothing": null})") == 1.0);
  CHECK(parse_result(R"({"value": Infinity})") == HUGE_VAL);
  for (const char* line :
       {"{}", R"({"value": "0.25"})", R"({"value": null})", R"({"loss": 1})", R"({"value": 1)", R"({"value": 1} x)",
        R"({"value": 1,})", R"({"value" 1})", R"(["value", 1])", R"({"deep": {"value": 1}})", R"({"value": [1]})",
        R"({"value": })", R"({"a": "unended)", R"({"a\)", "{", R"({"value": 1 2})"})
    CHECK_FALSE(parse_result(line).has_value());
  const std::string deep = "{\"value\": 1, \"a\": " + std::string(100'000, '[') + std::string(100'000, ']') + "}";
  CHECK_FALSE(parse_result(deep).has_value());
}

TEST_CASE("Reports are told from other lines") {
  CHECK(parse_report("hposearch: report 3 0.5") == std::pair{std::int64_t{3}, 0.5});
  CHECK(parse_report(" hposearch: report  -1   inf ") == std::pair{std::int64_t{-1}, HUGE_VAL});
  for (const char* line : {"report 3 0.5", "hposearch: report", "hposearch: report 3", "hposearch: report 3.5 1",
                           "hposearch: report 3 x", "hposearch: report 3 1 2"})
    CHECK_FALSE(parse_report(line).has_value());
}

TEST_CASE("A text is cut into lines, however it comes") {
  const std::string_view text = "one\n\nthree\nrest";
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    LineSplitter splitter;
    std::vector<std::string> lines;
    const auto take = [&](std::string_view line) { lines.emplace_back(line); };
    for (std::size_t begin = 0; begin < text.size(); begin += piece) splitter.feed(text.substr(begin, piece), take);
    CHECK(lines == std::vector<std::string>{"one", "", "three"});
    splitter.finish(take);
    CHECK(lines.size() == 4);
    CHECK(lines.back() == "rest");
  }
}

TEST_CASE("A line without an end is kept in bounded memory") {
  LineSplitter splitter;
  std::size_t length = 0;
  const auto take = [&](std::string_view line) { length = line.size(); };
  for (int i = 0; i < 300; ++i) splitter.feed(std::string(10'000, 'x'), take);
  splitter.feed("\n", take);
  CHECK(length == std::size_t{1} << 20);
}
