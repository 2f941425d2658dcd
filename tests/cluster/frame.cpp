#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <support/catch.hpp>

#include <hposearch/cluster/frame.hpp>
#include <hposearch/numeric/random.hpp>

using namespace hposearch;
using namespace hposearch::cluster;
using Status = ParsedFrame::Status;

namespace {

Bytes frame_of(FrameKind kind, std::size_t size, unsigned char fill = 7) {
  Bytes bytes;
  write_frame(bytes, kind, [&] { bytes.insert(bytes.end(), size, fill); });
  return bytes;
}

}  // namespace

TEST_CASE("A frame is its length in 4 bytes, its kind, three zeros, and the body", "[cluster]") {
  CHECK(frame_of(FrameKind::ack, 2) == Bytes{2, 0, 0, 0, 9, 0, 0, 0, 7, 7});
  const Bytes long_one = frame_of(FrameKind::task, 0x01'02'03);
  CHECK(Bytes(long_one.begin(), long_one.begin() + 8) == Bytes{3, 2, 1, 0, 7, 0, 0, 0});
}

TEST_CASE("A frame is complete with its last byte, and not before", "[cluster]") {
  const Bytes bytes = frame_of(FrameKind::result, 5);
  for (std::size_t size = 0; size < bytes.size(); ++size)
    CHECK(parse_frame(ByteView{bytes}.first(size), 100).status == Status::incomplete);
  const ParsedFrame parsed = parse_frame(bytes, 100);
  REQUIRE(parsed.status == Status::complete);
  CHECK(parsed.size == 13);
  CHECK(parsed.frame.kind == FrameKind::result);
  CHECK(parsed.frame.body.size() == 5);
}

TEST_CASE("Frames that break a rule are recognised by their header alone", "[cluster]") {
  Bytes header = frame_of(FrameKind::ping, 0);
  CHECK(parse_frame(header, 0).status == Status::complete);
  for (const std::size_t position : {5U, 6U, 7U}) {
    Bytes broken = header;
    broken[position] = 1;
    CHECK(parse_frame(broken, 100).status == Status::broken);
  }
  for (const int kind : {0, 19, 255}) {
    Bytes broken = header;
    broken[4] = static_cast<unsigned char>(kind);
    CHECK(parse_frame(broken, 100).status == Status::broken);
  }
  header[0] = 101;
  CHECK(parse_frame(header, 100).status == Status::broken);
  CHECK(parse_frame(header, 101).status == Status::incomplete);
  header[0] = header[1] = header[2] = header[3] = 255;  // 4 GiB
  CHECK(parse_frame(header, default_frame_limit).status == Status::broken);
}

TEST_CASE("Frames come out as they went in, however the stream is cut", "[cluster]") {
  numeric::Random random{1};
  Bytes stream;
  std::vector<std::size_t> sizes;
  for (std::size_t i = 0; i < 200; ++i) {
    sizes.push_back(i % 40 == 7 ? 20'000 : random.below(300));
    append(stream, frame_of(FrameKind::report, sizes.back(), static_cast<unsigned char>(i)));
  }
  FrameBuffer buffer{100'000};
  std::size_t sent = 0, received = 0;
  while (sent < stream.size()) {
    const auto room = buffer.room();
    REQUIRE_FALSE(room.empty());
    const std::size_t count = std::min({room.size(), stream.size() - sent, std::size_t{1 + random.below(3000)}});
    std::copy_n(stream.begin() + static_cast<std::ptrdiff_t>(sent), count, room.begin());
    buffer.commit(count);
    sent += count;
    for (;;) {
      const ParsedFrame parsed = buffer.next();
      if (parsed.status != Status::complete) break;
      REQUIRE(received < sizes.size());
      CHECK(parsed.frame.body.size() == sizes[received]);
      CHECK(std::ranges::all_of(parsed.frame.body,
                                [&](unsigned char c) { return c == static_cast<unsigned char>(received); }));
      ++received;
    }
  }
  CHECK(received == sizes.size());
}
