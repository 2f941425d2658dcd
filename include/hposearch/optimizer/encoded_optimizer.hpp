/// \file
/// The optimizer without types: a sampler and the history it learns from, over the unit cube.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <hposearch/error.hpp>
#include <hposearch/numeric/random.hpp>
#include <hposearch/sampler.hpp>
#include <hposearch/space/encoded_space.hpp>
#include <hposearch/text.hpp>
#include <hposearch/trial/history.hpp>
#include <hposearch/trial/unseen.hpp>

namespace hposearch::inline v0 {

/// Asks a sampler for points, keeps them distinct, and records what becomes of them.
///
/// What every sampler is spared: points are snapped to the space, none is proposed twice while untried ones remain,
/// and a finite space ends. Not thread-safe.
class EncodedOptimizer {
 public:
  EncodedOptimizer(EncodedSpace space, AnySampler sampler, std::uint64_t seed, std::optional<std::size_t> budget)
      : space_(std::move(space)), sampler_(std::move(sampler)), history_(space_.size()), seed_(seed), budget_(budget) {}

  [[nodiscard]] const EncodedSpace& space() const noexcept { return space_; }
  [[nodiscard]] const History& history() const noexcept { return history_; }
  [[nodiscard]] History& history() noexcept { return history_; }

  [[nodiscard]] std::optional<std::size_t> budget() const noexcept { return budget_; }
  void set_budget(std::size_t trials) noexcept { budget_ = trials; }

  /// Whether an untried point is left.
  [[nodiscard]] bool exhausted() const {
    const auto cardinality = space_.cardinality();
    return cardinality && history_.seen().size() >= *cardinality;
  }

  /// The next `count` points, now pending; fewer if the space runs out on the way.
  /// \throws SpaceExhausted if it has run out already
  std::vector<TrialId> ask(std::size_t count) {
    if (exhausted()) {
      throw SpaceExhausted("all " + to_text(*space_.cardinality()) +
                           " points of the space have been tried or are pending");
    }
    const EncodedPoints points = prepared(count) ? std::exchange(prepared_->points, {}) : suggest(count);
    prepared_.reset();
    std::vector<TrialId> ids;
    ids.reserve(count);
    numeric::Random random{seed_, ~static_cast<std::uint64_t>(history_.size())};
    for (Eigen::Index i = 0; i < points.rows(); ++i) {
      EncodedPoint point = points.row(i);
      if (!make_unseen(space_, history_.seen(), point, random)) break;
      ids.push_back(history_.create(point));
    }
    return ids;
  }

  /// Chooses the next point ahead of time, with what is known now: the next ask(1) then costs nothing, though results
  /// told in between no longer influence it. Does nothing once the space is exhausted.
  void prepare() {
    if (!exhausted()) prepared_ = Prepared{history_.size(), suggest(1)};
  }

 private:
  struct Prepared {
    std::size_t trials;  // how many there were; a trial created since would be missing among the pending ones
    EncodedPoints points;
  };

  [[nodiscard]] bool prepared(std::size_t count) const {
    return prepared_ && count == 1 && prepared_->trials == history_.size();
  }

  [[nodiscard]] EncodedPoints suggest(std::size_t count) {
    const auto rows = static_cast<Eigen::Index>(count), columns = static_cast<Eigen::Index>(space_.size());
    if (columns == 0) return EncodedPoints(rows, 0);
    EncodedPoints points = sampler_.suggest({space_, history_, seed_, count, budget_});
    if (points.rows() != rows || points.cols() != columns) {
      throw Error("the sampler returned " + to_text(points.rows()) + " x " + to_text(points.cols()) +
                  " coordinates where " + to_text(rows) + " x " + to_text(columns) + " were asked for");
    }
    return points;
  }

  EncodedSpace space_;
  AnySampler sampler_;
  History history_;
  std::uint64_t seed_;
  std::optional<std::size_t> budget_;
  std::optional<Prepared> prepared_;
};

}  // namespace hposearch::inline v0
