/// \file
/// What a command prints: reports, and its result in the last line that is one.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <hposearch/executor/parse.hpp>

namespace hposearch::inline v0::detail {

/// Reads just as much JSON as it takes to find one number in an object.
class JsonNumberReader {
 public:
  explicit JsonNumberReader(std::string_view text) : rest_(text) {}

  /// The number under `key` of an object that is all of the text; nothing where that is not so.
  [[nodiscard]] std::optional<double> find(std::string_view key) {
    std::optional<double> found;
    const bool whole = object([&](std::string_view name) {
      skip_blanks();
      const std::string_view before = rest_;
      if (!value(0)) return false;
      if (name == key) found = parse_number<double>(before.substr(0, before.size() - rest_.size()));
      return true;
    });
    return whole && trimmed(rest_).empty() ? found : std::nullopt;
  }

 private:
  static constexpr int deepest = 100;

  void skip_blanks() { rest_.remove_prefix(std::min(rest_.find_first_not_of(blanks), rest_.size())); }

  bool take(char c) {
    skip_blanks();
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // A string without its quotes, its escapes as they are.
  std::optional<std::string_view> string() {
    if (!take('"')) return std::nullopt;
    for (std::size_t i = 0; i < rest_.size(); ++i) {
      if (rest_[i] == '\\') {
        ++i;
      } else if (rest_[i] == '"') {
        const std::string_view text = rest_.substr(0, i);
        rest_.remove_prefix(i + 1);
        return text;
      }
    }
    return std::nullopt;
  }

  // { "name": <member(name)>, ... }
  template <class Member>
  bool object(const Member& member) {
    if (!take('{')) return false;
    if (take('}')) return true;
    do {
      const auto name = string();
      if (!name || !take(':') || !member(*name)) return false;
    } while (take(','));
    return take('}');
  }

  bool array(int depth) {
    if (!take('[')) return false;
    if (take(']')) return true;
    do {
      if (!value(depth)) return false;
    } while (take(','));
    return take(']');
  }

  bool value(int depth) {
    if (depth > deepest) return false;
    skip_blanks();
    if (rest_.starts_with('"')) return string().has_value();
    if (rest_.starts_with('[')) return array(depth + 1);
    if (rest_.starts_with('{')) return object([&](std::string_view) { return value(depth + 1); });
    const std::size_t length = std::min(rest_.find_first_of(",]} \t\r\n"), rest_.size());
    rest_.remove_prefix(length);  // a number, true, false or null
    return length > 0;
  }

  std::string_view rest_;
};

/// The result that a line is: a number, or a JSON object with a number under "value".
[[nodiscard]] inline std::optional<double> parse_result(std::string_view line) {
  const std::string_view text = trimmed(line);
  if (const auto number = parse_number<double>(text)) return number;
  return JsonNumberReader{text}.find("value");
}

/// "hposearch: report STEP VALUE"
[[nodiscard]] inline std::optional<std::pair<std::int64_t, double>> parse_report(std::string_view line) {
  constexpr std::string_view prefix = "hposearch: report ";
  std::string_view text = trimmed(line);
  if (!text.starts_with(prefix)) return std::nullopt;
  text = trimmed(text.substr(prefix.size()));
  const std::size_t blank = text.find_first_of(blanks);
  if (blank == std::string_view::npos) return std::nullopt;
  const auto step = parse_number<std::int64_t>(text.substr(0, blank));
  const auto value = parse_number<double>(trimmed(text.substr(blank)));
  if (!step || !value) return std::nullopt;
  return std::pair{*step, *value};
}

/// Cuts a text that comes in pieces into lines.
class LineSplitter {
 public:
  /// Calls `take` with each line that is complete now, without its newline.
  template <class Take>
  void feed(std::string_view text, const Take& take) {
    for (std::size_t newline = 0; (newline = text.find('\n')) != std::string_view::npos;) {
      keep(text.substr(0, newline));
      text.remove_prefix(newline + 1);
      take(std::string_view{line_});
      line_.clear();
    }
    keep(text);
  }

  /// Calls `take` with what is left, at the end of the text.
  template <class Take>
  void finish(const Take& take) {
    if (!line_.empty()) take(std::string_view{line_});
    line_.clear();
  }

 private:
  static constexpr std::size_t longest = std::size_t{1} << 20;  // no result or report; the rest of it is dropped

  void keep(std::string_view text) { line_.append(text.substr(0, longest - line_.size())); }

  std::string line_;
};

}  // namespace hposearch::inline v0::detail
