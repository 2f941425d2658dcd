/// \file
/// The SearchSpace concept: what an optimizer needs to know of a space. Space and DynamicSpace are its models here.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>

#include <Eigen/Core>

#include <hposearch/space/encoded_space.hpp>

namespace hposearch::inline v0 {

/// The user's points and their way into the unit cube and back.
///
/// - `point_type`: what the user sees; comparable.
/// - `size()`: number of dimensions, fixed ones included.
/// - `encoded()`: the free dimensions, as samplers see them.
/// - `encode(point)`: its canonical coordinates. Equal points have equal coordinates, bit for bit.
///   \throws InvalidPoint for a point outside the space, naming the dimension
/// - `decode(row)`: the point at those coordinates, which are clamped to [0, 1]; always inside the space.
///   \throws InvalidPoint for a wrong number of coordinates or NaN
/// - `fingerprint()`: equal for spaces that mean the same search, in every program and on every machine.
///
/// The const functions may be called from several threads at once.
template <class S>
concept SearchSpace = std::copyable<S> && std::copyable<typename S::point_type> &&
    std::equality_comparable<typename S::point_type> &&
    requires(const S& space, const typename S::point_type& point, const Eigen::Ref<const EncodedPoint>& row) {
  { space.size() } -> std::same_as<std::size_t>;
  { space.encoded() } -> std::same_as<const EncodedSpace&>;
  { space.encode(point) } -> std::same_as<EncodedPoint>;
  { space.decode(row) } -> std::same_as<typename S::point_type>;
  { space.fingerprint() } -> std::same_as<std::uint64_t>;
};

}  // namespace hposearch::inline v0
