/// \file
/// The Executor concept: whatever evaluates trials. Each model is one header in executor/.
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <memory>
#include <optional>

#include <hposearch/executor/event.hpp>
#include <hposearch/executor/trial_needs.hpp>
#include <hposearch/trial/context.hpp>
#include <hposearch/trial/state.hpp>

namespace hposearch::inline v0 {

/// An objective bound to a space: evaluates a point in the context of its trial. Called through a const reference,
/// possibly from several threads at once.
template <class F, class P>
concept BoundObjective = requires(const F& objective, const P& point, TrialContext& context) {
  { objective(point, context) } -> std::convertible_to<double>;
};

/// How one trial is started.
struct StartOptions {
  std::size_t attempt = 1;                            ///< 1 for the first
  std::optional<std::chrono::nanoseconds> timeout{};  ///< after which the trial is stopped and fails
  TrialNeeds needs{};                                 ///< for executors whose slots differ
  std::optional<std::size_t> slot{};                  ///< where, if that can be chosen: in a ThreadPool or ProcessPool
};

/// Evaluates trials in slots.
///
/// - `slots()`: how many trials can run at once now; `free_slots()`: how many of those are free.
/// - `start(id, objective, point, options)`: begins a trial and returns at once (InlineExecutor: when it has run).
///   The executor keeps the objective alive while it may be called. \throws NoFreeSlot
/// - `next_event(deadline)`: the next event, or nothing once `deadline` has passed. Every started trial gives exactly
///   one final event (completed, failed or cancelled), in the order of finishing, preceded by its reports.
///   Exceptions of the objective arrive as failures with their message.
/// - `cancel(id)`: asks a running trial to stop through its stop token; the final event still comes, cancelled unless
///   the objective had already finished. Unknown or finished ids are ignored.
///
/// It may have more, which searches use: `now()`, a clock of its own; `summary()`, a line of text on its places, which
/// is shown with the progress.
///
/// One thread calls all of these. The destructor stops what runs.
///
/// What minimize() and maximize() use besides, where an executor has it:
/// - `queue(id, objective, point, options)`: as start(), for a trial that begins when a slot falls free;
/// `queue_room()`:
///   how many more of these are taken; `recall(id)`: takes one back that has not begun, which then ends as cancelled,
///   and returns whether that may be so.
/// - `use_space(space)`: what will be searched. `settle()`: whatever came of the events so far is safe.
/// - `now()`: the time, where it is not the steady clock's.
/// - `static constexpr bool honours_needs = true`: it looks at StartOptions::needs. Searches refuse to have such needs
///   with others.
template <class E, class F, class P>
concept Executor = BoundObjective<F, P> &&
    requires(E executor, std::shared_ptr<const F> objective, const P& point, TrialId id, StartOptions options,
             std::chrono::steady_clock::time_point deadline) {
  { executor.slots() } -> std::convertible_to<std::size_t>;
  { executor.free_slots() } -> std::convertible_to<std::size_t>;
  executor.start(id, objective, point, options);
  { executor.next_event(deadline) } -> std::same_as<std::optional<ExecutorEvent>>;
  executor.cancel(id);
};

}  // namespace hposearch::inline v0
