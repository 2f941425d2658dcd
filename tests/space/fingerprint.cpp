#include <string_view>

#include <support/catch.hpp>

#include <hposearch/space/fingerprint.hpp>
#include <hposearch/space/integer.hpp>

namespace hpo = hposearch;

namespace {

[[nodiscard]] std::uint64_t of(std::initializer_list<std::string_view> texts) {
  hpo::Fingerprint fingerprint;
  for (const auto text : texts) fingerprint.add(text);
  return fingerprint.value();
}

}  // namespace

TEST_CASE("A fingerprint is FNV-1a of lengths and texts") {
  CHECK(hpo::Fingerprint{}.value() == 0xcbf29ce484222325);
  CHECK(of({"a"}) == 0x45540418180aba49);  // of "1:a"
  CHECK(of({"ab", "c"}) != of({"a", "bc"}));
}

TEST_CASE("A dimension's fingerprint tells free from fixed") {
  const hpo::Integer dimension{"x", 0, 3};
  hpo::Fingerprint free, fixed, other;
  free.add(dimension, {});
  fixed.add(dimension, 1);
  other.add(dimension, 2);
  CHECK(free.value() != fixed.value());
  CHECK(fixed.value() != other.value());
}
