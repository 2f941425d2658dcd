#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include <support/catch.hpp>

#include <hposearch/cluster/cbor.hpp>

using namespace hposearch;
using namespace hposearch::cluster;

namespace {

template <class Write>
Bytes written(const Write& write) {
  Bytes bytes;
  CborWriter out{bytes};
  write(out);
  return bytes;
}

}  // namespace

TEST_CASE("CBOR integers come back, to the ends of their range", "[cluster]") {
  for (const std::int64_t value :
       {std::int64_t{0}, std::int64_t{23}, std::int64_t{24}, std::int64_t{-1}, std::int64_t{-24}, std::int64_t{-25},
        std::int64_t{1} << 40, std::int64_t{-500}, std::numeric_limits<std::int64_t>::max(),
        std::numeric_limits<std::int64_t>::min()}) {
    const Bytes bytes = written([&](auto& out) { out.integer(value); });
    CHECK(CborReader{bytes}.integer() == value);
  }
  const Bytes bytes = written([](auto& out) { out.uint(std::numeric_limits<std::uint64_t>::max()); });
  CHECK(CborReader{bytes}.uint() == std::numeric_limits<std::uint64_t>::max());
  CHECK_THROWS_AS(CborReader{bytes}.integer(), MalformedMessage);
  const Bytes below = {0x3b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};  // -2^64
  CHECK_THROWS_AS(CborReader{below}.integer(), MalformedMessage);
}

TEST_CASE("CBOR doubles come back bit by bit, and whole numbers may stand for them", "[cluster]") {
  for (const double value : {0.0, -0.0, 0.1, 5e-324, HUGE_VAL, -HUGE_VAL}) {
    const Bytes bytes = written([&](auto& out) { out.real(value); });
    const double back = CborReader{bytes}.number();
    CHECK(back == value);
    CHECK(std::signbit(back) == std::signbit(value));
  }
  const Bytes nan = written([](auto& out) { out.real(std::nan("")); });
  CHECK(std::isnan(CborReader{nan}.number()));
  const Bytes half = {0xf9, 0x3e, 0x00}, single = {0xfa, 0x3f, 0xc0, 0x00, 0x00}, whole = {0x20};
  CHECK(CborReader{half}.number() == 1.5);
  CHECK(CborReader{single}.number() == 1.5);
  CHECK(CborReader{whole}.number() == -1);
}

TEST_CASE("CBOR text, bytes and bools come back", "[cluster]") {
  std::string text(302, 'x');
  text[300] = '\xff';
  text[301] = '\0';
  const Bytes bytes = written([&](auto& out) {
    out.text(text);
    out.bytes(bytes_of("ab"));
    out.boolean(true);
  });
  CborReader in{bytes};
  CHECK(in.text() == text);
  CHECK(text_of(in.bytes()) == "ab");
  CHECK(in.boolean());
  CHECK(in.at_end());
  CHECK_NOTHROW(in.require_end());
}

TEST_CASE("CBOR that ends too early, lies about its size, or is of another kind is refused", "[cluster]") {
  const auto skip = [](Bytes bytes) { CborReader{bytes}.skip(); };
  for (const Bytes& bytes : {Bytes{}, Bytes{0x18}, Bytes{0x62, 'a'}, Bytes{0x5a, 0xff, 0xff, 0xff, 0xff, 1},
                             Bytes{0x7b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, Bytes{0x82, 0x01},
                             Bytes{0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1},
                             Bytes{0xbb, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 1}, Bytes{0xa1, 0x01}})
    CHECK_THROWS_AS(skip(bytes), MalformedMessage);
  // Indefinite lengths, a tag, undefined, a simple value, reserved codes.
  for (const Bytes& bytes : {Bytes{0x9f, 0xff}, Bytes{0xbf, 0xff}, Bytes{0x5f, 0xff}, Bytes{0x7f, 0xff}, Bytes{0xff},
                             Bytes{0xc1, 0x01}, Bytes{0xf7}, Bytes{0xe0}, Bytes{0x1c}, Bytes{0xfc}})
    CHECK_THROWS_AS(skip(bytes), MalformedMessage);
  const Bytes number = {0x01};
  CHECK_THROWS_AS(CborReader{number}.text(), MalformedMessage);
  CHECK_THROWS_AS(CborReader{number}.map(), MalformedMessage);
  CHECK_THROWS_AS(CborReader{number}.boolean(), MalformedMessage);
}

TEST_CASE("CBOR is skipped as a whole, and not too deep", "[cluster]") {
  const Bytes bytes = {0xa2, 0x61, 'a', 0x82, 0x01, 0xa1, 0x02, 0x80, 0x61, 'b', 0xf6, 0x07};
  CborReader in{bytes};
  CHECK(in.skip().size() == bytes.size() - 1);
  CHECK(in.uint() == 7);
  Bytes deep(16, 0x81);
  deep.push_back(0);
  CHECK_NOTHROW(CborReader{deep}.skip());
  deep.insert(deep.begin(), 0x81);
  CHECK_THROWS_AS(CborReader{deep}.skip(), MalformedMessage);
}
