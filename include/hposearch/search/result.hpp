/// \file
/// What a search leaves behind.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <hposearch/error.hpp>
#include <hposearch/trial/observation.hpp>
#include <hposearch/trial/trial.hpp>

namespace hposearch::inline v0 {

/// Why a search ended.
enum class StopReason : std::uint8_t { trials, time, target, patience, predicate, exhausted, interrupted };

[[nodiscard]] constexpr std::string_view to_text(StopReason cause) noexcept {
  switch (cause) {
    case StopReason::trials:
      return "all trials were run";
    case StopReason::time:
      return "the time was over";
    case StopReason::target:
      return "the target was reached";
    case StopReason::patience:
      return "there was no improvement for long";
    case StopReason::predicate:
      return "the stop predicate said so";
    case StopReason::exhausted:
      return "every point of the space was tried";
    case StopReason::interrupted:
      return "it was interrupted";
  }
  return "unknown";
}

/// One attempt at a trial: which slot it kept busy, and when, in seconds since the search began.
struct SlotUse {
  TrialId trial = 0;
  std::size_t attempt = 1;
  std::size_t slot = 0;
  double started = 0;
  double finished = 0;
};

/// \tparam P the space's point type
template <class P>
struct SearchResult {
  std::optional<Observation<P>> incumbent;  ///< the optimizer's best trial, those from before this search included
  std::vector<Trial<P>> trials;             ///< of this search, in the order of their ends
  std::vector<SlotUse> slot_uses;           ///< of this search, in the order of their ends
  std::size_t slots = 0;                    ///< of the executor, when the search ended
  StopReason stopped_by = StopReason::trials;
  std::chrono::duration<double> elapsed{0};

  /// The best observation. \throws NoObservation if none has completed
  [[nodiscard]] const Observation<P>& best() const {
    if (!incumbent) throw NoObservation("no trial has completed, so there is no best one");
    return *incumbent;
  }

  /// Share of the slots' time that was spent in the objective, from the search's start to the start of its last
  /// trial: after that slots run dry whatever one does. 1 if there was no such time.
  [[nodiscard]] double busy_share() const {
    double end = 0, busy = 0;
    for (const auto& use : slot_uses) end = std::max(end, use.started);
    for (const auto& use : slot_uses) busy += std::min(use.finished, end) - use.started;
    const double offered = end * static_cast<double>(slots);
    return offered > 0 ? busy / offered : 1.0;
  }
};

}  // namespace hposearch::inline v0
