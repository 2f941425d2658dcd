/// \file
/// Recognises the part of a history that a cache was built from.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include <hposearch/numeric/random.hpp>
#include <hposearch/trial/history.hpp>

namespace hposearch::inline v0 {

/// A number that depends on the points, states and losses of the first `count` trials: a cache that was filled from
/// them holds as long as it stays the same. Cheap enough to be taken at every ask.
[[nodiscard]] inline std::uint64_t prefix_fingerprint(const History& history, std::size_t count) {
  // Four chains of multiplications at a time, since each waits for the one before.
  std::array<std::uint64_t, 4> lanes{count, 1, 2, 3};
  const auto add = [](std::uint64_t& lane, std::uint64_t word) {
    lane = (std::rotl(lane, 23) ^ word) * 0x9e3779b97f4a7c15u;
  };
  const double* const coordinates = history.points().data();
  const std::size_t size = count * history.dimensions();
  for (std::size_t i = 0; i + 4 <= size; i += 4) {
    for (std::size_t k = 0; k < 4; ++k) add(lanes[k], std::bit_cast<std::uint64_t>(coordinates[i + k]));
  }
  for (std::size_t i = size - size % 4; i < size; ++i) add(lanes[0], std::bit_cast<std::uint64_t>(coordinates[i]));
  for (std::size_t i = 0; i < count; ++i) {
    const TrialState state = history.states()[i];
    add(lanes[1], static_cast<std::uint64_t>(state));
    if (state == TrialState::completed) add(lanes[2], std::bit_cast<std::uint64_t>(history.losses()[i]));
  }
  for (const std::uint64_t lane : {lanes[1], lanes[2], lanes[3]}) add(lanes[0], lane);
  return numeric::mix_bits(lanes[0]);
}

}  // namespace hposearch::inline v0
