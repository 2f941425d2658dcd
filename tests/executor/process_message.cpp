#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <support/catch.hpp>

#include <hposearch/executor/process_message.hpp>

using namespace hposearch;
using namespace hposearch::detail;

namespace {

const ProcessReport report{-5'000'000'000, 0.1};
const ProcessResult result{1, 2, -HUGE_VAL, true, "said\0so"};

}  // namespace

TEST_CASE("Messages come back as they were, however the bytes are cut") {
  const std::string bytes = encode_message(report) + encode_message(result) + encode_message(report);
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    ProcessMessageReader reader;
    std::vector<ProcessMessage> messages;
    for (std::string_view rest = bytes; !rest.empty(); rest.remove_prefix(std::min(piece, rest.size()))) {
      reader.feed(rest.substr(0, piece));
      while (const auto message = reader.next()) messages.push_back(*message);
    }
    CHECK(messages == std::vector<ProcessMessage>{report, result, report});
  }
}

TEST_CASE("A message longer than a frame may be is cut") {
  ProcessResult longer = result;
  longer.message.assign(3 * frame_limit, 'x');
  ProcessMessageReader reader;
  reader.feed(encode_message(longer));
  const auto message = reader.next();
  REQUIRE(message.has_value());
  const std::string& text = std::get<ProcessResult>(*message).message;
  CHECK(text.size() > frame_limit - 100);
  CHECK(text.size() <= frame_limit);
  CHECK_FALSE(reader.next().has_value());
}

TEST_CASE("What is no message is refused before anything of its length is kept") {
  ProcessMessageReader reader;
  SECTION("a kind that does not exist") { reader.feed(frame(2, "")); }
  SECTION("a length beyond the limit") {
    std::string bytes;
    put(bytes, std::uint32_t{1});
    put(bytes, std::uint32_t{0xffffffff});
    reader.feed(bytes);
  }
  SECTION("a report that is too short") { reader.feed(frame(0, "short")); }
  SECTION("a report that is too long") { reader.feed(frame(0, std::string(17, 'x'))); }
  SECTION("a result that is too short") { reader.feed(frame(1, std::string(24, 'x'))); }
  CHECK_THROWS_AS(reader.next(), Error);
}

TEST_CASE("Half a message is no message yet") {
  const std::string bytes = encode_message(report);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    ProcessMessageReader reader;
    reader.feed(std::string_view{bytes}.substr(0, size));
    CHECK_FALSE(reader.next().has_value());
  }
}
