/// \file
/// What every plot is made of: text that is safe in HTML, scales, ticks and a frame.
#pragma once

#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace report {

/// `text` as it may stand in HTML and SVG, between tags and in quoted attributes.
[[nodiscard]] inline std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      default:
        result += c;
    }
  return result;
}

/// A number with four digits that count.
[[nodiscard]] inline std::string number(double value) { return fmt::format("{:.4g}", value); }

struct Tick {
  double value;
  std::string label;
};

/// Maps values to pixels.
class Scale {
 public:
  /// \param values what must be visible; numbers that are not finite, or not above 0 on a log scale, are overlooked
  /// \param from   pixel of the smallest value
  /// \param to     pixel of the largest
  Scale(std::span<const double> values, bool log, double from, double to) : log_(log), from_(from), to_(to) {
    bool any = false;
    for (const double value : values) {
      if (!std::isfinite(value) || (log && value <= 0)) continue;
      const double t = transformed(value);
      low_ = any ? std::min(low_, t) : t;
      high_ = any ? std::max(high_, t) : t;
      any = true;
    }
    if (!any) high_ = 1;
    // A little air, so that no mark lies on the frame; and a width where all values are the same.
    const double air = high_ > low_ ? 0.04 * (high_ - low_) : log ? 0.3 : std::max(0.5, 0.1 * std::abs(low_));
    low_ -= air;
    high_ += air;
  }

  [[nodiscard]] double operator()(double value) const {
    return from_ + (to_ - from_) * (transformed(value) - low_) / (high_ - low_);
  }

  /// Round numbers within the scale.
  /// \param room pixels that a label needs
  [[nodiscard]] std::vector<Tick> ticks(double room) const {
    const double apart = (high_ - low_) * room / std::abs(to_ - from_);
    // One, two, five and ten are a third of a decade apart.
    return log_ ? decades(std::ceil(apart), apart < 0.3) : multiples(apart);
  }

 private:
  /// Every `skip`-th power of ten; with twice and five times those if they are `finer`.
  [[nodiscard]] std::vector<Tick> decades(double skip, bool finer) const {
    std::vector<Tick> result;
    for (double decade = skip * std::floor(low_ / skip); decade <= high_; decade += skip)
      for (const double digit : {1.0, 2.0, 5.0}) {
        const double t = decade + std::log10(digit);
        if ((digit > 1 && !finer) || t < low_ || t > high_) continue;
        const bool plain = decade >= -3 && decade <= 4;
        const double value = digit * std::pow(10, decade);
        result.push_back({value, plain ? fmt::format("{:.6g}", value) : fmt::format("{}e{}", digit, decade)});
      }
    return result;
  }

  /// Multiples of 1, 2 or 5 times a power of ten, at least `apart` from each other.
  [[nodiscard]] std::vector<Tick> multiples(double apart) const {
    const double power = std::pow(10, std::floor(std::log10(apart)));
    const double step = power * (apart <= power ? 1 : apart <= 2 * power ? 2 : apart <= 5 * power ? 5 : 10);
    std::vector<Tick> result;
    for (double k = std::ceil(low_ / step); k * step <= high_; ++k)
      result.push_back({k * step, fmt::format("{:.6g}", k * step + 0.0)});
    return result;
  }

  [[nodiscard]] double transformed(double value) const { return log_ ? std::log10(value) : value; }

  bool log_;
  double from_, to_;
  double low_ = 0, high_ = 0;
};

/// Where a plot's inside lies in its picture, in pixels.
struct Frame {
  double width = 720, height = 320;
  double left = 62, right = 14, top = 12, bottom = 46;

  [[nodiscard]] double x0() const { return left; }
  [[nodiscard]] double x1() const { return width - right; }
  [[nodiscard]] double y0() const { return height - bottom; }  ///< lower edge
  [[nodiscard]] double y1() const { return top; }
};

/// Ticks of a scale from left to right, and of one from bottom to top.
[[nodiscard]] inline std::vector<Tick> x_ticks(const Scale& scale) { return scale.ticks(50); }
[[nodiscard]] inline std::vector<Tick> y_ticks(const Scale& scale) { return scale.ticks(26); }

/// The horizontal axis below the frame.
[[nodiscard]] inline std::string x_axis(const Frame& frame, const Scale& x, std::span<const Tick> ticks,
                                        std::string_view name) {
  std::string svg =
      fmt::format("<path class=\"tick\" d=\"M{:.1f} {:.1f}H{:.1f}\"/>", frame.x0(), frame.y0(), frame.x1());
  for (const auto& tick : ticks)
    svg += fmt::format(
        "<path class=\"tick\" d=\"M{0:.1f} {1:.1f}v5\"/><text class=\"middle\" x=\"{0:.1f}\" "
        "y=\"{2:.1f}\">{3}</text>\n",
        x(tick.value), frame.y0(), frame.y0() + 19, escaped(tick.label));
  return svg + fmt::format("<text class=\"middle name\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n",
                           (frame.x0() + frame.x1()) / 2, frame.height - 8, escaped(name));
}

/// The vertical axis left of the frame, and the grid that belongs to it.
[[nodiscard]] inline std::string y_axis(const Frame& frame, const Scale& y, std::string_view name) {
  std::string svg;
  for (const auto& tick : y_ticks(y))
    svg += fmt::format(
        "<path class=\"grid\" d=\"M{:.1f} {:.1f}H{:.1f}\"/><text class=\"end\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n",
        frame.x0(), y(tick.value), frame.x1(), frame.x0() - 7, y(tick.value) + 4, escaped(tick.label));
  return svg + fmt::format("<text class=\"middle name\" transform=\"translate(14 {:.1f}) rotate(-90)\">{}</text>\n",
                           (frame.y0() + frame.y1()) / 2, escaped(name));
}

/// A picture with a name and a description for those who cannot see it.
/// \param id unique in the page
[[nodiscard]] inline std::string picture(const Frame& frame, std::string_view id, std::string_view title,
                                         std::string_view description, std::string_view body) {
  return fmt::format(
      "<svg viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\" aria-labelledby=\"{}-title {}-text\">"
      "<title id=\"{}-title\">{}</title><desc id=\"{}-text\">{}</desc>\n{}</svg>\n",
      frame.width, frame.height, id, id, id, escaped(title), id, escaped(description), body);
}

}  // namespace report
