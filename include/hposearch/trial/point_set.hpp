/// \file
/// A set of encoded points, by their exact coordinates.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <unordered_map>

#include <Eigen/Core>

#include <hposearch/space/encoded_space.hpp>

namespace hposearch::inline v0 {

/// Counts how often each canonical point is held, so that a point observed twice and cancelled once is still seen.
class PointSet {
 public:
  using Row = Eigen::Ref<const EncodedPoint>;

  void insert(const Row& point) { ++counts_[key(point)]; }

  void erase(const Row& point) {
    const auto found = counts_.find(key(point));
    if (found != counts_.end() && --found->second == 0) counts_.erase(found);
  }

  [[nodiscard]] bool contains(const Row& point) const { return counts_.contains(key(point)); }

  /// Number of distinct points.
  [[nodiscard]] std::size_t size() const noexcept { return counts_.size(); }

 private:
  // The bytes of the coordinates: canonical points are equal exactly when their bytes are, once -0 is folded into 0.
  [[nodiscard]] static std::string key(const Row& point) {
    std::string bytes(sizeof(double) * static_cast<std::size_t>(point.size()), '\0');
    for (Eigen::Index j = 0; j < point.size(); ++j) {
      const auto bits = std::bit_cast<std::uint64_t>(point[j] + 0.0);
      std::memcpy(bytes.data() + sizeof(bits) * static_cast<std::size_t>(j), &bits, sizeof(bits));
    }
    return bytes;
  }

  std::unordered_map<std::string, std::size_t> counts_;
};

}  // namespace hposearch::inline v0
