/// \file
/// The plots of a report: convergence, one parameter against the value, the workers' time.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "report.hpp"
#include "svg.hpp"

namespace report {

/// All values of all runs.
[[nodiscard]] inline std::vector<double> all_values(const Report& report) {
  std::vector<double> values;
  for (const auto& run : report.runs)
    for (const auto& trial : run.trials)
      if (trial.value) values.push_back(*trial.value);
  return values;
}

/// Whether values span more than a factor of ten, so that they are easier to tell apart on a log scale.
[[nodiscard]] inline bool log_is_apt(const std::vector<double>& values) {
  if (values.empty()) return false;
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  return *low > 0 && *high > 10 * *low;
}

/// What is said of a trial where the pointer rests on it.
[[nodiscard]] inline std::string tip(const Trial& trial) {
  return escaped(fmt::format("trial {}: {}, {:.1f} s", trial.id, trial.value ? number(*trial.value) : trial.reason,
                             trial.finished - trial.started));
}

/// The mark of a trial: a circle for the first run, a square for the second, a cross at the top for a failure.
[[nodiscard]] inline std::string mark(const Frame& frame, std::size_t run, double x, const Scale& y, const Trial& trial,
                                      bool best = false) {
  const auto tagged = [&](std::string_view shape, std::string_view attributes) {
    return fmt::format("<{} class=\"mark run{}{}\" {}><title>{}</title></{}>\n", shape, run, best ? " best" : "",
                       attributes, tip(trial), shape);
  };
  if (!trial.value) return tagged("path", fmt::format("d=\"M{:.1f} {:.1f}l8 8m0-8l-8 8\"", x - 4, frame.y1() + 2));
  const double size = best ? 5.5 : 3.5;
  if (run == 0) return tagged("circle", fmt::format("cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{}\"", x, y(*trial.value), size));
  return tagged("rect", fmt::format("x=\"{:.1f}\" y=\"{:.1f}\" width=\"{}\" height=\"{}\"", x - size,
                                    y(*trial.value) - size, 2 * size, 2 * size));
}

/// Each trial's value and the best so far, over the number of trials or over time.
enum class Over { trials, seconds };

[[nodiscard]] inline std::string convergence_plot(const Report& report, Over over) {
  const Frame frame;
  const auto values = all_values(report);
  std::vector<double> ends{0};
  for (const auto& run : report.runs)
    ends.push_back(over == Over::trials ? static_cast<double>(run.trials.size()) : run.elapsed);
  const Scale x{ends, false, frame.x0(), frame.x1()};
  const Scale y{values, log_is_apt(values), frame.y0(), frame.y1()};
  const std::string x_name = over == Over::trials ? "trials ended" : "seconds";
  std::string body = x_axis(frame, x, x_ticks(x), x_name) + y_axis(frame, y, report.value_name);
  std::string description;
  for (std::size_t r = 0; r < report.runs.size(); ++r) {
    const Run& run = report.runs[r];
    std::string marks, line;
    std::optional<double> best;
    for (std::size_t i = 0; i < run.trials.size(); ++i) {
      const Trial& trial = run.trials[i];
      const double at = x(over == Over::trials ? static_cast<double>(i + 1) : trial.finished);
      marks += mark(frame, r, at, y, trial);
      if (!trial.value || (best && *trial.value >= *best)) continue;
      line += best ? fmt::format("H{:.1f}V{:.1f}", at, y(*trial.value))
                   : fmt::format("M{:.1f} {:.1f}", at, y(*trial.value));
      best = trial.value;
    }
    if (best) line += fmt::format("H{:.1f}", x(ends[r + 1]));
    body += marks + fmt::format("<path class=\"line run{}\" d=\"{}\"/>\n", r, best ? line : "M0 0");
    description += fmt::format("{}: {} trials, best {}. ", run.name, run.trials.size(), best ? number(*best) : "none");
  }
  const std::string title = fmt::format("{} over {}", report.value_name, x_name);
  return picture(frame, over == Over::trials ? "by-trial" : "by-time", title, description, body);
}

/// Every trial's value over one parameter.
[[nodiscard]] inline std::string parameter_plot(const Report& report, std::size_t axis) {
  const Frame frame{360, 250};
  const Axis& parameter = report.axes[axis];
  const auto values = all_values(report);
  std::vector<double> coordinates;
  for (std::size_t i = 0; i < parameter.choices.size(); ++i) {
    // Half a step more on each side, as categories have width.
    coordinates.push_back(static_cast<double>(i) - 0.5);
    coordinates.push_back(static_cast<double>(i) + 0.5);
  }
  for (const auto& run : report.runs)
    for (const auto& trial : run.trials) coordinates.push_back(trial.coordinates[axis]);
  const Scale x{coordinates, parameter.log, frame.x0(), frame.x1()};
  const Scale y{values, log_is_apt(values), frame.y0(), frame.y1()};
  std::vector<Tick> ticks;
  for (std::size_t i = 0; i < parameter.choices.size(); ++i)
    ticks.push_back({static_cast<double>(i), parameter.choices[i]});
  if (parameter.choices.empty()) ticks = x_ticks(x);

  std::string body = x_axis(frame, x, ticks, parameter.name) + y_axis(frame, y, report.value_name);
  for (std::size_t r = 0; r < report.runs.size(); ++r) {
    const Run& run = report.runs[r];
    const Trial* best = run.best();
    // Marks of one category are spread out, in the order of the trials, so that they do not hide each other.
    const auto place = [&](std::size_t i) {
      const double spread = parameter.choices.empty()
                                ? 0
                                : 0.7 * (static_cast<double>(i) + 0.5) / static_cast<double>(run.trials.size()) - 0.35;
      return x(run.trials[i].coordinates[axis] + spread);
    };
    for (std::size_t i = 0; i < run.trials.size(); ++i)
      body += mark(frame, r, place(i), y, run.trials[i], &run.trials[i] == best);
  }
  return picture(frame, fmt::format("parameter{}", axis), fmt::format("{} over {}", report.value_name, parameter.name),
                 "One mark per trial; the table of all trials holds the numbers.", body);
}

/// Which worker trained which trial, and when; what is empty was idle. All runs on one scale of time.
[[nodiscard]] inline std::string timeline_plot(const Report& report) {
  constexpr double row = 26, heading = 24;
  std::size_t slots = 0;
  std::vector<double> ends{0};
  for (const auto& run : report.runs) {
    slots += run.slots;
    ends.push_back(run.elapsed);
  }
  Frame frame{720, 0, 74};
  frame.height =
      frame.top + frame.bottom + row * static_cast<double>(slots) + heading * static_cast<double>(report.runs.size());
  const Scale x{ends, false, frame.x0(), frame.x1()};
  std::string body = x_axis(frame, x, x_ticks(x), "seconds");
  std::string description;
  double top = frame.top;
  for (std::size_t r = 0; r < report.runs.size(); ++r) {
    const Run& run = report.runs[r];
    const std::string summary = fmt::format("{}: workers busy {:.1f} % of the time", run.name, 100 * run.busy_share);
    body += fmt::format("<text class=\"name\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n", frame.x0(), top + 16,
                        escaped(summary));
    description += summary + ". ";
    top += heading;
    for (std::size_t slot = 0; slot < run.slots; ++slot)
      body += fmt::format(
          "<rect class=\"idle\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.0f}\"/><text class=\"end\" "
          "x=\"{:.1f}\" y=\"{:.1f}\">worker {}</text>\n",
          x(0), top + row * static_cast<double>(slot) + 2, x(run.elapsed) - x(0), row - 4, frame.x0() - 7,
          top + row * static_cast<double>(slot) + row / 2 + 4, slot);
    // Neighbours differ in shade instead of being set apart, so that every gap that is seen is idle time.
    std::vector<std::size_t> count(run.slots, 0);
    for (const auto& trial : run.trials) {
      if (trial.slot >= run.slots) continue;
      body += fmt::format(
          "<rect class=\"bar run{} shade{}\" x=\"{:.2f}\" y=\"{:.1f}\" width=\"{:.2f}\" "
          "height=\"{:.0f}\"><title>{}</title></rect>\n",
          r, count[trial.slot]++ % 2, x(trial.started), top + row * static_cast<double>(trial.slot) + 2,
          x(trial.finished) - x(trial.started), row - 4, tip(trial));
    }
    top += row * static_cast<double>(run.slots);
  }
  return picture(frame, "timeline", "The workers' time", description, body);
}

}  // namespace report
