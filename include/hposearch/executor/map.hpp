/// \file
/// `results = workers.map(evaluate, trials)` for every executor.
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <memory>
#include <ranges>
#include <span>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include <hposearch/error.hpp>
#include <hposearch/executor.hpp>
#include <hposearch/objective.hpp>
#include <hposearch/text.hpp>
#include <hposearch/trial/outcome.hpp>
#include <hposearch/trial/trial.hpp>

namespace hposearch::inline v0 {

namespace detail {

/// Runs a list of trials on an executor, as many at once as it has slots.
template <class E, class F, class P>
class MapRun {
 public:
  MapRun(E& executor, std::shared_ptr<const F> objective, std::span<const Trial<P>> trials)
      : executor_(executor), objective_(std::move(objective)), trials_(trials) {}

  MapRun(const MapRun&) = delete;
  MapRun& operator=(const MapRun&) = delete;

  // Only an exception leaves trials running. They are asked to stop here, and waited for by the next map.
  ~MapRun() {
    for (const auto& [id, index] : running_) executor_.cancel(id);
  }

  [[nodiscard]] std::vector<Outcome> run() {
    require_distinct_ids();
    drop_earlier_work();
    std::vector<Outcome> outcomes(trials_.size(), Outcome{0.0});
    std::size_t next = 0;
    while (next < trials_.size() || !running_.empty()) {
      for (; next < trials_.size() && executor_.free_slots() > 0; ++next) start(next);
      const auto event = executor_.next_event(never);
      if (!event || !event->final()) continue;
      const auto found = running_.find(event->trial);
      if (found == running_.end()) continue;
      outcomes[found->second] = outcome(*event);
      running_.erase(found);
    }
    return outcomes;
  }

 private:
  static constexpr auto never = std::chrono::steady_clock::time_point::max();
  static constexpr auto at_once = std::chrono::steady_clock::time_point::min();

  void require_distinct_ids() const {
    std::unordered_map<TrialId, std::size_t> seen;
    for (const Trial<P>& trial : trials_) {
      if (!seen.emplace(trial.id, 0).second)
        throw InvalidArgument("trials", "trial " + to_text(trial.id) + " twice", "must have different ids");
    }
  }

  // Trials of another study may have the same ids as these.
  void drop_earlier_work() {
    while (executor_.next_event(at_once)) continue;
    while (executor_.free_slots() < executor_.slots()) static_cast<void>(executor_.next_event(never));
  }

  void start(std::size_t index) {
    const Trial<P>& trial = trials_[index];
    const auto place = running_.emplace(trial.id, index).first;
    try {
      executor_.start(trial.id, objective_, trial.point, StartOptions{});
    } catch (...) {
      running_.erase(place);
      throw;
    }
  }

  [[nodiscard]] static Outcome outcome(const ExecutorEvent& event) {
    if (event.kind == ExecutorEvent::Kind::completed) return event.value;
    return Outcome::failure(event.message.empty() ? "cancelled" : event.message);
  }

  E& executor_;
  std::shared_ptr<const F> objective_;
  std::span<const Trial<P>> trials_;
  std::unordered_map<TrialId, std::size_t> running_;  // index by id
};

}  // namespace detail

/// Gives an executor its map(): `class MyExecutor : public TrialMapping<MyExecutor>`.
template <class Derived>
class TrialMapping {
 public:
  /// Evaluates every trial's point and returns what came of each, in the order of the trials.
  ///
  /// More trials than slots are queued. The executor is used by nothing else meanwhile: trials that an earlier use left
  /// running are waited for first, and their events dropped. Reports are dropped as well; whoever wants them, timeouts
  /// or retries uses minimize().
  /// \param evaluate the objective, in any form of ObjectiveOn. Kept by the executor while it may run, so an lvalue is
  /// copied: move what cannot be \param trials   with different ids, as ask(n) returns them \throws InvalidArgument if
  /// two trials have the same id
  template <class F, std::ranges::contiguous_range Trials>
    requires std::ranges::sized_range<Trials> && requires(std::ranges::range_value_t<Trials> trial) { trial.point; }
  [[nodiscard]] std::vector<Outcome> map(F&& evaluate, const Trials& trials) {
    using P = std::remove_cvref_t<decltype(std::ranges::begin(trials)->point)>;
    using Bound = Objective<std::decay_t<F>, P>;
    auto objective = std::make_shared<const Bound>(std::forward<F>(evaluate));
    static_assert(Executor<Derived, Bound, P>,
                  "hposearch: a class that derives from TrialMapping must be an Executor; see hposearch/executor.hpp");
    return detail::MapRun<Derived, Bound, P>{static_cast<Derived&>(*this), std::move(objective),
                                             std::span<const Trial<P>>{trials}}
        .run();
  }

 protected:
  TrialMapping() = default;
  ~TrialMapping() = default;
};

}  // namespace hposearch::inline v0
