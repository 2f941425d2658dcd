/// \file
/// What an executor tells the search.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include <hposearch/trial/state.hpp>

namespace hposearch::inline v0 {

/// Something that happened to a trial or to the executor's slots.
struct ExecutorEvent {
  enum class Kind : std::uint8_t {
    completed,     ///< final: `value` is what the objective returned (possibly not finite)
    failed,        ///< final: `message` says why
    cancelled,     ///< final: stopped on request before it had a result
    report,        ///< the objective reported `value` at `step`
    slots_changed  ///< slots came or went: ask slots() and free_slots() again
  };

  Kind kind = Kind::completed;
  TrialId trial = 0;
  std::size_t slot = 0;  ///< where it ran
  double value = 0;
  std::int64_t step = 0;  ///< of a report
  std::string message = {};
  std::chrono::steady_clock::time_point started{};   ///< when the objective was entered, by this machine's clock
  std::chrono::steady_clock::time_point finished{};  ///< when it returned

  [[nodiscard]] bool final() const noexcept {
    return kind == Kind::completed || kind == Kind::failed || kind == Kind::cancelled;
  }
};

}  // namespace hposearch::inline v0
