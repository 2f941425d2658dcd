/// \file
/// Shows a search on the terminal.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#if defined(__unix__) || defined(__APPLE__)
#include <sys/ioctl.h>
#include <unistd.h>
#endif

#include <hposearch/search/progress_text.hpp>
#include <hposearch/search/status.hpp>

namespace hposearch::inline v0 {

/// A property that is found out from the stream and the environment unless it is said.
enum class Toggle : std::uint8_t { detect, off, on };

/// How Progress shows itself.
struct ProgressOptions {
  std::FILE* stream = stdout;
  Toggle terminal = Toggle::detect;  ///< on: one line is redrawn; off: a line is printed now and then
  Toggle color = Toggle::detect;     ///< on terminals, unless the environment variable NO_COLOR is set and not empty
  std::size_t width = 0;             ///< columns; 0: the terminal's
  std::chrono::duration<double> plain_interval{10};  ///< without a terminal: a line at least this often
};

/// A ProgressObserver for the terminal: `minimize(f, optimizer, workers, {.trials = 60, .on_progress = Progress{}})`.
///
/// On a terminal one line is redrawn at most ten times a second: a bar, trials ended and planned, time elapsed and
/// left, rate, best value and its point, failed and pruned counts, busy slots. Elsewhere it prints plain lines: at
/// each improvement, at every tenth of the search, and at least every `plain_interval` while trials end.
class Progress {
 public:
  explicit Progress(ProgressOptions options = {}) : options_(options) {
    terminal_ = options_.terminal == Toggle::detect ? is_terminal() : options_.terminal == Toggle::on;
    color_ = options_.color == Toggle::detect ? terminal_ && !no_color() : options_.color == Toggle::on;
  }

  void operator()(const SearchStatus& status) {
    if (terminal_) {
      redraw(status);
    } else {
      print(status);
    }
  }

 private:
  void redraw(const SearchStatus& status) {
    const auto elapsed = status.elapsed;
    if (!status.over && shown_ && elapsed - *shown_ < std::chrono::milliseconds{100}) return;
    shown_ = elapsed;
    constexpr std::size_t bar_width = 20, bar_columns = bar_width + 6;
    const std::string bar = progress_bar(status, bar_width);
    std::string text = progress_text(status);
    const std::size_t taken = bar.empty() ? 0 : bar_columns;
    const std::size_t columns = options_.width == 0 ? terminal_width() : options_.width;
    // One column is left free, since terminals wrap when the last one is written.
    if (columns > taken + 4 && text.size() >= columns - taken) text = text.substr(0, columns - taken - 4) + "...";
    const std::string_view on = color_ ? "\x1b[36m" : "", off = color_ ? "\x1b[0m" : "";
    write(fmt::format("\r{}{}{}{}\x1b[K{}", on, bar, off, text, status.over ? "\n" : ""));
  }

  void print(const SearchStatus& status) {
    const std::size_t tenth = status.planned && *status.planned > 0 ? 10 * status.ended / *status.planned : 0;
    const bool improved = status.best_value != best_;
    const bool due = status.ended > ended_ && (!shown_ || status.elapsed - *shown_ >= options_.plain_interval);
    if (!status.over && !improved && tenth == tenth_ && !due) return;
    shown_ = status.elapsed;
    best_ = status.best_value;
    tenth_ = tenth;
    ended_ = status.ended;
    write(progress_text(status) + "\n");
  }

  void write(const std::string& text) {
    std::fwrite(text.data(), 1, text.size(), options_.stream);
    std::fflush(options_.stream);
  }

  [[nodiscard]] static bool no_color() {
    const char* set = std::getenv("NO_COLOR");
    return set != nullptr && *set != '\0';
  }

  [[nodiscard]] bool is_terminal() const {
#if defined(__unix__) || defined(__APPLE__)
    return isatty(fileno(options_.stream)) == 1;
#else
    return false;
#endif
  }

  [[nodiscard]] std::size_t terminal_width() const {
#if defined(__unix__) || defined(__APPLE__)
    winsize size{};
    if (ioctl(fileno(options_.stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
#endif
    return 80;
  }

  ProgressOptions options_;
  bool terminal_ = false;
  bool color_ = false;
  std::optional<std::chrono::duration<double>> shown_;
  std::optional<double> best_;
  std::size_t tenth_ = 0;
  std::size_t ended_ = 0;
};

}  // namespace hposearch::inline v0
