/// \file
/// One call of an objective and what becomes of it: shared by the executors that run objectives themselves.
#pragma once

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <hposearch/error.hpp>
#include <hposearch/executor.hpp>
#include <hposearch/text.hpp>

namespace hposearch::inline v0::detail {

using SteadyTime = std::chrono::steady_clock::time_point;

/// `duration` after `start`, without overflow for durations that stand for "never".
[[nodiscard]] inline SteadyTime after(SteadyTime start, std::chrono::nanoseconds duration) noexcept {
  return duration > SteadyTime::max() - start ? SteadyTime::max() : start + duration;
}

/// Why an objective was asked to stop.
enum class StopCause : std::uint8_t { none, cancelled, timed_out };

/// What an objective gave: a value, or the reason why there is none.
struct Evaluation {
  bool completed = false;
  double value = 0;
  std::string message;
};

/// A failed evaluation. Short of memory, the message is one that needs none.
[[nodiscard]] inline Evaluation failed_evaluation(const char* message) noexcept {
  try {
    return {false, 0, *message != '\0' ? message : "exception without a message"};
  } catch (...) {
    return {false, 0, "out of memory"};
  }
}

/// Calls `call` and turns whatever it throws, its result's conversion included, into a failure.
template <class Call>
[[nodiscard]] Evaluation evaluate(const Call& call) noexcept {
  try {
    return {true, static_cast<double>(call()), {}};
  } catch (const std::exception& error) {
    return failed_evaluation(error.what());
  } catch (...) {
    return failed_evaluation("exception of unknown type");
  }
}

/// "exceeded its time limit of 0.5 s"
[[nodiscard]] inline std::string time_limit_message(std::chrono::nanoseconds limit) {
  return "exceeded its time limit of " + to_text(std::chrono::duration<double>(limit).count()) + " s";
}

/// Writes how a trial ended into its final event. A result that came after the request to stop is not used.
/// \param limit_message why a timed-out trial failed
inline void conclude(ExecutorEvent& event, StopCause stopped, std::string limit_message, Evaluation result) noexcept {
  using Kind = ExecutorEvent::Kind;
  switch (stopped) {
    case StopCause::none:
      event.kind = result.completed ? Kind::completed : Kind::failed;
      event.value = result.value;
      event.message = std::move(result.message);
      break;
    case StopCause::cancelled:
      event.kind = Kind::cancelled;
      break;
    case StopCause::timed_out:
      event.kind = Kind::failed;
      event.message = std::move(limit_message);
      break;
  }
}

/// The number of workers as a size. \throws InvalidArgument if below 1
template <std::integral N>
[[nodiscard]] std::size_t worker_count(N workers) {
  if (workers < N{1}) throw InvalidArgument("workers", to_text(workers), "must be at least 1");
  return static_cast<std::size_t>(workers);
}

/// \throws InvalidArgument if the timeout is not above 0
inline void check(const StartOptions& options) {
  if (options.timeout && options.timeout->count() <= 0)
    throw InvalidArgument("timeout", to_text(options.timeout->count()) + " ns", "must be above 0");
}

/// The slot for a trial: the one wanted, or without a wish the first free one; the end if that is not free.
/// \throws InvalidArgument if there is no such slot
template <class Slot, class IsFree>
[[nodiscard]] typename std::vector<Slot>::iterator choose_slot(std::vector<Slot>& slots,
                                                               std::optional<std::size_t> wanted,
                                                               const IsFree& is_free) {
  if (!wanted) return std::ranges::find_if(slots, is_free);
  if (*wanted >= slots.size())
    throw InvalidArgument("slot", to_text(*wanted), "must be below " + to_text(slots.size()));
  const auto slot = slots.begin() + static_cast<std::ptrdiff_t>(*wanted);
  return is_free(*slot) ? slot : slots.end();
}

/// \throws NoFreeSlot always: every slot is taken, or the one wanted
[[noreturn]] inline void refuse_full(const char* executor, std::size_t slots, std::optional<std::size_t> wanted) {
  throw NoFreeSlot(executor + (wanted ? ": slot " + to_text(*wanted) + " is taken"
                                      : ": all " + to_text(slots) + " slots are taken"));
}

/// \throws InvalidArgument if negative
inline void check_grace(std::chrono::nanoseconds grace) {
  if (grace.count() < 0) throw InvalidArgument("grace", to_text(grace.count()) + " ns", "must not be negative");
}

/// \throws InvalidArgument always: a trial can only run once at a time
[[noreturn]] inline void refuse_running(TrialId id) {
  throw InvalidArgument("trial", to_text(id), "must not be running already");
}

}  // namespace hposearch::inline v0::detail
