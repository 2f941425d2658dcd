/// \file
/// The space as samplers see it: the unit cube, with the cells of its discrete dimensions.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include <hposearch/numeric/elementary.hpp>

namespace hposearch::inline v0 {

/// One point of the unit cube, a coordinate per free dimension.
using EncodedPoint = Eigen::RowVectorXd;
/// n x d: a row per point.
using EncodedPoints = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

enum class DimensionKind : std::uint8_t {
  real,         ///< a continuum
  ordered,      ///< integers, ordinals and quantised reals: cells in order
  categorical,  ///< cells without an order
};

/// One axis of the unit cube.
///
/// A real dimension uses all of [0, 1]. A discrete one has `cells` cells, and each has one canonical coordinate, its
/// `centre`: (k + 1/2) / cells on a linear axis and for categories. An ordered dimension on a log axis has the value
/// `first + k * step` in cell k, with the cells' borders half a step from it, all under the logarithm.
struct EncodedDimension {
  std::string name;
  DimensionKind kind = DimensionKind::real;
  std::size_t cells = 0;          ///< 0 for a continuum, otherwise at least 2
  bool log = false;               ///< discrete only: cells are spaced by the logarithm of their values
  double first = 0;               ///< log cells only: the value of cell 0, above 0
  double step = 1;                ///< log cells only: the distance between values
  std::optional<double> initial;  ///< coordinate of the declared default, if any

  [[nodiscard]] bool operator==(const EncodedDimension&) const = default;

  [[nodiscard]] bool discrete() const noexcept { return cells != 0; }

  /// Canonical coordinate of cell `k`, 0 <= k < cells.
  [[nodiscard]] double centre(std::size_t k) const {
    const auto index = static_cast<double>(k);
    if (!log) return (index + 0.5) / static_cast<double>(cells);
    return (numeric::log(first + index * step) - lower()) / (upper() - lower());
  }

  /// The cell that coordinate `u` lies in; `u` is clamped to [0, 1] first.
  [[nodiscard]] std::size_t cell(double u) const {
    const double t = std::clamp(u, 0.0, 1.0);
    const double k = log ? std::round((numeric::exp(lower() + t * (upper() - lower())) - first) / step)
                         : std::floor(t * static_cast<double>(cells));
    return static_cast<std::size_t>(std::clamp(k, 0.0, static_cast<double>(cells - 1)));
  }

  /// The coordinate where cell `k` begins and cell k - 1 ends, 0 <= k <= cells: 0 for the first, 1 for k = cells.
  [[nodiscard]] double border(std::size_t k) const {
    if (k == 0 || k == cells) return k == 0 ? 0 : 1;
    const auto index = static_cast<double>(k);
    if (!log) return index / static_cast<double>(cells);
    return (numeric::log(first + (index - 0.5) * step) - lower()) / (upper() - lower());
  }

  /// The canonical coordinate nearest to `u`: the centre of its cell, or `u` itself clamped to [0, 1].
  [[nodiscard]] double snap(double u) const { return discrete() ? centre(cell(u)) : std::clamp(u, 0.0, 1.0); }

 private:
  // A first value below half a step keeps its lower border positive.
  [[nodiscard]] double lower() const { return numeric::log(std::max(first - step / 2, first / 2)); }
  [[nodiscard]] double upper() const { return numeric::log(first + (static_cast<double>(cells) - 0.5) * step); }
};

/// The free dimensions of a space in order. Fixed dimensions do not appear.
class EncodedSpace {
 public:
  EncodedSpace() = default;
  explicit EncodedSpace(std::vector<EncodedDimension> dimensions) : dimensions_(std::move(dimensions)) {}

  [[nodiscard]] bool operator==(const EncodedSpace&) const = default;

  [[nodiscard]] std::size_t size() const noexcept { return dimensions_.size(); }
  [[nodiscard]] const EncodedDimension& operator[](std::size_t j) const { return dimensions_[j]; }
  [[nodiscard]] auto begin() const noexcept { return dimensions_.begin(); }
  [[nodiscard]] auto end() const noexcept { return dimensions_.end(); }

  /// Number of distinct points, or nothing where a dimension is a continuum or the number overflows 64 bits.
  [[nodiscard]] std::optional<std::uint64_t> cardinality() const {
    std::uint64_t product = 1;
    for (const auto& dimension : dimensions_) {
      if (!dimension.discrete() || product > std::numeric_limits<std::uint64_t>::max() / dimension.cells) return {};
      product *= dimension.cells;
    }
    return product;
  }

  /// Every coordinate moved to its canonical place, see EncodedDimension::snap.
  void snap(Eigen::Ref<EncodedPoint> point) const {
    for (std::size_t j = 0; j < size(); ++j) {
      auto& u = point[static_cast<Eigen::Index>(j)];
      u = dimensions_[j].snap(u);
    }
  }

 private:
  std::vector<EncodedDimension> dimensions_;
};

}  // namespace hposearch::inline v0
