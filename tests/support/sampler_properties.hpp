// What holds for every sampler, whatever the space and the history.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <support/catch.hpp>
#include <support/dimensions.hpp>
#include <support/encoded_spaces.hpp>

#include <hposearch/numeric/random.hpp>
#include <hposearch/sampler.hpp>
#include <hposearch/trial/history.hpp>
#include <hposearch/trial/unseen.hpp>

namespace support {

using namespace hposearch;

// Every coordinate is a number within the unit cube.
inline bool inside(const EncodedPoints& points) {
  for (Eigen::Index i = 0; i < points.size(); ++i) {
    if (!(points.data()[i] >= 0 && points.data()[i] <= 1)) return false;
  }
  return true;
}

enum class Losses { smooth, constant, huge, tiny, duplicates, failures, count };

// Ends a trial the way a study of the given kind would.
inline void finish(History& history, TrialId id, Losses kind, numeric::Random& random) {
  double loss = 0;
  for (Eigen::Index j = 0; j < history.point(id).size(); ++j) loss += std::fabs(history.point(id)[j] - 0.3);
  switch (kind) {
    case Losses::constant:
      loss = 7;
      break;
    case Losses::huge:
      loss = random.below(2) == 0 ? 1e300 * (random.uniform() - 0.5) : 1.7e308 * (random.below(2) == 0 ? 1 : -1);
      break;
    case Losses::tiny:
      loss *= 4.9e-324;
      break;
    case Losses::duplicates:
      loss = static_cast<double>(random.below(3));
      break;
    default:
      break;
  }
  if (kind == Losses::failures || random.below(12) == 0) {
    history.end(id, TrialState::failed);
  } else if (random.below(20) == 0) {
    history.end(id, random.below(2) == 0 ? TrialState::pruned : TrialState::cancelled);
  } else {
    history.complete(id, loss);
  }
}

// Plays a study of `trials` trials with several in flight that end in any order, some points coming from elsewhere.
// Every suggestion must lie in the cube; those of one long-lived sampler and of a new one must be the same.
template <class Make>
void play(const EncodedSpace& space, Losses kind, std::uint64_t seed, std::size_t trials, Make make) {
  AnySampler lasting = make();
  History history{space.size()};
  numeric::Random random{seed, 99};
  while (history.size() < trials) {
    const std::size_t count = random.below(4) == 0 ? 1 + static_cast<std::size_t>(random.below(5)) : 1;
    std::optional<std::size_t> budget;
    if (seed % 2 == 0) budget = trials;
    const SuggestRequest request{space, history, seed, count, budget};
    const EncodedPoints points = lasting.suggest(request);
    REQUIRE(points.rows() == static_cast<Eigen::Index>(count));
    REQUIRE(points.cols() == static_cast<Eigen::Index>(space.size()));
    REQUIRE(inside(points));
    if (random.below(4) == 0) REQUIRE(make().suggest(request) == points);
    for (Eigen::Index i = 0; i < points.rows(); ++i) {
      EncodedPoint point = points.row(i);
      if (random.below(10) == 0) point = random_points(space, 1, random).row(0);
      if (!make_unseen(space, history.seen(), point, random)) return;
      history.create(point);
    }
    while (history.pending().size() > random.below(6)) {
      const auto pending = history.pending();
      finish(history, pending[random.below(pending.size())], kind, random);
    }
  }
}

// `make` returns a new sampler.
template <class Make>
void check_sampler(Make make, std::size_t spaces, std::size_t trials) {
  for (std::size_t s = 0; s < spaces; ++s) {
    numeric::Random random{s};
    const EncodedSpace space = random_space(1 + static_cast<std::size_t>(random.below(6)), random);
    const auto kind = static_cast<Losses>(s % static_cast<std::size_t>(Losses::count));
    CAPTURE(s, space.size(), kind);
    play(space, kind, s, trials, make);
  }
  play(EncodedSpace{{categories(1000), real()}}, Losses::smooth, 1, trials, make);
  play(reals(200), Losses::smooth, 2, trials, make);
  play(EncodedSpace{{integers(2)}}, Losses::smooth, 3, trials, make);
}

}  // namespace support
