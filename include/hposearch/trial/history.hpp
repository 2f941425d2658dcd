/// \file
/// Every trial of a study in columns: what samplers learn from.
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include <Eigen/Core>

#include <hposearch/space/encoded_space.hpp>
#include <hposearch/trial/point_set.hpp>
#include <hposearch/trial/state.hpp>

namespace hposearch::inline v0 {

/// The trials of one study, indexed by TrialId: encoded points, states and losses.
///
/// A loss is a value turned so that smaller is better. Points are canonical (see EncodedSpace::snap). A trial is
/// created pending and ends once; only a cancelled one may still get a result that comes late. Not thread-safe: the
/// search's thread owns it.
class History {
 public:
  explicit History(std::size_t dimensions) : dimensions_(dimensions) {}

  /// Number of trials created so far; ids are 0 to size() - 1.
  [[nodiscard]] std::size_t size() const noexcept { return states_.size(); }
  [[nodiscard]] std::size_t dimensions() const noexcept { return dimensions_; }

  /// size() x d, a row per trial. Valid until the next trial is created.
  [[nodiscard]] Eigen::Map<const EncodedPoints> points() const {
    return {coordinates_.data(), static_cast<Eigen::Index>(size()), static_cast<Eigen::Index>(dimensions_)};
  }
  [[nodiscard]] Eigen::Map<const EncodedPoint> point(TrialId id) const {
    return {coordinates_.data() + id * dimensions_, static_cast<Eigen::Index>(dimensions_)};
  }

  [[nodiscard]] TrialState state(TrialId id) const { return states_.at(id); }
  [[nodiscard]] std::span<const TrialState> states() const noexcept { return states_; }
  /// Losses by trial: of completed trials, and of pruned ones the last intermediate one, not a number where there was
  /// none. Those of others mean nothing.
  [[nodiscard]] std::span<const double> losses() const noexcept { return losses_; }
  /// Run times by trial, in seconds; not a number where that is not known.
  [[nodiscard]] std::span<const double> seconds() const noexcept { return seconds_; }

  /// Ids of the pending trials, ascending.
  [[nodiscard]] std::span<const TrialId> pending() const noexcept { return pending_; }

  /// Ids of the trials that have ended, in the order in which they did.
  [[nodiscard]] std::span<const TrialId> ended() const noexcept { return ended_; }

  /// How many trials are in `state`.
  [[nodiscard]] std::size_t count(TrialState state) const { return counts_[static_cast<std::size_t>(state)]; }

  /// The completed trial with the smallest loss (the first of equals), if any.
  [[nodiscard]] std::optional<TrialId> best() const noexcept { return best_; }

  /// The distinct points of all trials that are not cancelled.
  [[nodiscard]] const PointSet& seen() const noexcept { return seen_; }

  /// Adds a pending trial at `point` (canonical) and returns its id.
  TrialId create(const Eigen::Ref<const EncodedPoint>& point) {
    const TrialId id = size();
    coordinates_.insert(coordinates_.end(), point.data(), point.data() + dimensions_);
    states_.push_back(TrialState::pending);
    losses_.push_back(0);
    seconds_.push_back(std::numeric_limits<double>::quiet_NaN());
    ++counts_[static_cast<std::size_t>(TrialState::pending)];
    pending_.push_back(id);
    seen_.insert(point);
    return id;
  }

  /// Ends a trial with a finite loss.
  void complete(TrialId id, double loss) {
    change(id, TrialState::completed);
    losses_[id] = loss;
    if (!best_ || loss < losses_[*best_]) best_ = id;
  }

  /// Ends a trial without a usable loss. A cancelled trial's point counts as untried again.
  /// \param state failed, pruned or cancelled
  /// \param last  of a pruned trial: its last intermediate loss
  void end(TrialId id, TrialState state, std::optional<double> last = {}) {
    change(id, state);
    if (state == TrialState::cancelled) seen_.erase(point(id));
    if (state == TrialState::pruned) losses_[id] = last.value_or(std::numeric_limits<double>::quiet_NaN());
  }

  /// Says how long a trial took, in seconds.
  void took(TrialId id, double seconds) { seconds_.at(id) = seconds; }

 private:
  void change(TrialId id, TrialState to) {
    const TrialState from = states_.at(id);
    if (from == TrialState::pending) pending_.erase(std::lower_bound(pending_.begin(), pending_.end(), id));
    if (from == TrialState::cancelled) {
      seen_.insert(point(id));
      ended_.erase(std::find(ended_.begin(), ended_.end(), id));
    }
    ended_.push_back(id);
    --counts_[static_cast<std::size_t>(from)];
    ++counts_[static_cast<std::size_t>(to)];
    states_[id] = to;
  }

  std::size_t dimensions_;
  std::vector<double> coordinates_;  // row-major, grows without being copied element by element
  std::vector<TrialState> states_;
  std::vector<double> losses_, seconds_;
  std::vector<TrialId> pending_, ended_;
  std::size_t counts_[5] = {};
  std::optional<TrialId> best_;
  PointSet seen_;
};

}  // namespace hposearch::inline v0
