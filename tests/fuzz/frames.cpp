// Any bytes, in pieces of any size, through the frame parser, and every frame's body through every message's reader.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include <hposearch/cluster/codec.hpp>
#include <hposearch/cluster/frame.hpp>
#include <hposearch/cluster/message.hpp>

#include "require.hpp"

using namespace hposearch::cluster;
using Status = ParsedFrame::Status;

namespace {

constexpr std::uint32_t limit = 512;

// What is read can be written, and is the same when it is read again.
template <class M>
void round_trip(ByteView body) {
  M message;
  try {
    message = read_message<M>(body);
  } catch (const MalformedMessage&) {
    return;
  }
  Bytes first, second;
  write_message(first, message);
  const ParsedFrame parsed = parse_frame(first, 1U << 20);
  require(parsed.status == Status::complete && parsed.frame.kind == M::kind && parsed.size == first.size());
  write_message(second, read_message<M>(parsed.frame.body));
  require(first == second);
}

void read_everything(ByteView body) {
  round_trip<Challenge>(body);
  round_trip<Hello>(body);
  round_trip<Welcome>(body);
  round_trip<Join>(body);
  round_trip<Accept>(body);
  round_trip<Refuse>(body);
  round_trip<Task>(body);
  round_trip<Result>(body);
  round_trip<Report>(body);
  round_trip<Ack>(body);
  round_trip<Ping>(body);
  round_trip<Bye>(body);
}

std::vector<Bytes> bodies_at_once(ByteView bytes) {
  std::vector<Bytes> bodies;
  for (;;) {
    const ParsedFrame parsed = parse_frame(bytes, limit);
    if (parsed.status != Status::complete) return bodies;
    require(parsed.frame.body.size() <= limit);
    bodies.emplace_back(parsed.frame.body.begin(), parsed.frame.body.end());
    bytes = bytes.subspan(parsed.size);
  }
}

std::vector<Bytes> bodies_in_pieces(ByteView bytes, std::size_t piece) {
  std::vector<Bytes> bodies;
  FrameBuffer buffer{limit};
  while (!bytes.empty()) {
    const auto room = buffer.room();
    require(!room.empty() && room.size() <= 16384);
    const std::size_t count = std::min({room.size(), bytes.size(), piece});
    std::copy_n(bytes.begin(), count, room.begin());
    bytes = bytes.subspan(count);
    buffer.commit(count);
    for (ParsedFrame parsed = buffer.next(); parsed.status != Status::incomplete; parsed = buffer.next()) {
      if (parsed.status == Status::broken) return bodies;
      bodies.emplace_back(parsed.frame.body.begin(), parsed.frame.body.end());
    }
  }
  return bodies;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView bytes{data + 1, size - 1};
  const auto bodies = bodies_at_once(bytes);
  require(bodies_in_pieces(bytes, std::size_t{data[0]} + 1) == bodies);
  for (const Bytes& body : bodies) read_everything(body);
  if (bytes.size() > frame_header_bytes) read_everything(bytes.subspan(frame_header_bytes));
  return 0;
}
