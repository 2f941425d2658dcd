/// \file
/// The asynchronous loop behind minimize().
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include <hposearch/executor.hpp>
#include <hposearch/optimizer.hpp>
#include <hposearch/search/ask_ahead.hpp>
#include <hposearch/search/interrupt.hpp>
#include <hposearch/search/options.hpp>
#include <hposearch/search/result.hpp>
#include <hposearch/search/status.hpp>
#include <hposearch/trial/trial.hpp>

namespace hposearch::inline v0::detail {

/// One search: starts trials while slots are free, handles one event at a time, and ends when nothing runs and nothing
/// may be started. An executor with a clock of its own (`now()`) is asked for the time, so that simulated ones work.
/// One with a `summary()` of its places, a line of text, has that shown with the progress.
template <class S, class E, class F>
class SearchLoop {
  using Clock = std::chrono::steady_clock;
  using P = typename S::point_type;

 public:
  SearchLoop(Optimizer<S>& optimizer, E& executor, std::shared_ptr<const F> objective, const SearchOptions<P>& options)
      : optimizer_(optimizer),
        executor_(executor),
        objective_(std::move(objective)),
        options_(options),
        interrupts_(options.handle_interrupt),
        ask_ahead_(options.batch ? AskAhead::never : options.ask_ahead),
        begin_(now()) {
    if (options_.trials) optimizer_.suggest_budget(optimizer_.size() + *options_.trials);
    status_.planned = options_.trials;
    note_best();
  }

  SearchResult<P> run() {
    try {
      check_limits();
      while (true) {
        start_trials();
        show();
        if (running_.empty() && !may_start()) break;
        if (const auto event = wait()) handle(*event);
        check_limits();
      }
      status_.over = true;
      show();
    } catch (...) {
      abandon();
      throw;
    }
    finish();
    return std::move(result_);
  }

 private:
  struct Attempt {
    Trial<P> trial;
    std::size_t number = 1;
    std::optional<double> last_report = {};
    bool pruned = false;
    bool recalled = false;  // it was asked for again before it began
  };

  // Executors that take trials beyond their free slots, so that a slot that falls free has its next at hand.
  static constexpr bool queues = requires(E & executor, const std::shared_ptr<const F>& f, const P& point) {
    executor.queue_room();
    executor.queue(TrialId{}, f, point, StartOptions{});
    executor.recall(TrialId{});
  };

  [[nodiscard]] Clock::time_point now() const {
    if constexpr (requires { executor_.now(); }) {
      return executor_.now();
    } else {
      return Clock::now();
    }
  }
  [[nodiscard]] double seconds(Clock::time_point t) const { return std::chrono::duration<double>(t - begin_).count(); }

  [[nodiscard]] bool may_start() const {
    if (stopped_by_) return false;
    if (!retries_.empty()) return true;
    return (!options_.trials || started_ < *options_.trials) && !optimizer_.exhausted();
  }

  void start_trials() {
    if (options_.batch) {
      if (running_.empty() && may_start()) start_round();
    } else {
      while (may_start() && executor_.free_slots() > 0) start(next_attempt());
      queue_trials();
    }
  }

  void queue_trials() {
    if constexpr (queues) {
      while (ask_ahead_.hand_over() && may_start() && executor_.queue_room() > 0) start(next_attempt(), true);
    }
  }

  void start_round() {
    std::size_t count = executor_.free_slots();
    while (count > 0 && !retries_.empty()) {
      start(next_attempt());
      --count;
    }
    if (options_.trials) count = std::min(count, *options_.trials - started_);
    if (count == 0 || optimizer_.exhausted()) return;
    for (auto& trial : optimizer_.ask(count)) {
      ++started_;
      start({std::move(trial)});
    }
  }

  [[nodiscard]] Attempt next_attempt() {
    if (!retries_.empty()) {
      Attempt attempt = std::move(retries_.front());
      retries_.pop_front();
      return attempt;
    }
    ++started_;
    return {ask_ahead_.measure([&] { return optimizer_.ask(); })};
  }

  void start(Attempt attempt, bool ahead = false) {
    const TrialId id = attempt.trial.id;
    const auto place = running_.emplace(id, std::move(attempt)).first;
    const Attempt& started = place->second;
    try {
      if (options_.on_trial_start) options_.on_trial_start(started.trial);
      StartOptions how;
      how.attempt = started.number;
      how.timeout = timeout();
      if (options_.needs) how.needs = options_.needs.at(started.trial.point);
      begin(id, started.trial.point, how, ahead);
    } catch (...) {
      running_.erase(place);
      optimizer_.cancel(id, "could not be started");
      throw;
    }
  }

  void begin(TrialId id, const P& point, const StartOptions& how, bool ahead) {
    if constexpr (queues) {
      if (ahead) {
        executor_.queue(id, objective_, point, how);
        ahead_.push_back(id);
        return;
      }
    }
    executor_.start(id, objective_, point, how);
  }

  // Takes back trials that were handed over and have not begun, the oldest first.
  void recall(std::size_t most) {
    if constexpr (queues) {
      while (most > 0 && !ahead_.empty()) {
        const auto found = running_.find(ahead_.front());
        ahead_.pop_front();
        if (found == running_.end() || !executor_.recall(found->first)) continue;
        found->second.recalled = true;
        --most;
      }
    }
  }

  [[nodiscard]] std::optional<std::chrono::nanoseconds> timeout() const {
    if (!options_.timeout) return {};
    return std::chrono::duration_cast<std::chrono::nanoseconds>(*options_.timeout);
  }

  // The next event; in the time that the slots are all busy, the next point is chosen where that pays.
  [[nodiscard]] std::optional<ExecutorEvent> wait() {
    if (ask_ahead_.wanted() && retries_.empty() && may_start()) {
      if (auto event = executor_.next_event(now())) return event;
      ask_ahead_.measure([&] { optimizer_.prepare(); });
      ask_ahead_.done();
    }
    return executor_.next_event(now() + std::chrono::milliseconds{100});
  }

  void handle(const ExecutorEvent& event) {
    const auto found = running_.find(event.trial);
    if (found == running_.end()) return;  // slots changed, or an event of a trial given up before
    if (event.kind == ExecutorEvent::Kind::report) {
      report(found->second, event);
    } else if (event.final()) {
      Attempt attempt = std::move(found->second);
      running_.erase(found);
      if (attempt.recalled && event.kind == ExecutorEvent::Kind::cancelled && !attempt.pruned && !cancelled_)
        return take_back(attempt.trial);
      result_.slot_uses.push_back(
          {event.trial, attempt.number, event.slot, seconds(event.started), seconds(event.finished)});
      ask_ahead_.trial_took(event.finished - event.started);
      end(std::move(attempt), event);
      if (ask_ahead_.choose_again(status_.slots)) recall(1);
    }
  }

  // A trial that has not begun: as if it had not been asked for.
  void take_back(const Trial<P>& trial) {
    --started_;
    optimizer_.cancel(trial.id, "replaced before it began");
    if (options_.on_trial_end) options_.on_trial_end(optimizer_.trial(trial.id));
  }

  void report(Attempt& attempt, const ExecutorEvent& event) {
    attempt.last_report = event.value;
    if (options_.on_report) options_.on_report(attempt.trial, event.step, event.value);
    if (!attempt.pruned && options_.prune_when && options_.prune_when(attempt.trial, event.step, event.value)) {
      attempt.pruned = true;
      executor_.cancel(event.trial);
    }
  }

  void end(Attempt attempt, const ExecutorEvent& event) {
    const TrialId id = event.trial;
    const bool failed = event.kind == ExecutorEvent::Kind::failed && !attempt.pruned;
    if (failed && attempt.number <= options_.retries && !stopped_by_) {
      ++attempt.number;
      retries_.push_back(std::move(attempt));
      return;
    }
    if (event.kind == ExecutorEvent::Kind::completed) {
      optimizer_.tell(id, event.value, event.finished - event.started);
    } else if (attempt.pruned) {
      optimizer_.tell_pruned(id, attempt.last_report);
    } else if (failed) {
      optimizer_.tell_failure(id, event.message);
    } else {
      optimizer_.cancel(id, event.message.empty() ? "cancelled" : event.message);
    }
    ended(optimizer_.trial(id));
  }

  void ended(const Trial<P>& trial) {
    result_.trials.push_back(trial);
    ++status_.ended;
    switch (trial.state) {
      case TrialState::completed:
        ++status_.completed;
        break;
      case TrialState::failed:
        ++status_.failed;
        break;
      case TrialState::pruned:
        ++status_.pruned;
        break;
      default:
        ++status_.cancelled;
        break;
    }
    if (options_.on_trial_end) options_.on_trial_end(trial);
    if (trial.state != TrialState::completed) return;
    ++without_improvement_;
    if (note_best()) {
      without_improvement_ = 0;
      if (options_.on_improvement) options_.on_improvement(trial);
    }
  }

  // Whether the optimizer has a better trial than the one known here.
  bool note_best() {
    if (optimizer_.count(TrialState::completed) == 0) return false;
    Observation<P> best = optimizer_.best();
    if (result_.incumbent && result_.incumbent->id == best.id) return false;
    status_.best_value = best.value;
    status_.best_point = to_text(best.point);
    result_.incumbent = std::move(best);
    return true;
  }

  void check_limits() {
    take_snapshot();
    if (interrupts_.count() > 0) stop(StopReason::interrupted);
    if (interrupts_.count() > 1) cancel_running();
    if (reached_target()) stop(StopReason::target);
    if (options_.patience && without_improvement_ >= *options_.patience) stop(StopReason::patience);
    if (options_.time && status_.elapsed >= *options_.time) stop(StopReason::time);
    if (!stopped_by_ && options_.stop_when && options_.stop_when(status_)) stop(StopReason::predicate);
  }

  [[nodiscard]] bool reached_target() const {
    if (!options_.target || !status_.best_value) return false;
    return optimizer_.direction() == Direction::minimize ? *status_.best_value <= *options_.target
                                                         : *status_.best_value >= *options_.target;
  }

  // The first cause stays. Retries that wait are not run any more: they count as failed.
  void stop(StopReason cause) {
    if (!stopped_by_) stopped_by_ = cause;
    status_.stopping = true;
    recall(ahead_.size());
    while (!retries_.empty()) {
      const TrialId id = retries_.front().trial.id;
      retries_.pop_front();
      optimizer_.tell_failure(id, "failed, and the search stopped before its retry");
      ended(optimizer_.trial(id));
    }
  }

  void cancel_running() {
    if (std::exchange(cancelled_, true)) return;
    for (const auto& [id, attempt] : running_) executor_.cancel(id);
  }

  void take_snapshot() {
    status_.running = running_.size();
    status_.slots = executor_.slots();
    status_.elapsed = now() - begin_;
  }

  void show() {
    if (!options_.on_progress) return;
    take_snapshot();
    if constexpr (requires { executor_.summary(); }) status_.executor = executor_.summary();
    options_.on_progress(status_);
  }

  // Leaves no trial of this search pending and none of its events in the executor.
  void abandon() noexcept {
    try {
      cancel_running();
      for (const auto& attempt : retries_) optimizer_.cancel(attempt.trial.id, "the search ended by an exception");
      while (!running_.empty()) {
        const auto event = executor_.next_event(now() + std::chrono::seconds{1});
        if (!event || !event->final() || running_.erase(event->trial) == 0) continue;
        if (event->kind == ExecutorEvent::Kind::completed) {
          optimizer_.tell(event->trial, event->value);
        } else {
          optimizer_.cancel(event->trial, "the search ended by an exception");
        }
      }
    } catch (...) {  // the first exception is on its way already and says more
    }
  }

  void finish() {
    result_.stopped_by = stopped_by_.value_or(options_.trials && started_ >= *options_.trials ? StopReason::trials
                                                                                              : StopReason::exhausted);
    if constexpr (requires { executor_.settle(); }) executor_.settle();
    result_.slots = executor_.slots();
    result_.elapsed = now() - begin_;
  }

  Optimizer<S>& optimizer_;
  E& executor_;
  std::shared_ptr<const F> objective_;
  const SearchOptions<P>& options_;
  InterruptGuard interrupts_;
  AskAheadPolicy ask_ahead_;
  Clock::time_point begin_;

  std::unordered_map<TrialId, Attempt> running_;
  std::deque<Attempt> retries_;
  std::deque<TrialId> ahead_;  // handed over before a slot was free; some have begun by now
  std::size_t started_ = 0;
  std::size_t without_improvement_ = 0;
  std::optional<StopReason> stopped_by_;
  bool cancelled_ = false;
  SearchStatus status_;
  SearchResult<P> result_;
};

}  // namespace hposearch::inline v0::detail
