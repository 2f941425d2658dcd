/// \file
/// How many workers there ought to be, by what they have to do.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>

#include <hposearch/error.hpp>
#include <hposearch/text.hpp>

namespace hposearch::inline v0 {

struct ElasticOptions {
  std::size_t least = 1;  ///< workers that are always kept
  std::size_t most = 16;  ///< workers that are never exceeded
  /// Twice as many workers are wanted once all slots have been busy for so long since the last change. Where workers
  /// take longer to start, this should be longer as well, or more are started than there turns out to be work for.
  std::chrono::nanoseconds grow_after = std::chrono::seconds{2};
  /// Fewer are wanted once fewer would have done for so long.
  std::chrono::nanoseconds shrink_after = std::chrono::seconds{30};
  std::chrono::nanoseconds period = std::chrono::seconds{1};  ///< between two looks

  /// \throws InvalidArgument
  void validate() const {
    if (least < 1)
      throw InvalidArgument("least", "0", "must be at least 1: without a worker there is nothing to go by");
    if (most < least) throw InvalidArgument("most", to_text(most), "must be at least " + to_text(least));
    if (grow_after.count() < 0 || shrink_after.count() < 0 || period.count() <= 0)
      throw InvalidArgument("period", to_text(period.count()) + " ns", "must be above 0, and no time below");
  }
};

/// What workers have to do now.
struct WorkerLoad {
  std::size_t workers = 0;  ///< those that take trials
  std::size_t slots = 0;    ///< of these
  std::size_t trials = 0;   ///< given to them: running, and waiting behind those
};

namespace detail {

/// Decides from one look to the next. Knows no clock.
class ElasticPolicy {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// \throws InvalidArgument
  explicit ElasticPolicy(const ElasticOptions& options) : options_(options), wanted_(options.least) {
    options_.validate();
  }

  /// How many workers are wanted. To be called every now and then.
  [[nodiscard]] std::size_t look(const WorkerLoad& load, Time now) {
    const bool busy = load.slots > 0 && load.trials >= load.slots;
    if (!busy) busy_since_.reset();
    if (busy && !busy_since_) busy_since_ = now;
    // What would be enough shows only where slots are free: those who are lost or on their way may be missing now.
    const std::size_t enough = busy || load.slots == 0 ? wanted_ : enough_workers(load);
    if (enough >= wanted_ || !spare_since_) {
      spare_since_.reset();
      if (enough < wanted_) spare_since_ = now;
      enough_ = enough;
    }
    enough_ = std::max(enough_, enough);

    if (busy && now - *busy_since_ >= options_.grow_after && wanted_ < options_.most)
      change(std::min(options_.most, 2 * wanted_));
    else if (spare_since_ && now - *spare_since_ >= options_.shrink_after)
      change(enough_);
    return wanted_;
  }

 private:
  [[nodiscard]] std::size_t enough_workers(const WorkerLoad& load) const {
    const std::size_t workers = (load.trials * load.workers + load.slots - 1) / load.slots;
    return std::clamp(workers, options_.least, wanted_);
  }
  void change(std::size_t wanted) {
    wanted_ = wanted;
    busy_since_.reset();
    spare_since_.reset();
  }

  ElasticOptions options_;
  std::size_t wanted_;
  std::optional<Time> busy_since_, spare_since_;
  std::size_t enough_ = 0;  // the most that would have done at any look since
};

}  // namespace detail
}  // namespace hposearch::inline v0
