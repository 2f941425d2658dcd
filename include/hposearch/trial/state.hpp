/// \file
/// The states of a trial.
#pragma once

#include <cstdint>
#include <string_view>

namespace hposearch::inline v0 {

/// Dense: the first trial of a study is 0, the next 1, and so on.
using TrialId = std::uint64_t;

enum class TrialState : std::uint8_t {
  pending,    ///< asked for, no result yet
  completed,  ///< has a finite value
  failed,     ///< has no usable value and a reason
  pruned,     ///< stopped early because it did not look promising; may carry its last intermediate value
  cancelled,  ///< given up; its point counts as untried
};

[[nodiscard]] constexpr std::string_view to_text(TrialState state) noexcept {
  switch (state) {
    case TrialState::pending:
      return "pending";
    case TrialState::completed:
      return "completed";
    case TrialState::failed:
      return "failed";
    case TrialState::pruned:
      return "pruned";
    case TrialState::cancelled:
      return "cancelled";
  }
  return "unknown";
}

/// Which way is better.
enum class Direction : std::uint8_t { minimize, maximize };

}  // namespace hposearch::inline v0
