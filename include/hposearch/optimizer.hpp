/// \file
/// The optimizer: ask for points, tell results.
#pragma once

#include <chrono>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <ranges>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <hposearch/error.hpp>
#include <hposearch/optimizer/encoded_optimizer.hpp>
#include <hposearch/optimizer/options.hpp>
#include <hposearch/sampler/auto.hpp>
#include <hposearch/space/search_space.hpp>
#include <hposearch/text.hpp>
#include <hposearch/trial/observation.hpp>
#include <hposearch/trial/outcome.hpp>
#include <hposearch/trial/trial.hpp>

namespace hposearch::inline v0 {

/// Proposes points of a space and learns from their results.
///
/// Points asked for and not told yet are pending and influence the next ask, so any number of workers may be kept busy
/// in any order. No point is proposed twice while untried ones remain. Every member may be called from any thread: a
/// mutex serialises them.
///
/// \tparam S the space, see SearchSpace
template <SearchSpace S>
class Optimizer {
 public:
  using space_type = S;
  using point_type = typename S::point_type;
  using trial_type = Trial<point_type>;

  explicit Optimizer(S space, OptimizerOptions options = {})
      : space_(std::move(space)),
        direction_(options.direction),
        core_(space_.encoded(), options.sampler ? *std::move(options.sampler) : AnySampler{AutoSampler{}}, options.seed,
              options.budget) {}

  [[nodiscard]] const S& space() const noexcept { return space_; }

  /// The next point to evaluate: an enqueued one if there is any, else the sampler's.
  /// \throws SpaceExhausted if every point of a finite space has been tried or is pending
  [[nodiscard]] trial_type ask() { return ask(1).front(); }

  /// The next `n` points to evaluate together; fewer where a finite space ends.
  /// \throws InvalidArgument if n is 0
  /// \throws SpaceExhausted if not even one point is left
  [[nodiscard]] std::vector<trial_type> ask(std::size_t n) {
    if (n == 0) throw InvalidArgument("n", "0", "ask for at least 1 point");
    const std::scoped_lock lock{mutex_};
    std::vector<trial_type> trials;
    trials.reserve(n);
    while (trials.size() < n && !queue_.empty()) {
      trials.push_back(record(add(std::move(queue_.front()))));
      queue_.pop_front();
    }
    if (trials.size() == n || (!trials.empty() && core_.exhausted())) return trials;
    for (const TrialId id : ask_sampler(n - trials.size(), trials)) {
      points_.push_back(space_.decode(core_.history().point(id)));
      trials.push_back(record(id));
    }
    return trials;
  }

  /// Chooses the next point ahead of time, so that the next ask() returns at once. Results told in between no longer
  /// influence that point; a point enqueued in between goes first. Does nothing in an exhausted space.
  void prepare() {
    const std::scoped_lock lock{mutex_};
    if (queue_.empty()) core_.prepare();
  }

  /// Tells the value of a trial. A value that is not finite makes it a failure. The same value told again is ignored.
  /// A result for a cancelled trial is welcome, however late.
  /// \throws UnknownTrial    if the trial was never asked for
  /// \throws ConflictingTell if another result was told before
  void tell(TrialId id, double value) { tell(id, Outcome{value}); }
  void tell(const trial_type& trial, double value) { tell(trial.id, Outcome{value}); }

  /// Tells a value or a failure, as an executor's map() returns them.
  void tell(TrialId id, const Outcome& outcome) { finish(id, to_result(outcome)); }
  void tell(const trial_type& trial, const Outcome& outcome) { tell(trial.id, outcome); }

  /// Tells a result with the run time, see Outcome::after.
  void tell(TrialId id, const Outcome& outcome, std::chrono::duration<double> took) { tell(id, outcome.after(took)); }
  void tell(const trial_type& trial, const Outcome& outcome, std::chrono::duration<double> took) {
    tell(trial.id, outcome, took);
  }

  /// Tells the value of the pending trial at `point`.
  /// \throws UnknownTrial if there is none; see observe() for results that were not asked for
  void tell(const point_type& point, double value) { tell(find(point, value), value); }

  /// Tells the results of several trials, in the same order: all of them, or none if one is refused.
  /// \param trials   what ask(n) returned, or their ids
  /// \param outcomes a value or an Outcome per trial
  /// \throws InvalidArgument if the numbers differ; otherwise as tell() of one
  template <std::ranges::random_access_range Outcomes>
    requires std::ranges::sized_range<Outcomes> &&
        std::constructible_from<Outcome, std::ranges::range_value_t<Outcomes>>
  void tell(const std::vector<TrialId>& trials, const Outcomes& outcomes) {
    const std::size_t told = std::ranges::size(outcomes);
    if (told != trials.size()) {
      throw InvalidArgument("outcomes", to_text(told), "must be as many as the trials, " + to_text(trials.size()));
    }
    const std::scoped_lock lock{mutex_};
    std::vector<Result> results;
    results.reserve(told);
    for (const auto& outcome : outcomes) {
      results.push_back(to_result(Outcome{outcome}));
      static_cast<void>(check(trials[results.size() - 1], results.back()));
    }
    for (std::size_t i = 0; i < told; ++i) {
      if (check(trials[i], results[i])) apply(trials[i], std::move(results[i]));  // a trial may stand there twice
    }
  }
  template <std::ranges::random_access_range Outcomes>
    requires std::ranges::sized_range<Outcomes> &&
        std::constructible_from<Outcome, std::ranges::range_value_t<Outcomes>>
  void tell(const std::vector<trial_type>& trials, const Outcomes& outcomes) {
    std::vector<TrialId> ids;
    ids.reserve(trials.size());
    for (const auto& trial : trials) ids.push_back(trial.id);
    tell(ids, outcomes);
  }

  /// Tells that a trial has no value. It never enters the objective's model.
  /// \throws UnknownTrial, ConflictingTell as tell()
  void tell_failure(TrialId id, std::string reason) { finish(id, {TrialState::failed, {}, std::move(reason)}); }
  void tell_failure(const trial_type& trial, std::string reason) { tell_failure(trial.id, std::move(reason)); }

  /// Tells that a trial was stopped early because it did not look promising.
  /// \param last its last intermediate value, if it reported any
  /// \throws UnknownTrial, ConflictingTell as tell()
  void tell_pruned(TrialId id, std::optional<double> last = {}) { finish(id, {TrialState::pruned, last, "pruned"}); }
  void tell_pruned(const trial_type& trial, std::optional<double> last = {}) { tell_pruned(trial.id, last); }

  /// Gives up a trial that will never come back: it is no longer pending, and its point may be proposed again.
  /// \throws UnknownTrial, ConflictingTell as tell()
  void cancel(TrialId id, std::string reason = "cancelled") {
    finish(id, {TrialState::cancelled, {}, std::move(reason)});
  }
  void cancel(const trial_type& trial, std::string reason = "cancelled") { cancel(trial.id, std::move(reason)); }
  /// The same as cancel().
  void forget(TrialId id) { cancel(id, "forgotten"); }
  void forget(const trial_type& trial) { forget(trial.id); }

  /// Puts a point at the end of those to be asked next, before any of the sampler's; one tried before is tried again.
  /// \throws InvalidPoint if it is not in the space
  void enqueue(point_type point) {
    static_cast<void>(space_.encode(point));
    const std::scoped_lock lock{mutex_};
    queue_.push_back(std::move(point));
  }

  /// Adds a result that was known before and not asked for, and returns the trial that now holds it.
  /// \throws InvalidPoint if `point` is not in the space
  TrialId observe(point_type point, double value) {
    const std::scoped_lock lock{mutex_};
    const TrialId id = add(std::move(point));
    apply(id, to_result(Outcome{value}));
    return id;
  }

  /// The completed trial with the best value; the first of equals.
  /// \throws NoObservation if no trial has completed
  [[nodiscard]] Observation<point_type> best() const {
    const std::scoped_lock lock{mutex_};
    const auto id = core_.history().best();
    if (!id) throw NoObservation("no trial has completed, so there is no best one");
    return {*id, points_[*id], core_.history().losses()[*id] * sign()};
  }

  /// One trial as it stands. \throws UnknownTrial
  [[nodiscard]] trial_type trial(TrialId id) const {
    const std::scoped_lock lock{mutex_};
    require_known(id);
    return record(id);
  }

  /// Every trial as it stands, in the order of their ids.
  [[nodiscard]] std::vector<trial_type> history() const {
    const std::scoped_lock lock{mutex_};
    std::vector<trial_type> trials;
    trials.reserve(points_.size());
    for (TrialId id = 0; id < points_.size(); ++id) trials.push_back(record(id));
    return trials;
  }

  /// Number of trials in `state`.
  [[nodiscard]] std::size_t count(TrialState state) const {
    const std::scoped_lock lock{mutex_};
    return core_.history().count(state);
  }
  /// Number of trials, in whatever state.
  [[nodiscard]] std::size_t size() const {
    const std::scoped_lock lock{mutex_};
    return points_.size();
  }

  /// Whether a finite space has no untried point left.
  [[nodiscard]] bool exhausted() const {
    const std::scoped_lock lock{mutex_};
    return queue_.empty() && core_.exhausted();
  }

  [[nodiscard]] Direction direction() const {
    const std::scoped_lock lock{mutex_};
    return direction_.value_or(Direction::minimize);
  }

  /// Settles the direction, as minimize() and maximize() do.
  /// \throws InvalidArgument if it is settled the other way
  void settle_direction(Direction direction) {
    const std::scoped_lock lock{mutex_};
    if (direction_.value_or(direction) != direction) {
      const bool minimizes = direction_ == Direction::minimize;
      throw InvalidArgument("direction", minimizes ? "maximize" : "minimize",
                            minimizes ? "this optimizer minimizes" : "this optimizer maximizes");
    }
    direction_ = direction;
  }

  /// Says how many trials the whole study will have, unless that was said before.
  void suggest_budget(std::size_t trials) {
    const std::scoped_lock lock{mutex_};
    if (!core_.budget()) core_.set_budget(trials);
  }

 private:
  // What becomes of a trial, in the user's direction.
  struct Result {
    TrialState state;
    std::optional<double> value;
    std::string reason;
    std::optional<std::chrono::duration<double>> took = {};
  };

  [[nodiscard]] static Result to_result(const Outcome& outcome) {
    if (!outcome.has_value()) return {TrialState::failed, {}, outcome.reason(), outcome.took()};
    const double value = outcome.value();
    if (std::isfinite(value)) return {TrialState::completed, value, {}, outcome.took()};
    return {TrialState::failed, {}, "the value is " + to_text(value), outcome.took()};
  }

  void require_known(TrialId id) const {
    if (id >= points_.size()) {
      throw UnknownTrial("trial", to_text(id), "was not asked for: " + to_text(points_.size()) + " trials exist");
    }
  }

  // Whether `result` is news; throws if the trial is unknown or has another result already.
  [[nodiscard]] bool check(TrialId id, const Result& result) const {
    require_known(id);
    const TrialState state = core_.history().state(id);
    if (state == TrialState::pending) return true;
    if (state == TrialState::cancelled) return result.state != TrialState::cancelled;
    const trial_type told = record(id);
    if (told.state == result.state && (state == TrialState::failed || told.value == result.value)) return false;
    const std::string name = "trial " + to_text(id);
    throw ConflictingTell(name, result.value ? to_text(*result.value) : std::string{to_text(result.state)},
                          "it was told before as " + std::string{to_text(state)} +
                              (told.value ? " with value " + to_text(*told.value) : ""));
  }

  void finish(TrialId id, Result result) {
    const std::scoped_lock lock{mutex_};
    if (check(id, result)) apply(id, std::move(result));
  }

  void apply(TrialId id, Result result) {
    endings_.erase(id);  // of a cancelled trial whose result came late
    if (result.took) core_.history().took(id, result.took->count());
    if (result.state == TrialState::completed) {
      if (!direction_) direction_ = Direction::minimize;
      core_.history().complete(id, *result.value * sign());
      return;
    }
    core_.history().end(id, result.state, result.value ? std::optional{*result.value * sign()} : std::nullopt);
    endings_[id] = {result.value, std::move(result.reason)};
  }

  // Asks for points beside `queued` ones, which go back where they were if that throws: nobody would evaluate them.
  [[nodiscard]] std::vector<TrialId> ask_sampler(std::size_t count, const std::vector<trial_type>& queued) {
    try {
      return core_.ask(count);
    } catch (...) {
      for (auto trial = queued.rbegin(); trial != queued.rend(); ++trial) {
        apply(trial->id, {TrialState::cancelled, {}, "back in the queue, since the sampler failed"});
        queue_.push_front(trial->point);
      }
      throw;
    }
  }

  // A new pending trial at a point of the user's.
  [[nodiscard]] TrialId add(point_type point) {
    const TrialId id = core_.history().create(space_.encode(point));
    points_.push_back(std::move(point));
    return id;
  }

  [[nodiscard]] TrialId find(const point_type& point, double value) const {
    const std::scoped_lock lock{mutex_};
    for (const TrialId id : core_.history().pending()) {
      if (points_[id] == point) return id;
    }
    for (TrialId id = 0; id < points_.size(); ++id) {
      if (points_[id] == point) return id;
    }
    throw UnknownTrial("point", to_text(point),
                       "was not asked for; use observe() for a result known from elsewhere, here " + to_text(value));
  }

  [[nodiscard]] trial_type record(TrialId id) const {
    const History& history = core_.history();
    trial_type trial{id, points_[id], history.state(id), {}, {}};
    if (trial.state == TrialState::completed) trial.value = history.losses()[id] * sign();
    if (const auto ending = endings_.find(id); ending != endings_.end()) {
      trial.value = ending->second.value;
      trial.reason = ending->second.reason;
    }
    return trial;
  }

  [[nodiscard]] double sign() const { return direction_ == Direction::maximize ? -1.0 : 1.0; }

  struct Ending {
    std::optional<double> value;
    std::string reason;
  };

  S space_;
  std::optional<Direction> direction_;
  EncodedOptimizer core_;
  std::vector<point_type> points_;  // by trial, exactly as handed out or received
  std::unordered_map<TrialId, Ending> endings_;
  std::deque<point_type> queue_;
  mutable std::mutex mutex_;
};

}  // namespace hposearch::inline v0
