#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include <support/catch.hpp>

#include <hposearch/space/value.hpp>

namespace hpo = hposearch;

namespace colours {
enum class Colour { red = 3 };
enum class Named { first };
[[nodiscard]] std::string to_text(Named) { return "the first"; }
struct Opaque {};
}  // namespace colours

static_assert(hpo::CountingIntegral<int> && hpo::CountingIntegral<unsigned char> && hpo::CountingIntegral<signed char>);
static_assert(!hpo::CountingIntegral<bool> && !hpo::CountingIntegral<char> && !hpo::CountingIntegral<char8_t>);
static_assert(!hpo::CountingIntegral<double>);

// Out of a space: exactly.
static_assert(hpo::LeavesAs<double, double> && !hpo::LeavesAs<double, float> && !hpo::LeavesAs<double, int>);
static_assert(hpo::LeavesAs<std::int64_t, short> && !hpo::LeavesAs<std::int64_t, double>);
static_assert(!hpo::LeavesAs<std::int64_t, bool> && !hpo::LeavesAs<std::int64_t, char>);
static_assert(!hpo::LeavesAs<bool, int> && hpo::LeavesAs<bool, bool>);
static_assert(hpo::LeavesAs<std::string, std::string_view> && !hpo::LeavesAs<std::string, const char*>);

// Into a space: as people write values.
static_assert(hpo::EntersAs<int, double> && hpo::EntersAs<float, double> && !hpo::EntersAs<bool, double>);
static_assert(hpo::EntersAs<unsigned, std::int64_t> && !hpo::EntersAs<double, std::int64_t>);
static_assert(hpo::EntersAs<char[4], std::string> && hpo::EntersAs<std::string_view, std::string>);
static_assert(!hpo::EntersAs<int, std::string> && !hpo::EntersAs<int, bool>);

TEST_CASE("An integer leaves a space only as a type that holds it") {
  CHECK(hpo::leave_as<std::uint8_t>(std::int64_t{255}) == std::uint8_t{255});
  CHECK_FALSE(hpo::leave_as<std::uint8_t>(std::int64_t{256}));
  CHECK_FALSE(hpo::leave_as<std::uint64_t>(std::int64_t{-1}));
  CHECK(hpo::leave_as<std::string_view>(std::string{"text"}) == "text");
}

TEST_CASE("An integer enters a space only where it fits") {
  CHECK(hpo::enter_as<std::int64_t>(7u) == 7);
  CHECK_FALSE(hpo::enter_as<std::int64_t>(std::numeric_limits<std::uint64_t>::max()));
  CHECK(hpo::enter_as<double>(3) == 3.0);
  CHECK(hpo::enter_as<std::string>("text") == "text");
}

TEST_CASE("Values have texts") {
  CHECK(hpo::value_text(0.1) == "0.1");
  CHECK(hpo::value_text(true) == "true");
  CHECK(hpo::value_text(std::int64_t{-5}) == "-5");
  CHECK(hpo::value_text("text") == "text");
  CHECK(hpo::value_text(colours::Colour::red) == "3");
  CHECK(hpo::value_text(colours::Named::first) == "the first");
  CHECK(hpo::value_text(hpo::DynamicValue{0.5}) == "0.5");
  CHECK(hpo::value_text(hpo::DynamicValue{false}) == "false");
}

TEST_CASE("Messages quote strings and survive types without a text") {
  CHECK(hpo::message_text("max") == "\"max\"");
  CHECK(hpo::message_text(hpo::DynamicValue{"max"}) == "\"max\"");
  CHECK(hpo::message_text(2) == "2");
  CHECK(hpo::message_text(colours::Opaque{}) == "?");
  CHECK(hpo::range_text(1, 2.5) == "[1, 2.5]");
}
