/// \file
/// A report as one HTML page that needs nothing else: no scripts, no fonts, no network.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "plots.hpp"
#include "report.hpp"
#include "svg.hpp"

namespace report {

/// Colours keep a contrast of 4.5 for text and 3 for marks, in both schemes; runs differ in shape as well.
inline constexpr std::string_view style = R"(
:root { color-scheme: light dark; --page: #fbfbf9; --ink: #1c1d1f; --faint: #5d6066; --grid: #e1e1dc; --idle: #ecece6;
  --run0: #1f66b0; --run0b: #5f97d0; --run1: #b4501a; --run1b: #d8854f; --ring: #1c1d1f; }
@media (prefers-color-scheme: dark) {
  :root { --page: #17181a; --ink: #ececea; --faint: #a4a7ad; --grid: #303236; --idle: #26282b;
    --run0: #6cb0f2; --run0b: #3f7fc0; --run1: #f0a06a; --run1b: #bf6f3b; --ring: #ececea; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 62rem; background: var(--page); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 1.25rem; }
h2 { font-size: 1.1rem; margin: 2.5rem 0 0.5rem; }
p { margin: 0.25rem 0 0.75rem; color: var(--faint); max-width: 46rem; }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); gap: 0.9rem 1.5rem; margin: 0; }
dt { color: var(--faint); font-size: 0.85rem; } dd { margin: 0; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; } .scroll svg { min-width: 34rem; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); gap: 1rem; }
svg { display: block; width: 100%; height: auto; font-size: 12px; }
svg text { fill: var(--faint); } svg .name { fill: var(--ink); }
svg .middle { text-anchor: middle; } svg .end { text-anchor: end; }
.grid { stroke: var(--grid); } .tick { stroke: var(--faint); } .idle { fill: var(--idle); }
.mark { fill-opacity: 0.45; stroke-width: 1.2; } path.mark { fill: none; stroke-width: 1.8; }
.mark.best { fill-opacity: 1; stroke: var(--ring); stroke-width: 2; }
.line { fill: none; stroke-width: 2.2; stroke-linejoin: round; }
.run0 { fill: var(--run0); stroke: var(--run0); } .run1 { fill: var(--run1); stroke: var(--run1); }
.line.run0, .line.run1 { fill: none; } .line.run1 { stroke-dasharray: 7 3; }
.bar { stroke: none; } .bar.run0.shade1 { fill: var(--run0b); } .bar.run1.shade1 { fill: var(--run1b); }
.legend { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; margin: 0 0 0.5rem; padding: 0; list-style: none;
  font-size: 0.9rem; } .legend svg { display: inline-block; width: 34px; height: 14px; vertical-align: -2px; }
table { border-collapse: collapse; font-size: 0.9rem; font-variant-numeric: tabular-nums; width: 100%; }
caption { text-align: left; color: var(--faint); padding: 0.25rem 0; }
th, td { text-align: right; padding: 0.3rem 0.75rem 0.3rem 0; border-bottom: 1px solid var(--grid); white-space: nowrap; }
thead th { color: var(--faint); font-weight: 600; }
summary { cursor: pointer; margin: 1.5rem 0 0.5rem; }
:focus-visible { outline: 2px solid var(--run0); outline-offset: 2px; }
)";

/// A trial's parameter as text.
[[nodiscard]] inline std::string coordinate_text(const Axis& axis, double coordinate) {
  return axis.choices.empty() ? number(coordinate) : axis.choices.at(static_cast<std::size_t>(coordinate));
}

/// \param trials of one run, in the order to show them
[[nodiscard]] inline std::string trial_table(const Report& report, std::string_view caption,
                                             const std::vector<const Trial*>& trials) {
  std::string html = fmt::format(
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{0}\"><table><caption>{0}</caption><thead><tr>"
      "<th scope=\"col\">trial</th><th scope=\"col\">{1}</th>",
      escaped(caption), escaped(report.value_name));
  for (const auto& axis : report.axes) html += fmt::format("<th scope=\"col\">{}</th>", escaped(axis.name));
  html += "<th scope=\"col\">seconds</th><th scope=\"col\">worker</th></tr></thead><tbody>\n";
  for (const Trial* trial : trials) {
    html += fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td>", trial->id,
                        trial->value ? number(*trial->value) : "failed: " + escaped(trial->reason));
    for (std::size_t i = 0; i < report.axes.size(); ++i)
      html += fmt::format("<td>{}</td>", escaped(coordinate_text(report.axes[i], trial->coordinates[i])));
    html += fmt::format("<td>{:.2f}</td><td>{}</td></tr>\n", trial->finished - trial->started, trial->slot);
  }
  return html + "</tbody></table></div>\n";
}

/// The best ten trials of each run, and all of them folded away.
[[nodiscard]] inline std::string tables(const Report& report) {
  std::string html;
  for (const auto& run : report.runs) {
    std::vector<const Trial*> trials;
    for (const auto& trial : run.trials) trials.push_back(&trial);
    auto best = trials;
    std::erase_if(best, [](const Trial* trial) { return !trial->value; });
    std::stable_sort(best.begin(), best.end(), [](const Trial* a, const Trial* b) { return *a->value < *b->value; });
    best.resize(std::min(best.size(), std::size_t{10}));
    html += trial_table(report, run.name + ": best trials", best);
    const std::string all = fmt::format("{}: all {} trials in the order of their ends", run.name, trials.size());
    html += fmt::format("<details><summary>{}</summary>{}</details>\n", escaped(all), trial_table(report, all, trials));
  }
  return html;
}

/// Which mark belongs to which run.
[[nodiscard]] inline std::string legend(const Report& report) {
  std::string html = "<ul class=\"legend\">";
  for (std::size_t r = 0; r < report.runs.size(); ++r) {
    const std::string_view shape = r == 0 ? "<circle class=\"mark run0\" cx=\"17\" cy=\"7\" r=\"4\"/>"
                                          : "<rect class=\"mark run1\" x=\"13\" y=\"3\" width=\"8\" height=\"8\"/>";
    html += fmt::format(
        "<li><svg viewBox=\"0 0 34 14\" aria-hidden=\"true\"><path class=\"line run{}\" d=\"M0 7H34\"/>{}</svg> "
        "{}</li>",
        r, shape, escaped(report.runs[r].name));
  }
  return html + "</ul>\n";
}

/// The whole page.
[[nodiscard]] inline std::string page(const Report& report) {
  std::string html = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{0}</title>"
      "<style>{1}</style></head>\n<body><main><h1>{0}</h1>\n<dl>",
      escaped(report.title), style);
  for (const auto& [name, text] : report.facts)
    html += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>", escaped(name), escaped(text));
  html +=
      "</dl>\n<h2>Convergence</h2><p>A mark for every trial, a line for the best so far; a cross at the top is a "
      "trial that failed.</p>\n" +
      legend(report);
  for (const Over over : {Over::trials, Over::seconds})
    html += "<div class=\"scroll\">" + convergence_plot(report, over) + "</div>\n";
  html += "<h2>Parameters</h2><p>The best trial is outlined.</p>\n<div class=\"plots\">";
  for (std::size_t axis = 0; axis < report.axes.size(); ++axis) html += parameter_plot(report, axis);
  html +=
      "</div>\n<h2>Workers</h2><p>Each bar is a trial. Gaps are idle time. The shares leave out the end of a "
      "search, when no trial is left to start.</p>\n<div class=\"scroll\">" +
      timeline_plot(report) + "</div>\n";
  html += "<h2>Trials</h2>\n" + tables(report);
  return html + "</main></body></html>\n";
}

/// \throws std::runtime_error if the file cannot be written
inline void write(const Report& report, const std::filesystem::path& file) {
  std::ofstream output{file, std::ios::binary};
  output << page(report);
  if (!output.flush()) throw std::runtime_error("cannot write " + file.string());
}

}  // namespace report
