/// \file
/// CBOR (RFC 8949) for messages: a writer that appends, and a reader that pulls one item after the other and believes
/// no length that it was told. Both over libcbor.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include <cbor.h>

#include <hposearch/cluster/bytes.hpp>
#include <hposearch/error.hpp>

namespace hposearch::inline v0::cluster {

/// A message that is not what the protocol says.
class MalformedMessage : public Error {
 public:
  using Error::Error;
};

/// Appends items to bytes. Every item has a definite length.
class CborWriter {
 public:
  explicit CborWriter(Bytes& out) : out_(out) {}

  void uint(std::uint64_t value) { put(cbor_encode_uint, value); }
  void integer(std::int64_t value) {
    if (value >= 0) {
      uint(static_cast<std::uint64_t>(value));
    } else {
      put(cbor_encode_negint, ~static_cast<std::uint64_t>(value));
    }
  }
  void real(double value) { put(cbor_encode_double, value); }
  void boolean(bool value) { put(cbor_encode_bool, value); }
  void text(std::string_view value) {
    put(cbor_encode_string_start, value.size());
    append(out_, bytes_of(value));
  }
  void bytes(ByteView value) {
    put(cbor_encode_bytestring_start, value.size());
    append(out_, value);
  }
  void array(std::size_t count) { put(cbor_encode_array_start, count); }
  void map(std::size_t pairs) { put(cbor_encode_map_start, pairs); }
  /// An item that is encoded already.
  void raw(ByteView item) { append(out_, item); }

 private:
  template <class Encode, class T>
  void put(const Encode& encode, T value) {
    std::array<unsigned char, 9> buffer;
    append(out_, {buffer.data(), encode(value, buffer.data(), buffer.size())});
  }

  Bytes& out_;
};

/// Reads items one by one. Items of indefinite length, tags and values that JSON does not know are refused.
/// All functions throw MalformedMessage where what comes next is not what was asked for.
class CborReader {
 public:
  explicit CborReader(ByteView bytes) : rest_(bytes) {}

  [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }
  void require_end() const {
    if (!at_end()) throw MalformedMessage("there is more after the message");
  }

  [[nodiscard]] std::uint64_t uint() { return expect(Kind::uint, "a number that is not negative").number; }
  [[nodiscard]] std::int64_t integer() {
    const Item item = next();
    const bool fits = item.number <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (!fits || (item.kind != Kind::uint && item.kind != Kind::negative)) refuse("an integer of 64 bits");
    return signed_number(item);
  }
  /// A float of any width, or an integer.
  [[nodiscard]] double number() {
    const Item item = next();
    if (item.kind == Kind::real) return item.real;
    if (item.kind == Kind::uint) return static_cast<double>(item.number);
    if (item.kind == Kind::negative) return -1.0 - static_cast<double>(item.number);
    refuse("a number");
  }
  [[nodiscard]] bool boolean() { return expect(Kind::boolean, "true or false").number != 0; }
  [[nodiscard]] std::string_view text() { return text_of(expect(Kind::text, "a text").data); }
  [[nodiscard]] ByteView bytes() { return expect(Kind::bytes, "bytes").data; }
  /// The number of items that follow, never more than could be there.
  [[nodiscard]] std::size_t array() { return count(Kind::array, "an array", 1); }
  /// The number of pairs that follow, never more than could be there.
  [[nodiscard]] std::size_t map() { return count(Kind::map, "a map", 2); }

  enum class Kind : std::uint8_t { none, uint, negative, real, boolean, null, text, bytes, array, map };
  /// What comes next, without taking it.
  [[nodiscard]] Kind peek() const {
    CborReader copy = *this;
    return copy.next().kind;
  }

  /// Takes one item, with all that is in it. \returns its bytes
  ByteView skip() {
    const ByteView before = rest_;
    std::size_t wanted = 1;  // items still to be taken
    std::array<std::size_t, max_depth> outer{};
    std::size_t depth = 0;
    for (;;) {
      while (wanted == 0) {
        if (depth == 0) return before.first(before.size() - rest_.size());
        wanted = outer[--depth];
      }
      --wanted;
      const Item item = next();
      if (item.kind != Kind::array && item.kind != Kind::map) continue;
      if (depth == max_depth) throw MalformedMessage("nested too deeply");
      outer[depth++] = wanted;
      wanted = checked_count(item, item.kind == Kind::map ? 2 : 1) * (item.kind == Kind::map ? 2 : 1);
    }
  }

 private:
  static constexpr std::size_t max_depth = 16;

  struct Item {
    Kind kind = Kind::none;
    std::uint64_t number = 0;  // for `negative`, the value is -1 - number
    double real = 0;
    ByteView data{};
  };

  [[nodiscard]] static std::int64_t signed_number(const Item& item) noexcept {
    const auto number = static_cast<std::int64_t>(item.number);
    return item.kind == Kind::negative ? -1 - number : number;
  }

  [[noreturn]] static void refuse(const char* wanted) {
    throw MalformedMessage(std::string{"there must be "} + wanted);
  }

  [[nodiscard]] Item expect(Kind kind, const char* wanted) {
    const Item item = next();
    if (item.kind != kind) refuse(wanted);
    return item;
  }

  [[nodiscard]] std::size_t count(Kind kind, const char* wanted, std::size_t items) {
    return checked_count(expect(kind, wanted), items);
  }

  // Each item takes a byte at least: larger counts are lies.
  [[nodiscard]] std::size_t checked_count(const Item& item, std::size_t items) const {
    if (item.number > rest_.size() / items) throw MalformedMessage("has fewer items than it says");
    return static_cast<std::size_t>(item.number);
  }

  [[nodiscard]] Item next() {
    Item item;
    const cbor_decoder_result result = cbor_stream_decode(rest_.data(), rest_.size(), &callbacks(), &item);
    if (result.status != CBOR_DECODER_FINISHED || result.read == 0)
      throw MalformedMessage("ends too early or is no CBOR");
    if (item.kind == Kind::none) throw MalformedMessage("has an item of a kind that is not used here");
    rest_ = rest_.subspan(result.read);
    return item;
  }

  template <Kind kind, class T>
  static void on_number(void* item, T value) {
    *static_cast<Item*>(item) = {kind, static_cast<std::uint64_t>(value)};
  }
  template <class T>
  static void on_real(void* item, T value) {
    *static_cast<Item*>(item) = {Kind::real, 0, static_cast<double>(value)};
  }
  template <Kind kind, class Size>
  static void on_data(void* item, cbor_data data, Size size) {
    *static_cast<Item*>(item) = {kind, 0, 0, {data, static_cast<std::size_t>(size)}};
  }

  // Whatever has no function here leaves the item without a kind.
  [[nodiscard]] static const cbor_callbacks& callbacks() {
    static const cbor_callbacks table = [] {
      cbor_callbacks made = cbor_empty_callbacks;
      made.uint8 = on_number<Kind::uint, std::uint8_t>;
      made.uint16 = on_number<Kind::uint, std::uint16_t>;
      made.uint32 = on_number<Kind::uint, std::uint32_t>;
      made.uint64 = on_number<Kind::uint, std::uint64_t>;
      made.negint8 = on_number<Kind::negative, std::uint8_t>;
      made.negint16 = on_number<Kind::negative, std::uint16_t>;
      made.negint32 = on_number<Kind::negative, std::uint32_t>;
      made.negint64 = on_number<Kind::negative, std::uint64_t>;
      made.array_start = on_number<Kind::array>;
      made.map_start = on_number<Kind::map>;
      made.boolean = on_number<Kind::boolean, bool>;
      made.null = [](void* item) { static_cast<Item*>(item)->kind = Kind::null; };
      made.float2 = on_real<float>;
      made.float4 = on_real<float>;
      made.float8 = on_real<double>;
      made.string = on_data<Kind::text>;
      made.byte_string = on_data<Kind::bytes>;
      return made;
    }();
    return table;
  }

  ByteView rest_;
};

}  // namespace hposearch::inline v0::cluster
