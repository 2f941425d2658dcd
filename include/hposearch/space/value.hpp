/// \file
/// The values of dimensions: which types may be exchanged for which, and their texts.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include <hposearch/text.hpp>

namespace hposearch::inline v0 {

/// A value whose type is known at run time only.
using DynamicValue = std::variant<bool, std::int64_t, double, std::string>;

/// Integral types that count: all but bool and the character types (`signed char` and `unsigned char` count).
template <class T>
concept CountingIntegral =
    std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char> && !std::same_as<T, wchar_t> &&
    !std::same_as<T, char8_t> && !std::same_as<T, char16_t> && !std::same_as<T, char32_t>;

/// A space's value of type V may leave it as a T without changing: the same type, another integral type (checked for
/// its range), or a view of a string. A double leaves as a double only.
template <class V, class T>
concept LeavesAs = std::same_as<V, T> ||(CountingIntegral<V>&& CountingIntegral<T>) ||
                   (std::same_as<V, std::string> && std::same_as<T, std::string_view>);

/// A user's value of type T may enter a dimension with values of type V: what LeavesAs allows, any number for a
/// double, any text for a string.
template <class T, class V>
concept EntersAs = std::same_as<T, V> ||(CountingIntegral<T>&& CountingIntegral<V>) ||
                   ((CountingIntegral<T> || std::floating_point<T>)&&std::same_as<V, double>) ||
                   (std::convertible_to<const T&, std::string_view> && std::same_as<V, std::string>);

/// `value` as a T, or nothing where a T cannot hold it.
template <class T, class V>
  requires LeavesAs<V, T>
[[nodiscard]] std::optional<T> leave_as(const V& value) {
  if constexpr (CountingIntegral<V> && CountingIntegral<T>) {
    if (!std::in_range<T>(value)) return {};
    return static_cast<T>(value);
  } else {
    return T(value);
  }
}

/// `value` as a dimension's V, or nothing where a V cannot hold it.
template <class V, class T>
  requires EntersAs<T, V>
[[nodiscard]] std::optional<V> enter_as(const T& value) {
  if constexpr (CountingIntegral<T> && CountingIntegral<V>) {
    return leave_as<V>(value);
  } else if constexpr (std::same_as<V, std::string>) {
    return V{std::string_view{value}};
  } else {
    return static_cast<V>(value);
  }
}

namespace detail {

template <class T>
concept HasText = requires(const T& value) {
  { to_text(value) } -> std::convertible_to<std::string_view>;
};

}  // namespace detail

/// Types that have a text of their own: strings, numbers, enumerations (their number), and those for which
/// `to_text(value)` is found by argument-dependent lookup.
template <class T>
concept Printable = std::same_as<T, DynamicValue> || std::convertible_to<const T&, std::string_view> ||
    std::is_arithmetic_v<T> || std::is_enum_v<T> || detail::HasText<T>;

/// The text of a value as it is shown to people and written into files.
template <Printable T>
[[nodiscard]] std::string value_text(const T& value) {
  if constexpr (std::same_as<T, DynamicValue>) {
    return std::visit([](const auto& held) { return value_text(held); }, value);
  } else if constexpr (std::convertible_to<const T&, std::string_view>) {
    return std::string{std::string_view{value}};
  } else if constexpr (detail::HasText<T>) {
    return std::string{std::string_view{to_text(value)}};
  } else if constexpr (std::is_enum_v<T>) {
    return to_text(static_cast<std::int64_t>(value));
  }
}

/// The text of a value in messages: strings are quoted, types without a text are shown as "?".
template <class T>
[[nodiscard]] std::string message_text(const T& value) {
  if constexpr (std::same_as<T, DynamicValue>) {
    return std::visit([](const auto& held) { return message_text(held); }, value);
  } else if constexpr (std::convertible_to<const T&, std::string_view>) {
    return quoted(value);
  } else if constexpr (Printable<T>) {
    return value_text(value);
  } else {
    return "?";
  }
}

/// "[low, high]".
template <class Low, class High>
[[nodiscard]] std::string range_text(Low low, High high) {
  return '[' + to_text(low) + ", " + to_text(high) + ']';
}

}  // namespace hposearch::inline v0
