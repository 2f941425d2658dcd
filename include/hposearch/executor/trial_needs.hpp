/// \file
/// What a trial needs of the place it runs in.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace hposearch::inline v0 {

/// Amounts of named things, such as {{"gpu", 2}}: what a worker has, or what a trial takes of it while it runs.
using Resources = std::vector<std::pair<std::string, std::uint32_t>>;

/// A trial runs only where all of this is there. Executors whose slots are all alike need not look at it.
struct TrialNeeds {
  Resources resources = {};              ///< taken while the trial runs
  std::vector<std::string> labels = {};  ///< that the worker must have

  [[nodiscard]] bool empty() const noexcept { return resources.empty() && labels.empty(); }
  friend bool operator==(const TrialNeeds&, const TrialNeeds&) = default;
};

/// How much of `name` there is; 0 if nothing is said.
[[nodiscard]] inline std::uint32_t amount(const Resources& resources, const std::string& name) noexcept {
  const auto found = std::ranges::find(resources, name, &Resources::value_type::first);
  return found == resources.end() ? 0 : found->second;
}

/// Whether `wanted` is there, where `taken` of `all` are in use.
[[nodiscard]] inline bool suffices(const Resources& all, const Resources& taken, const Resources& wanted) noexcept {
  return std::ranges::all_of(wanted, [&](const auto& need) {
    const std::uint64_t used = std::uint64_t{amount(taken, need.first)} + need.second;
    return used <= amount(all, need.first);
  });
}

/// Adds to what is taken.
inline void take(Resources& taken, const Resources& more) {
  for (const auto& [name, count] : more) {
    const auto found = std::ranges::find(taken, name, &Resources::value_type::first);
    if (found == taken.end())
      taken.emplace_back(name, count);
    else
      found->second += count;
  }
}

/// Gives back what take() has added.
inline void give_back(Resources& taken, const Resources& less) noexcept {
  for (const auto& [name, count] : less) {
    const auto found = std::ranges::find(taken, name, &Resources::value_type::first);
    if (found != taken.end()) found->second -= std::min(found->second, count);
  }
}

}  // namespace hposearch::inline v0
