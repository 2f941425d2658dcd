#include <string>
#include <string_view>

#include <support/catch.hpp>

#include <hposearch/executor/output_tail.hpp>

using hposearch::detail::OutputTail;

namespace {

std::string last(std::size_t lines, std::string_view text) {
  OutputTail tail{lines};
  for (const char c : text) tail.append({&c, 1});
  return tail.text();
}

}  // namespace

TEST_CASE("The last lines of a text are kept") {
  CHECK(last(2, "a\nb\nc\nd\n") == "c\nd");
  CHECK(last(2, "a\nb\nc\nd") == "c\nd");
  CHECK(last(4, "a\nb\nc\nd\n") == "a\nb\nc\nd");
  CHECK(last(9, "a\nb\n") == "a\nb");
  CHECK(last(2, "a\n\n\n") == "\n");
  CHECK(last(3, "\na\n") == "\na");
  CHECK(last(1, "\n") == "");
  CHECK(last(0, "a\nb\n") == "");
  CHECK(last(2, "") == "");
}

TEST_CASE("Long output is kept in bounded memory, its end first") {
  OutputTail tail{1000};
  for (int i = 0; i < 100; ++i) tail.append(std::string(10'000, static_cast<char>('a' + i % 26)));
  tail.append("the end\n");
  const std::string text = tail.text();
  CHECK(text.size() <= 65'536);
  CHECK(text.size() > 60'000);
  CHECK(text.ends_with("vthe end"));
}
