/// \file
/// Messages as frames of CBOR, and back. A body is a map from field names to values; unknown names are passed over.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <hposearch/cluster/bytes.hpp>
#include <hposearch/cluster/cbor.hpp>
#include <hposearch/cluster/frame.hpp>
#include <hposearch/cluster/message.hpp>
#include <hposearch/executor/trial_needs.hpp>

namespace hposearch::inline v0::cluster {

namespace wire {

inline constexpr std::array<std::string_view, 4> status_names{"completed", "failed", "cancelled", "released"};

// -- values ----------------------------------------------------------------------------------------------------------

template <class T>
concept Count = std::unsigned_integral<T> && !std::same_as<T, bool>;
inline void write(CborWriter& out, Count auto value) { out.uint(value); }
inline void write(CborWriter& out, std::int64_t value) { out.integer(value); }
inline void write(CborWriter& out, double value) { out.real(value); }
inline void write(CborWriter& out, std::same_as<bool> auto value) { out.boolean(value); }
inline void write(CborWriter& out, const std::string& value) { out.text(value); }
inline void write(CborWriter& out, ResultStatus value) { out.text(status_names[static_cast<std::size_t>(value)]); }
inline void write(CborWriter& out, const std::array<unsigned char, 32>& value) { out.bytes(value); }
inline void write(CborWriter& out, const RawItem& value) { out.raw(value.bytes); }
template <class T>
void write(CborWriter& out, const std::optional<T>& value) {
  write(out, *value);
}  // left out where it has none
template <class T>
void write(CborWriter& out, const std::vector<T>& values) {
  out.array(values.size());
  for (const T& value : values) write(out, value);
}
inline void write(CborWriter& out, const Resources& values) {
  out.map(values.size());
  for (const auto& [name, count] : values) {
    out.text(name);
    out.uint(count);
  }
}

inline void read(CborReader& in, std::same_as<bool> auto& value) { value = in.boolean(); }
template <Count T>
void read(CborReader& in, T& value) {
  const std::uint64_t number = in.uint();
  if (number > std::numeric_limits<T>::max()) throw MalformedMessage("has a number that is too large");
  value = static_cast<T>(number);
}
inline void read(CborReader& in, std::int64_t& value) { value = in.integer(); }
inline void read(CborReader& in, double& value) { value = in.number(); }
inline void read(CborReader& in, std::string& value) { value = in.text(); }
inline void read(CborReader& in, ResultStatus& value) {
  const std::string_view name = in.text();
  for (std::size_t i = 0; i < status_names.size(); ++i) {
    if (status_names[i] == name) {
      value = static_cast<ResultStatus>(i);
      return;
    }
  }
  throw MalformedMessage("has an unknown status");
}
inline void read(CborReader& in, std::array<unsigned char, 32>& value) {
  const ByteView bytes = in.bytes();
  if (bytes.size() != value.size()) throw MalformedMessage("has a nonce or proof of other than 32 bytes");
  std::ranges::copy(bytes, value.begin());
}
inline void read(CborReader& in, RawItem& value) {
  const ByteView item = in.skip();
  value.bytes.assign(item.begin(), item.end());
}
template <class T>
void read(CborReader& in, std::optional<T>& value) {
  if (in.peek() == CborReader::Kind::null) {
    in.skip();
    value.reset();
  } else {
    read(in, value.emplace());
  }
}
template <class T>
void read(CborReader& in, std::vector<T>& values) {
  values.clear();
  for (std::size_t left = in.array(); left > 0; --left) read(in, values.emplace_back());
}
inline void read(CborReader& in, Resources& values) {
  values.clear();
  for (std::size_t left = in.map(); left > 0; --left) {
    auto& [name, count] = values.emplace_back();
    name = in.text();
    read(in, count);
  }
}

// Whether an optional field is left out. The sign of a zero is worth a message.
[[nodiscard]] inline bool left_out(double value) { return std::bit_cast<std::uint64_t>(value) == 0; }
template <class T>
[[nodiscard]] bool left_out(const T& value) {
  return value == T{};
}

// -- fields ----------------------------------------------------------------------------------------------------------

// Counts the fields that are written.
template <class M>
struct FieldCounter {
  std::size_t count = 0;
  void required(std::string_view, const auto&) { ++count; }
  template <class T>
  void optional(std::string_view, const T& value) {
    if (!left_out(value)) ++count;
  }
};

struct FieldWriter {
  CborWriter& out;
  void required(std::string_view name, const auto& value) {
    out.text(name);
    write(out, value);
  }
  template <class T>
  void optional(std::string_view name, const T& value) {
    if (!left_out(value)) required(name, value);
  }
};

// Reads the value of the field `name`, if there is such a field.
struct FieldReader {
  CborReader& in;
  std::string_view name;
  std::uint32_t seen = 0;   // a bit for each field
  std::uint32_t field = 1;  // the bit of the next
  bool found = false;

  void required(std::string_view own_name, auto& value) { optional(own_name, value); }
  void optional(std::string_view own_name, auto& value) {
    const std::uint32_t bit = std::exchange(field, field << 1U);
    if (found || own_name != name) return;
    found = true;
    if ((seen & bit) != 0) throw MalformedMessage("has a field twice");
    seen |= bit;
    read(in, value);
  }
};

struct RequiredFields {
  std::uint32_t seen = 0;
  std::uint32_t field = 1;

  void required(std::string_view name, const auto&) {
    if ((seen & std::exchange(field, field << 1U)) == 0) throw MalformedMessage("lacks the field " + std::string{name});
  }
  void optional(std::string_view, const auto&) { field <<= 1U; }
};

}  // namespace wire

/// Appends the frame of a message.
template <class M>
void write_message(Bytes& out, const M& message) {
  write_frame(out, M::kind, [&] {
    CborWriter body{out};
    wire::FieldCounter<M> counter;
    M::fields(message, counter);
    body.map(counter.count);
    wire::FieldWriter writer{body};
    M::fields(message, writer);
  });
}

/// The message in a frame's body. \throws MalformedMessage
template <class M>
[[nodiscard]] M read_message(ByteView body) {
  M message;
  CborReader in{body};
  wire::FieldReader reader{in, {}};
  for (std::size_t left = in.map(); left > 0; --left) {
    reader.name = in.text();
    reader.field = 1;
    reader.found = false;
    M::fields(message, reader);
    if (!reader.found) in.skip();
  }
  in.require_end();
  wire::RequiredFields check{reader.seen};
  M::fields(message, check);
  return message;
}

}  // namespace hposearch::inline v0::cluster
