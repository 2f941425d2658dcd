/// \file
/// Frames: how messages lie in the stream of bytes between a head and a worker, or a program and a scheduler; see
/// docs/protocol.md.
///
/// A frame is a header of 8 bytes, {u32 length, u8 kind, u8 flags = 0, u16 reserved = 0}, little-endian, and a body of
/// `length` bytes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <hposearch/cluster/bytes.hpp>

namespace hposearch::inline v0::cluster {

/// The kinds of messages, in the order in which a connection meets them.
enum class FrameKind : std::uint8_t {
  challenge = 1,  ///< head: versions and a nonce
  hello = 2,      ///< worker: its id, a nonce, and the proof that it has the token
  welcome = 3,    ///< head: the proof that it has the token
  join = 4,       ///< worker: what it is and what it holds
  accept = 5,     ///< head: it belongs to the cluster now
  refuse = 6,     ///< either: why the connection ends
  task = 7,       ///< head: evaluate this
  result = 8,     ///< worker: how a task ended
  ack = 9,        ///< head: the result may be forgotten
  report = 10,    ///< worker: an intermediate value
  cancel = 11,    ///< head: stop this task
  recall = 12,    ///< head: give this task back if it was not begun
  ping = 13,      ///< worker: it is alive
  pong = 14,      ///< head: so is the head
  drain = 15,     ///< either: take, or give, no more tasks
  bye = 16,       ///< either: leaving in good order
  slots = 17,     ///< scheduler: how many slots a program has of it now
  program = 18    ///< program: what it is and what it searches
};

inline constexpr std::size_t frame_header_bytes = 8;
inline constexpr std::uint32_t unauthenticated_frame_limit = 1024;  ///< of a body, before both sides are proven
inline constexpr std::uint32_t default_frame_limit = 1U << 20;      ///< and after

struct Frame {
  FrameKind kind{};
  ByteView body;
};

/// What stands at the beginning of some bytes.
struct ParsedFrame {
  enum class Status : std::uint8_t { incomplete, complete, broken };
  Status status = Status::incomplete;
  Frame frame{};         ///< of a complete one
  std::size_t size = 0;  ///< of the whole frame where its header is there, at least of the header
  const char* error = "";
};

/// Reads the frame at the beginning of `bytes`. Looks at nothing beyond, allocates nothing.
[[nodiscard]] inline ParsedFrame parse_frame(ByteView bytes, std::uint32_t limit) noexcept {
  using Status = ParsedFrame::Status;
  ParsedFrame parsed;
  parsed.size = frame_header_bytes;
  if (bytes.size() < frame_header_bytes) return parsed;
  std::uint32_t length = 0;
  for (std::size_t i = 0; i < 4; ++i) length |= static_cast<std::uint32_t>(bytes[i]) << (8 * i);
  const auto broken = [&](const char* why) {
    parsed.status = Status::broken;
    parsed.error = why;
    return parsed;
  };
  if (bytes[5] != 0 || bytes[6] != 0 || bytes[7] != 0) return broken("flags and reserved bytes must be 0");
  if (bytes[4] < 1 || bytes[4] > static_cast<unsigned char>(FrameKind::program))
    return broken("unknown kind of message");
  if (length > limit) return broken("message is too long");
  parsed.size += length;
  if (bytes.size() < parsed.size) return parsed;
  parsed.status = Status::complete;
  parsed.frame = {static_cast<FrameKind>(bytes[4]), bytes.subspan(frame_header_bytes, length)};
  return parsed;
}

/// Writes the header of a frame whose body `write_body()` appends to `out`.
template <class WriteBody>
void write_frame(Bytes& out, FrameKind kind, const WriteBody& write_body) {
  const std::size_t begin = out.size();
  out.resize(begin + frame_header_bytes);
  out[begin + 4] = static_cast<unsigned char>(kind);
  write_body();
  const std::size_t length = out.size() - begin - frame_header_bytes;
  for (std::size_t i = 0; i < 4; ++i) out[begin + i] = static_cast<unsigned char>(length >> (8 * i));
}

/// Puts frames together from pieces of any size. Its memory grows only with what arrives, and to one frame at most.
class FrameBuffer {
 public:
  explicit FrameBuffer(std::uint32_t limit = unauthenticated_frame_limit) : limit_(limit) {}

  /// The longest body that is taken from now on.
  void set_limit(std::uint32_t limit) noexcept { limit_ = limit; }

  /// Where to put bytes that arrive; never empty. Ends what next() has returned.
  [[nodiscard]] std::span<unsigned char> room() {
    if (begin_ == end_) begin_ = end_ = 0;
    if (end_ == bytes_.size()) {
      if (begin_ > 0) {
        std::copy(bytes_.begin() + static_cast<std::ptrdiff_t>(begin_),
                  bytes_.begin() + static_cast<std::ptrdiff_t>(end_), bytes_.begin());
        end_ -= begin_;
        begin_ = 0;
      } else {
        bytes_.resize(std::max(first_bytes, 2 * bytes_.size()));
      }
    }
    return {bytes_.data() + end_, bytes_.size() - end_};
  }

  /// `count` bytes were put into room().
  void commit(std::size_t count) noexcept { end_ += count; }

  /// Takes the next frame off, or says that it is incomplete or broken. The frame is valid until room() is called.
  [[nodiscard]] ParsedFrame next() noexcept {
    const ParsedFrame parsed = parse_frame({bytes_.data() + begin_, end_ - begin_}, limit_);
    if (parsed.status == ParsedFrame::Status::complete) begin_ += parsed.size;
    return parsed;
  }

 private:
  static constexpr std::size_t first_bytes = 4096;

  std::uint32_t limit_;
  Bytes bytes_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace hposearch::inline v0::cluster
