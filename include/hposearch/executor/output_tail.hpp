/// \file
/// The end of what a process printed.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hposearch::inline v0::detail {

/// Keeps the last lines of a text that comes in pieces, in bounded memory.
class OutputTail {
 public:
  /// \param lines how many lines are kept; of very long ones only what fits in 64 KiB together
  explicit OutputTail(std::size_t lines) : lines_(lines) {}

  void append(std::string_view text) {
    text_.append(text);
    if (text_.size() > 2 * limit) text_.erase(0, text_.size() - limit);
  }

  /// The last lines, without the newline at the very end.
  [[nodiscard]] std::string text() const {
    std::string_view rest = text_;
    if (rest.ends_with('\n')) rest.remove_suffix(1);
    if (rest.size() > limit) rest.remove_prefix(rest.size() - limit);
    std::size_t begin = rest.size();
    for (std::size_t line = 0; line < lines_; ++line) {
      const std::size_t newline = begin == 0 ? std::string_view::npos : rest.rfind('\n', begin - 1);
      if (newline == std::string_view::npos) return std::string{rest};
      begin = newline;
    }
    return lines_ == 0 ? std::string{} : std::string{rest.substr(begin + 1)};
  }

 private:
  static constexpr std::size_t limit = std::size_t{1} << 16;
  std::size_t lines_;
  std::string text_;
};

}  // namespace hposearch::inline v0::detail
