/// \file
/// What a trial's process tells the process that started it: frames of bytes in this machine's own order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include <hposearch/error.hpp>
#include <hposearch/text.hpp>

namespace hposearch::inline v0::detail {

struct ProcessReport {
  std::int64_t step = 0;
  double value = 0;
  friend bool operator==(const ProcessReport&, const ProcessReport&) = default;
};

struct ProcessResult {
  std::int64_t started = 0;  // nanoseconds of the steady clock, which is the same in every process
  std::int64_t finished = 0;
  double value = 0;
  bool completed = false;
  std::string message;
  friend bool operator==(const ProcessResult&, const ProcessResult&) = default;
};

using ProcessMessage = std::variant<ProcessReport, ProcessResult>;

// A frame is its kind (the variant's index) and the length of its body as 32 bits each, and the body.
inline constexpr std::size_t frame_header = 2 * sizeof(std::uint32_t);
inline constexpr std::size_t frame_limit = std::size_t{1} << 20;  // of a body; longer messages are cut

template <class T>
  requires std::is_trivially_copyable_v<T>
void put(std::string& bytes, const T& value) { bytes.append(reinterpret_cast<const char*>(&value), sizeof(value)); }

/// Takes a T off the front. \throws Error if there are too few bytes
template <class T>
  requires std::is_trivially_copyable_v<T>
[[nodiscard]] T take(std::string_view& bytes) {
  if (bytes.size() < sizeof(T)) throw Error("sent a message that is too short");
  T value;
  std::memcpy(&value, bytes.data(), sizeof(T));
  bytes.remove_prefix(sizeof(T));
  return value;
}

[[nodiscard]] inline std::string frame(std::size_t kind, std::string_view body) {
  std::string bytes;
  put(bytes, static_cast<std::uint32_t>(kind));
  put(bytes, static_cast<std::uint32_t>(body.size()));
  return bytes.append(body);
}

[[nodiscard]] inline std::string encode_message(const ProcessReport& report) {
  std::string body;
  put(body, report.step);
  put(body, report.value);
  return frame(0, body);
}

[[nodiscard]] inline std::string encode_message(const ProcessResult& result) {
  std::string body;
  put(body, result.started);
  put(body, result.finished);
  put(body, result.value);
  put(body, result.completed ? std::uint8_t{1} : std::uint8_t{0});
  body.append(result.message, 0, frame_limit - body.size());
  return frame(1, body);
}

/// Puts frames together again from pieces of any size.
class ProcessMessageReader {
 public:
  void feed(std::string_view bytes) { bytes_.append(bytes); }

  /// The next complete message.
  /// \throws Error if what was sent is no message; the stream is of no use then
  [[nodiscard]] std::optional<ProcessMessage> next() {
    std::string_view rest = std::string_view{bytes_}.substr(begin_);
    if (rest.size() < frame_header) return std::nullopt;
    const auto kind = take<std::uint32_t>(rest);
    const auto length = take<std::uint32_t>(rest);
    if (kind > 1 || length > frame_limit) throw Error("sent what is no message");
    if (rest.size() < length) return std::nullopt;
    const ProcessMessage message = decode(kind, rest.substr(0, length));
    begin_ += frame_header + length;
    if (begin_ == bytes_.size()) {
      bytes_.clear();
      begin_ = 0;
    }
    return message;
  }

 private:
  [[nodiscard]] static ProcessMessage decode(std::uint32_t kind, std::string_view body) {
    if (kind == 0) {
      const auto step = take<std::int64_t>(body);
      const auto value = take<double>(body);
      if (!body.empty()) throw Error("sent a report that is too long");
      return ProcessReport{step, value};
    }
    ProcessResult result;
    result.started = take<std::int64_t>(body);
    result.finished = take<std::int64_t>(body);
    result.value = take<double>(body);
    result.completed = take<std::uint8_t>(body) != 0;
    result.message = body;
    return result;
  }

  std::string bytes_;
  std::size_t begin_ = 0;  // of the next frame
};

}  // namespace hposearch::inline v0::detail
