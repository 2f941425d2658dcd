#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <support/catch.hpp>

#include "../../examples/digits_cnn/report/page.hpp"

using namespace report;

namespace {

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + part.size())) ++found;
  return found;
}

/// Whether every tag is closed in the right order. Enough for what report writes: attributes hold no '>'.
bool well_formed(std::string_view html) {
  std::vector<std::string> open;
  for (auto at = html.find('<'); at != html.npos; at = html.find('<', at + 1)) {
    std::string_view tag = html.substr(at + 1, html.find('>', at) - at - 1);
    if (tag.starts_with("!DOCTYPE") || tag.starts_with("meta") || tag.ends_with('/')) continue;
    const bool closes = tag.starts_with('/');
    if (closes) tag.remove_prefix(1);
    const std::string name{tag.substr(0, tag.find(' '))};
    if (!closes) {
      open.push_back(name);
    } else {
      if (open.empty() || open.back() != name) return false;
      open.pop_back();
    }
  }
  return open.empty();
}

Trial trial(std::uint64_t id, std::optional<double> value, double x, double choice, double started, double finished,
            std::size_t slot) {
  return {id, value, value ? "" : "the value is <nan>", {x, choice}, started, finished, slot};
}

Report example() {
  return {"a < b & c",
          "loss",
          {{"fact", "\"quoted\""}},
          {{"rate", true, {}}, {"pool", false, {"max", "a<g"}}},
          {{"first",
            {trial(0, 2.0, 1e-3, 0, 0, 1, 0), trial(1, {}, 1e-2, 1, 0, 2, 1), trial(2, 0.02, 1.0, 1, 1, 3, 0)},
            2,
            3,
            0.9},
           {"second", {trial(0, 0.5, 1e-1, 0, 0, 4, 1)}, 2, 4, 0.5}}};
}

}  // namespace

TEST_CASE("a report is one well-formed page that fetches nothing") {
  const std::string html = page(example());
  CHECK(well_formed(html));
  CHECK(count(html, "http") == 0);
  CHECK(count(html, "url(") == 0);
  CHECK(count(html, "<script") == 0);
  CHECK(count(html, "role=\"img\"") == 5);  // two of convergence, two parameters, the workers
}

TEST_CASE("a report shows every trial once in each plot and escapes every text") {
  const std::string html = page(example());
  CHECK(count(html, "<rect class=\"bar") == 4);
  CHECK(count(html, "<circle class=\"mark run0") == 2 * 4 + 1);  // and one in the legend
  CHECK(count(html, "<path class=\"mark run0") == 4);
  CHECK(count(html, "<rect class=\"mark run1") == 4 + 1);
  CHECK(count(html, "a &lt; b &amp; c") == 2);
  CHECK(count(html, "&quot;quoted&quot;") == 1);
  CHECK(count(html, "a<g") == 0);
  CHECK(count(html, "<nan>") == 0);
  CHECK(count(html, "failed: the value is &lt;nan&gt;") == 1);
  CHECK(count(html, "workers busy 90.0 % of the time") == 2);  // seen and described
}

TEST_CASE("a report of nothing but failures, or of one value, has no coordinate that is not finite") {
  Report report = example();
  report.runs.pop_back();
  report.runs[0].trials = {trial(0, {}, 1e-3, 0, 0, 0, 0)};
  report.runs[0].trials[0].reason = "out of memory";
  for (int step = 0; step < 3; ++step) {
    const std::string html = page(report);
    CHECK(well_formed(html));
    CHECK(count(html, "nan") == 0);
    CHECK(count(html, "inf") == 0);
    if (step == 0) report.runs[0].trials = {trial(0, 0.0, 1e-3, 0, 0, 0, 0)};
    if (step == 1) report.runs[0].trials.clear();
  }
  CHECK(report.runs[0].best() == nullptr);
}

TEST_CASE("the best trial is the one with the smallest value") {
  const Report report = example();
  REQUIRE(report.runs[0].best() != nullptr);
  CHECK(report.runs[0].best()->id == 2);
}

TEST_CASE("scales map their ends into the frame and have round ticks inside") {
  const std::vector<double> values{0.013, 2.4};
  const Scale log{values, true, 300, 0};
  CHECK(log(0.013) < 300);
  CHECK(log(2.4) > 0);
  CHECK(log(0.013) > log(2.4));
  std::vector<std::string> labels;
  for (const auto& tick : log.ticks(26)) labels.push_back(tick.label);
  CHECK(labels == std::vector<std::string>{"0.02", "0.05", "0.1", "0.2", "0.5", "1", "2"});

  const std::vector<double> rates{1e-6, 10};
  labels.clear();
  for (const auto& tick : Scale{rates, true, 0, 400}.ticks(50)) labels.push_back(tick.label);
  CHECK(labels == std::vector<std::string>{"1e-6", "1e-5", "1e-4", "0.001", "0.01", "0.1", "1", "10"});

  const std::vector<double> counts{0, 60};
  labels.clear();
  for (const auto& tick : Scale{counts, false, 0, 700}.ticks(50)) labels.push_back(tick.label);
  CHECK(labels == std::vector<std::string>{"0", "5", "10", "15", "20", "25", "30", "35", "40", "45", "50", "55", "60"});
}
