/// \file
/// What belongs to one slot of an executor.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <hposearch/error.hpp>
#include <hposearch/text.hpp>

namespace hposearch::inline v0 {

/// What a slot owns: trials that run in it see it through their context and, in a process of their own, through their
/// environment.
struct SlotOptions {
  std::vector<std::string> devices;                                ///< TrialContext::devices()
  std::vector<std::pair<std::string, std::string>> environment{};  ///< set in a trial's process; threads share theirs
};

namespace detail {

/// Options for each of `slots` slots: those given, or none for any.
/// \throws InvalidArgument if there are some but not one for each slot, or a variable has no proper name
[[nodiscard]] inline std::vector<SlotOptions> complete_slot_options(std::vector<SlotOptions> options,
                                                                    std::size_t slots) {
  if (!options.empty() && options.size() != slots)
    throw InvalidArgument("slots", to_text(options.size()) + " entries", "must be one for each of " + to_text(slots));
  for (const SlotOptions& slot : options) {
    for (const auto& [name, value] : slot.environment) {
      if (name.empty() || name.find('=') != std::string::npos)
        throw InvalidArgument("environment", quoted(name), "must be a name without '='");
    }
  }
  options.resize(slots);
  return options;
}

}  // namespace detail
}  // namespace hposearch::inline v0
