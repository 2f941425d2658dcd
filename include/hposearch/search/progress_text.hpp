/// \file
/// A search's status as one line of text.
#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

#include <hposearch/search/status.hpp>

namespace hposearch::inline v0 {

namespace detail {

// "1:02:03", "02:03"; "?" where it is not known.
inline std::string clock_text(double seconds) {
  if (!(seconds >= 0) || seconds > 1e9) return "?";
  const auto s = static_cast<long long>(std::llround(seconds));
  if (s < 3600) return fmt::format("{:02}:{:02}", s / 60, s % 60);
  return fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
}

// "12.3/s", or "4.56 s each" below one a second.
inline std::string rate_text(double per_second) {
  if (!(per_second > 0)) return "?/s";
  return per_second >= 1 ? fmt::format("{:.3g}/s", per_second) : fmt::format("{:.3g} s each", 1 / per_second);
}

// "lr=0.0031256184129 pool=max" with four digits a number: enough to recognise a point by.
inline std::string short_numbers(std::string_view point) {
  std::string text;
  while (!point.empty()) {
    const std::size_t end = std::min(point.find_first_of("= "), point.size());
    const std::string_view word = point.substr(0, end);
    double number = 0;
    const auto [rest, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    const bool whole = error == std::errc{} && rest == word.data() + word.size();
    text += whole && word.find_first_of(".e") != word.npos ? fmt::format("{:.4g}", number) : std::string{word};
    if (end < point.size()) text += point[end];
    point.remove_prefix(std::min(end + 1, point.size()));
  }
  return text;
}

}  // namespace detail

/// "12/60 [00:31<02:04, 2.58 s each] best 0.123 at lr=0.01 | 1 failed 2 pruned | 3/3 busy", without a bar.
[[nodiscard]] inline std::string progress_text(const SearchStatus& status) {
  const double elapsed = status.elapsed.count();
  const double rate = elapsed > 0 ? static_cast<double>(status.ended) / elapsed : 0;
  std::string text = fmt::format("{}", status.ended);
  if (status.planned) text += fmt::format("/{}", *status.planned);
  text += " [" + detail::clock_text(elapsed);
  if (status.planned && !status.over) {
    const auto left = static_cast<double>(*status.planned - std::min(*status.planned, status.ended));
    text += "<" + detail::clock_text(rate > 0 ? left / rate : -1);
  }
  text += ", " + detail::rate_text(rate) + "]";
  if (status.best_value)
    text += fmt::format(" best {:.6g} at {}", *status.best_value, detail::short_numbers(status.best_point));
  if (status.failed + status.pruned + status.cancelled > 0) text += " |";
  if (status.failed > 0) text += fmt::format(" {} failed", status.failed);
  if (status.pruned > 0) text += fmt::format(" {} pruned", status.pruned);
  if (status.cancelled > 0) text += fmt::format(" {} cancelled", status.cancelled);
  if (!status.over) text += fmt::format(" | {}/{} busy", status.running, status.slots);
  if (!status.executor.empty() && !status.over) text += " | " + status.executor;
  if (status.stopping && !status.over) text += " | finishing what runs";
  return text;
}

/// A bar of `width` columns filled as far as the search is, or empty text where its length is not known.
[[nodiscard]] inline std::string progress_bar(const SearchStatus& status, std::size_t width) {
  if (!status.planned || *status.planned == 0 || width == 0) return {};
  const double share = std::min(1.0, static_cast<double>(status.ended) / static_cast<double>(*status.planned));
  const auto filled = static_cast<std::size_t>(share * static_cast<double>(width));
  std::string bar;
  for (std::size_t i = 0; i < width; ++i) bar += i < filled ? "█" : "░";
  return fmt::format("{:3.0f}% {} ", 100 * share, bar);
}

}  // namespace hposearch::inline v0
