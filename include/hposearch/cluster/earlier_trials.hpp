/// \file
/// Trials that were under way when an earlier head of the same search ended.
#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <set>
#include <utility>

#include <hposearch/cluster/bytes.hpp>
#include <hposearch/cluster/head_records.hpp>
#include <hposearch/cluster/message.hpp>
#include <hposearch/cluster/point_codec.hpp>
#include <hposearch/executor.hpp>

namespace hposearch::inline v0 {

/// A trial that a head had given out when it ended, and of which it has not told an end.
///
/// Made by earlier_trial(). For `ClusterOptions::earlier`.
struct EarlierTrial {
  TrialId trial = 0;         ///< its number in the search that goes on
  cluster::TaskId task = 0;  ///< as `ClusterOptions::on_task` said
  cluster::Bytes point{};    ///< encoded
  StartOptions options{};    ///< for the case that it must be run again
};

template <cluster::WirePoint P>
[[nodiscard]] EarlierTrial earlier_trial(TrialId trial, cluster::TaskId task, const P& point,
                                         StartOptions options = {}) {
  return {trial, task, cluster::encode_point(point), std::move(options)};
}

namespace cluster {

/// Earlier trials until the search starts them: what happens to one before is kept until then.
class EarlierTrials {
 public:
  void add(TrialId trial) { waiting_.insert(trial); }
  [[nodiscard]] bool waits(TrialId trial) const { return waiting_.contains(trial); }
  /// Those that waits for the search and have not ended, as far as `runs(trial)` knows.
  template <class Runs>
  [[nodiscard]] std::size_t running(const Runs& runs) const {
    return static_cast<std::size_t>(std::ranges::count_if(waiting_, runs));
  }

  /// The search starts a trial. \returns whether it is an earlier one, which needs no start
  bool begin(TrialId trial) {
    if (waiting_.erase(trial) == 0) return false;
    const auto own = [trial](const HeadEvent& event) { return event.event.trial == trial; };
    for (HeadEvent& event : early_)
      if (own(event)) due_.push_back(std::move(event));
    std::erase_if(early_, own);
    return true;
  }
  void keep(HeadEvent event) { early_.push_back(std::move(event)); }
  [[nodiscard]] bool has_due() const noexcept { return !due_.empty(); }
  /// An event that was kept, of a trial that has been started since. \pre has_due()
  [[nodiscard]] HeadEvent take_due() {
    HeadEvent event = std::move(due_.front());
    due_.pop_front();
    return event;
  }

 private:
  std::set<TrialId> waiting_;
  std::deque<HeadEvent> early_, due_;
};

}  // namespace cluster
}  // namespace hposearch::inline v0
