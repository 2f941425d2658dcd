/// \file
/// Points that the search for the acquisition's maximum begins with.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <Eigen/Core>

#include <hposearch/numeric/random.hpp>
#include <hposearch/numeric/sobol.hpp>
#include <hposearch/space/encoded_space.hpp>
#include <hposearch/trial/point_set.hpp>

namespace hposearch::inline v0 {

struct CandidateOptions {
  std::size_t global = 400;      ///< quasi-random points of the whole cube
  std::size_t around = 40;       ///< perturbations of each elite point
  std::size_t enumerate = 1024;  ///< a space with at most this many cells is tried in full
};

/// `count` quasi-random canonical points from `first` on, uniform beyond the dimensions that Sobol numbers exist for.
[[nodiscard]] inline EncodedPoints quasi_random_points(const EncodedSpace& space, std::uint64_t seed,
                                                       std::uint64_t first, std::size_t count) {
  EncodedPoints points(static_cast<Eigen::Index>(count), static_cast<Eigen::Index>(space.size()));
  if (space.size() == 0) return points;
  if (space.size() > numeric::Sobol::max_dimensions) {
    numeric::Random random{seed, first};
    for (Eigen::Index i = 0; i < points.rows(); ++i) {
      for (Eigen::Index j = 0; j < points.cols(); ++j) points(i, j) = random.uniform();
      space.snap(points.row(i));
    }
    return points;
  }
  const numeric::Sobol sequence{space.size(), seed};
  for (std::size_t i = 0; i < count; ++i) {
    auto row = points.row(static_cast<Eigen::Index>(i));
    sequence.at(first + i, std::span{row.data(), space.size()});
    space.snap(row);
  }
  return points;
}

/// Every point of a finite space, in order; the caller has made sure that they are few.
[[nodiscard]] inline EncodedPoints all_points(const EncodedSpace& space) {
  const auto count = static_cast<Eigen::Index>(*space.cardinality());
  EncodedPoints points(count, static_cast<Eigen::Index>(space.size()));
  for (Eigen::Index i = 0; i < count; ++i) {
    auto rest = static_cast<std::size_t>(i);
    for (std::size_t j = 0; j < space.size(); ++j) {
      points(i, static_cast<Eigen::Index>(j)) = space[j].centre(rest % space[j].cells);
      rest /= space[j].cells;
    }
  }
  return points;
}

/// `count` canonical points around `centre`: normal steps of `width` (per dimension) shrunk by a factor between 1 and
/// 1/30, at least one cell in ordered dimensions; each dimension moves with probability min(1, moves / d); a category
/// that moves is drawn anew.
inline void perturb(const EncodedSpace& space, const Eigen::Ref<const EncodedPoint>& centre,
                    const Eigen::Ref<const EncodedPoint>& width, double moves, numeric::Random& random,
                    Eigen::Ref<EncodedPoints> points) {
  const auto d = static_cast<Eigen::Index>(space.size());
  const double chance = std::min(1.0, moves / static_cast<double>(d));
  for (Eigen::Index i = 0; i < points.rows(); ++i) {
    const double shrink = numeric::exp(-3.4 * random.uniform());
    const auto forced = static_cast<Eigen::Index>(random.below(static_cast<std::uint64_t>(d)));
    for (Eigen::Index j = 0; j < d; ++j) {
      const auto& dimension = space[static_cast<std::size_t>(j)];
      double u = centre[j];
      if (j == forced || random.uniform() < chance) {
        if (dimension.kind == DimensionKind::categorical) {
          if (j == forced || random.uniform() < 0.2) u = random.uniform();
        } else {
          double step = random.normal() * width[j] * shrink;
          if (dimension.discrete()) {
            const double cell = 1 / static_cast<double>(dimension.cells);
            if (std::fabs(step) < cell) step = step < 0 ? -cell : cell;
          }
          u += step;
          if (u < 0 || u > 1) u = std::clamp(u < 0 ? -u : 2 - u, 0.0, 1.0);
        }
      }
      points(i, j) = u;
    }
    space.snap(points.row(i));
  }
}

/// Points that differ from `point` in one discrete dimension: the next cells of ordered ones and some an eighth of the
/// axis away, other categories (24 of each dimension at random where there are more). At most `most` in all, drawn at
/// random where there are more.
[[nodiscard]] inline EncodedPoints discrete_neighbours(const EncodedSpace& space,
                                                       const Eigen::Ref<const EncodedPoint>& point, std::size_t most,
                                                       numeric::Random& random) {
  constexpr std::size_t most_categories = 24;
  std::vector<std::pair<std::size_t, std::size_t>> moves;
  for (std::size_t j = 0; j < space.size(); ++j) {
    if (!space[j].discrete()) continue;
    const std::size_t cells = space[j].cells;
    const std::size_t here = space[j].cell(point[static_cast<Eigen::Index>(j)]);
    if (space[j].kind == DimensionKind::ordered) {
      for (const std::size_t reach : {std::size_t{1}, std::max<std::size_t>(2, cells / 8)}) {
        if (here >= reach) moves.emplace_back(j, here - reach);
        if (here + reach < cells) moves.emplace_back(j, here + reach);
      }
    } else if (cells - 1 <= most_categories) {
      for (std::size_t k = 0; k < cells; ++k) {
        if (k != here) moves.emplace_back(j, k);
      }
    } else {
      for (std::size_t k = 0; k < most_categories; ++k) {
        moves.emplace_back(j, (here + 1 + static_cast<std::size_t>(random.below(cells - 1))) % cells);
      }
    }
  }
  if (moves.size() > most) {
    random.shuffle(std::span{moves});
    moves.resize(most);
  }
  EncodedPoints around(static_cast<Eigen::Index>(moves.size()), point.size());
  for (Eigen::Index i = 0; i < around.rows(); ++i) {
    const auto& [j, cell] = moves[static_cast<std::size_t>(i)];
    around.row(i) = point;
    around(i, static_cast<Eigen::Index>(j)) = space[j].centre(cell);
  }
  return around;
}

}  // namespace hposearch::inline v0
