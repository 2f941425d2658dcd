/// \file
/// What a report shows, as plain data.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace report {

/// A parameter of the search.
struct Axis {
  std::string name = {};
  bool log = false;
  std::vector<std::string> choices = {};  ///< empty for numbers
};

/// A trial that has ended.
struct Trial {
  std::uint64_t id = 0;
  std::optional<double> value = {};      ///< nothing for one that failed
  std::string reason = {};               ///< why it failed
  std::vector<double> coordinates = {};  ///< by axis: the number, or the index of the choice
  double started = 0;                    ///< seconds since the search began
  double finished = 0;
  std::size_t slot = 0;  ///< the worker
};

/// One search. Smaller values are better.
struct Run {
  std::string name = {};
  std::vector<Trial> trials = {};  ///< in the order of their ends
  std::size_t slots = 0;
  double elapsed = 0;     ///< seconds
  double busy_share = 1;  ///< of the workers' time, see hposearch::SearchResult::busy_share

  /// The trial with the smallest value, or nothing if all failed.
  [[nodiscard]] const Trial* best() const {
    const auto better = [](const Trial& a, const Trial& b) { return a.value && (!b.value || *a.value < *b.value); };
    const auto found = std::min_element(trials.begin(), trials.end(), better);
    return found == trials.end() || !found->value ? nullptr : &*found;
  }
};

/// The whole report.
struct Report {
  std::string title = {};
  std::string value_name = {};
  std::vector<std::pair<std::string, std::string>> facts = {};  ///< shown at the top
  std::vector<Axis> axes = {};
  std::vector<Run> runs = {};  ///< one or two
};

}  // namespace report
