/// \file
/// How a point reaches an external command: the names, texts and JSON of its values.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <hposearch/text.hpp>

namespace hposearch::inline v0 {

/// One value of a point.
struct CommandValue {
  std::string name;
  std::string text;  ///< plain, for argument lists and environments
  std::string json;
  friend bool operator==(const CommandValue&, const CommandValue&) = default;
};

namespace detail {

/// `text` as a JSON string.
[[nodiscard]] inline std::string json_string(std::string_view text) {
  constexpr std::string_view hex = "0123456789abcdef";
  std::string json = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      json += {'\\', c};
    } else if (const auto code = static_cast<unsigned char>(c); code < 0x20) {
      json += std::string{"\\u00"} + hex[code / 16] + hex[code % 16];
    } else {
      json += c;
    }
  }
  return json += '"';
}

/// The JSON of a value with this text: numbers and bools bare, a double always with a point or exponent, the rest as
/// strings.
template <class V>
[[nodiscard]] std::string json_value(const V&, const std::string& text) {
  if constexpr (std::floating_point<V>) {
    return text.find_first_of(".en") == std::string::npos ? text + ".0" : text;
  } else if constexpr (std::is_arithmetic_v<V>) {
    return text;
  } else {
    return json_string(text);
  }
}

template <class P>
concept NamedTuplePoint = requires(const P& point) {
  std::tuple_size<std::remove_cvref_t<decltype(point.dimensions())>>::value;
  std::tuple_size<std::remove_cvref_t<decltype(point.values())>>::value;
};

template <class P>
concept NamedDynamicPoint = requires(const P& point, std::size_t i) {
  { point.size() } -> std::convertible_to<std::size_t>;
  { point.name(i) } -> std::convertible_to<std::string>;
  std::visit([](const auto&) {}, point.value(i));
  point.dimensions()[i].text(point.value(i));
};

}  // namespace detail

/// The values of a static space's point.
template <detail::NamedTuplePoint P>
[[nodiscard]] std::vector<CommandValue> command_values(const P& point) {
  std::vector<CommandValue> values;
  const auto add = [&](const auto& dimension, const auto& value) {
    std::string text = dimension.text(value);
    std::string json = detail::json_value(value, text);
    values.push_back({dimension.name(), std::move(text), std::move(json)});
  };
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (add(std::get<I>(point.dimensions()), std::get<I>(point.values())), ...);
  }
  (std::make_index_sequence<std::tuple_size<std::remove_cvref_t<decltype(point.values())>>::value>{});
  return values;
}

/// The values of a dynamic space's point.
template <detail::NamedDynamicPoint P>
[[nodiscard]] std::vector<CommandValue> command_values(const P& point) {
  std::vector<CommandValue> values;
  for (std::size_t i = 0; i < point.size(); ++i) {
    std::string text = point.dimensions()[i].text(point.value(i));
    std::string json = std::visit([&](const auto& held) { return detail::json_value(held, text); }, point.value(i));
    values.push_back({point.name(i), std::move(text), std::move(json)});
  }
  return values;
}

/// P can be handed to a command. Another type of point joins by a function `command_values(const P&)` in its namespace.
template <class P>
concept CommandPoint = requires(const P& point) {
  { command_values(point) } -> std::same_as<std::vector<CommandValue>>;
};

namespace detail {

/// The whole point as a JSON object on one line, with the newline.
[[nodiscard]] inline std::string command_line(const std::vector<CommandValue>& values) {
  std::string line = "{";
  for (const CommandValue& value : values) {
    if (line.size() > 1) line += ", ";
    line += json_string(value.name) + ": " + value.json;
  }
  return line += "}\n";
}

/// HPO_ and the name in capitals, everything but letters and digits replaced by '_'.
[[nodiscard]] inline std::string command_variable(std::string_view name) {
  std::string variable = "HPO_";
  for (const char c : name) {
    const bool lower = c >= 'a' && c <= 'z';
    const bool kept = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    variable += lower ? static_cast<char>(c - 'a' + 'A') : kept ? c : '_';
  }
  return variable;
}

/// `argument` with each {name} replaced by the text of that value. Braces around anything else stay.
[[nodiscard]] inline std::string fill_placeholders(std::string_view argument, const std::vector<CommandValue>& values) {
  std::string filled;
  while (!argument.empty()) {
    const auto named = std::ranges::find_if(values, [argument](const CommandValue& value) {
      return argument.size() >= value.name.size() + 2 && argument.front() == '{' &&
             argument.substr(1, value.name.size()) == value.name && argument[value.name.size() + 1] == '}';
    });
    if (named != values.end()) {
      filled += named->text;
      argument.remove_prefix(named->name.size() + 2);
    } else {
      filled += argument.front();
      argument.remove_prefix(1);
    }
  }
  return filled;
}

}  // namespace detail
}  // namespace hposearch::inline v0
