/// \file
/// Numbers as text for messages and files, the same with every standard library and locale.
#pragma once

#include <array>
#include <charconv>
#include <concepts>
#include <string>
#include <string_view>

namespace hposearch::inline v0 {

/// The shortest text that reads back as exactly `value` ("nan", "inf" and "-inf" included).
template <class T>
  requires(std::integral<T> || std::floating_point<T>)
[[nodiscard]] std::string to_text(T value) {
  if constexpr (std::same_as<T, bool>) {
    return value ? "true" : "false";
  } else {
    std::array<char, 64> buffer;
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
    return {buffer.data(), end};
  }
}

/// `text` in double quotes, as it is shown in messages. An object, since a function would lose against std::quoted,
/// which a std::string argument finds wherever <iomanip> is included.
inline constexpr auto quoted = [](std::string_view text) { return '"' + std::string{text} + '"'; };

}  // namespace hposearch::inline v0
