/// \file
/// Turns a proposed point into one that was not tried yet.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

#include <hposearch/numeric/random.hpp>
#include <hposearch/space/encoded_space.hpp>
#include <hposearch/trial/point_set.hpp>

namespace hposearch::inline v0 {

namespace detail {

// Moves one random coordinate a little: a real one by `scale`, an ordered one by a cell or more, a category to another.
inline void perturb_one(const EncodedSpace& space, Eigen::Ref<EncodedPoint> point, double scale,
                        numeric::Random& random) {
  const auto j = static_cast<std::size_t>(random.below(space.size()));
  const auto& dimension = space[j];
  auto& u = point[static_cast<Eigen::Index>(j)];
  if (dimension.kind == DimensionKind::real) {
    u += scale * (2 * random.uniform() - 1);
    if (u < 0) u = -u;
    if (u > 1) u = 2 - u;
  } else if (dimension.kind == DimensionKind::categorical) {
    u = dimension.centre(static_cast<std::size_t>(random.below(dimension.cells)));
  } else {
    const auto reach = static_cast<std::int64_t>(1 + std::floor(scale * static_cast<double>(dimension.cells)));
    const auto by = 1 + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(reach)));
    const auto last = static_cast<std::int64_t>(dimension.cells) - 1;
    auto cell = static_cast<std::int64_t>(dimension.cell(u)) + (random.uniform() < 0.5 ? by : -by);
    cell = cell < 0 ? 0 : cell > last ? last : cell;
    u = dimension.centre(static_cast<std::size_t>(cell));
  }
}

// The next point of a finite space in the order of an odometer, wrapping around.
inline void next_cell(const EncodedSpace& space, Eigen::Ref<EncodedPoint> point) {
  for (std::size_t j = 0; j < space.size(); ++j) {
    auto& u = point[static_cast<Eigen::Index>(j)];
    const std::size_t cell = space[j].cell(u) + 1;
    u = space[j].centre(cell == space[j].cells ? 0 : cell);
    if (cell != space[j].cells) return;
  }
}

}  // namespace detail

/// Snaps `point` to the space and, if it is among `seen`, replaces it by an unseen point, a near one where there is
/// one. Every unseen point of a finite space can be found this way, the last one included.
///
/// \param seen  canonical points of this space
/// \param point any coordinates; those that are not numbers are drawn anew
/// \return false if the space has no unseen point; `point` is then canonical but seen
inline bool make_unseen(const EncodedSpace& space, const PointSet& seen, Eigen::Ref<EncodedPoint> point,
                        numeric::Random& random) {
  for (Eigen::Index j = 0; j < point.size(); ++j) {
    if (std::isnan(point[j])) point[j] = random.uniform();
  }
  space.snap(point);
  if (!seen.contains(point)) return true;
  const auto cardinality = space.cardinality();
  if (cardinality && seen.size() >= *cardinality) return false;

  // Ever wider around the proposal. A space with a continuum leaves here at its first real coordinate.
  const EncodedPoint proposal = point;
  const std::size_t tries = cardinality ? 16 + 4 * space.size() : 64 * space.size();
  for (std::size_t i = 0; i < tries; ++i) {
    if (i % 4 == 0) point = proposal;
    detail::perturb_one(space, point, 0.001 * static_cast<double>(1 + i), random);
    space.snap(point);
    if (!seen.contains(point)) return true;
  }
  // A nearly exhausted finite space: at most seen.size() + 1 steps from anywhere. Otherwise draw until unseen.
  do {
    if (cardinality) {
      detail::next_cell(space, point);
    } else {
      for (Eigen::Index j = 0; j < point.size(); ++j) point[j] = random.uniform();
      space.snap(point);
    }
  } while (seen.contains(point));
  return true;
}

}  // namespace hposearch::inline v0
