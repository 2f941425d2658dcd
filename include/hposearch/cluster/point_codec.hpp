/// \file
/// Points on the wire: a map from the names of dimensions to values, so that a worker in any language can read them.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <hposearch/cluster/bytes.hpp>
#include <hposearch/cluster/cbor.hpp>
#include <hposearch/error.hpp>
#include <hposearch/space/dynamic_dimension.hpp>
#include <hposearch/space/dynamic_point.hpp>
#include <hposearch/space/dynamic_space.hpp>
#include <hposearch/space/point.hpp>
#include <hposearch/space/rules.hpp>
#include <hposearch/space/space.hpp>
#include <hposearch/space/value.hpp>

namespace hposearch::inline v0::cluster {

/// Integers, doubles, bools and strings as they are; what else a choice may be, by its text.
inline void write_value(CborWriter& out, const DynamicValue& value) {
  std::visit(
      [&](const auto& held) {
        using V = std::remove_cvref_t<decltype(held)>;
        if constexpr (std::same_as<V, bool>)
          out.boolean(held);
        else if constexpr (std::same_as<V, std::int64_t>)
          out.integer(held);
        else if constexpr (std::same_as<V, double>)
          out.real(held);
        else
          out.text(held);
      },
      value);
}

/// \throws MalformedMessage where there is another kind of item
[[nodiscard]] inline DynamicValue read_value(CborReader& in) {
  using Kind = CborReader::Kind;
  switch (in.peek()) {
    case Kind::boolean:
      return in.boolean();
    case Kind::uint:
    case Kind::negative:
      return in.integer();
    case Kind::real:
      return in.number();
    case Kind::text:
      return std::string{in.text()};
    default:
      throw MalformedMessage("a value must be a number, a text, true or false");
  }
}

template <Dimension... Ds>
void write_point(CborWriter& out, const Point<Ds...>& point) {
  out.map(sizeof...(Ds));
  const auto write = [&](const auto& dimension, const auto& value) {
    out.text(dimension.name());
    write_value(out, dynamic_value(dimension, value));
  };
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (write(std::get<I>(point.dimensions()), std::get<I>(point.values())), ...);
  }
  (std::index_sequence_for<Ds...>{});
}

inline void write_point(CborWriter& out, const DynamicPoint& point) {
  out.map(point.size());
  for (std::size_t i = 0; i < point.size(); ++i) {
    out.text(point.name(i));
    write_value(out, point.value(i));
  }
}

/// A point that can be sent. Another type joins by a function `write_point(CborWriter&, const P&)` in its namespace.
template <class P>
concept WirePoint = requires(CborWriter& out, const P& point) {
  write_point(out, point);
};

template <WirePoint P>
[[nodiscard]] Bytes encode_point(const P& point) {
  Bytes bytes;
  CborWriter out{bytes};
  write_point(out, point);
  return bytes;
}

/// All names with their values. \throws MalformedMessage
[[nodiscard]] inline std::vector<NamedValue> read_values(ByteView item) {
  CborReader in{item};
  std::vector<NamedValue> values;
  for (std::size_t left = in.map(); left > 0; --left) {
    NamedValue& value = values.emplace_back();
    value.name = in.text();
    value.value = read_value(in);
  }
  in.require_end();
  return values;
}

/// The point of a space with these values.
/// \throws InvalidPoint where the space has no such point
[[nodiscard]] inline DynamicPoint point_with(const DynamicSpace& space, const std::vector<NamedValue>& values) {
  return space.make_point(values);
}

/// The value of a dimension that was sent as `sent`, exactly. \throws InvalidPoint where there is none
template <Dimension D>
[[nodiscard]] typename D::value_type own_value(const D& dimension, const DynamicValue& sent) {
  using V = typename D::value_type;
  const auto refuse = [&] {
    return InvalidPoint(dimension.name(), message_text(sent), "is no value of the dimension");
  };
  if constexpr (requires { dimension.choices(); }) {
    for (const auto& choice : dimension.choices())
      if (dynamic_value(dimension, choice) == sent) return choice;
    throw refuse();
  } else {
    std::optional<V> value;
    std::visit(
        [&](const auto& held) {
          if constexpr (EntersAs<std::remove_cvref_t<decltype(held)>, V>) value = enter_as<V>(held);
        },
        sent);
    if (!value) throw refuse();
    return *value;
  }
}

template <Dimension... Ds>
[[nodiscard]] Point<Ds...> point_with(const Space<Ds...>& space, const std::vector<NamedValue>& values) {
  const auto find = [&](const auto& dimension) {
    for (const NamedValue& value : values)
      if (value.name == dimension.name()) return own_value(dimension, value.value);
    throw InvalidPoint(dimension.name(), "nothing", must_have_value_rule);
  };
  return std::apply([&](const auto&... dimensions) { return space.make_point(find(dimensions)...); },
                    space.dimensions());
}

/// The point of a space that was encoded. \throws MalformedMessage, InvalidPoint
template <class S>
[[nodiscard]] typename S::point_type decode_point(const S& space, ByteView item) {
  return point_with(space, read_values(item));
}

}  // namespace hposearch::inline v0::cluster
