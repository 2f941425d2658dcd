/// \file
/// A worker's reports that the head may not have yet.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>

#include <hposearch/cluster/message.hpp>

namespace hposearch::inline v0::cluster {

/// Keeps reports until a pong says that the head has read what was sent before its ping, so that those which were under
/// way when a connection broke are sent again on the next one, in order. The head knows doubles by their numbers.
class UnconfirmedReports {
 public:
  static constexpr std::size_t most = 10'000;  ///< beyond that the oldest are given up

  void add(const Report& report) {
    reports_.push_back({next_++, report});
    if (reports_.size() > most) reports_.pop_front();
  }
  /// A ping was sent after all of them.
  void asked() { asked_.push_back(next_); }
  /// The pong of the first ping that had none.
  void answered() {
    if (asked_.empty()) return;
    while (!reports_.empty() && reports_.front().number < asked_.front()) reports_.pop_front();
    asked_.pop_front();
  }
  /// No more pongs come.
  void connection_ended() noexcept { asked_.clear(); }
  /// A task has ended, and the head knows.
  void forget(TaskId task) {
    std::erase_if(reports_, [task](const Kept& kept) { return kept.report.task == task; });
  }
  void clear() noexcept { reports_.clear(); }

  [[nodiscard]] bool empty() const noexcept { return reports_.empty(); }
  /// Calls with each, the oldest first.
  template <class Call>
  void for_each(const Call& call) const {
    for (const Kept& kept : reports_) call(kept.report);
  }

 private:
  struct Kept {
    std::uint64_t number = 0;
    Report report;
  };
  std::deque<Kept> reports_;
  std::deque<std::uint64_t> asked_;  // for each ping without a pong, the number of the first report after it
  std::uint64_t next_ = 0;
};

}  // namespace hposearch::inline v0::cluster
