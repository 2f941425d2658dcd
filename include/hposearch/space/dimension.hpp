/// \file
/// The Dimension concept: one parameter of a search space. Real, Integer, Categorical and Ordinal are its models here.
#pragma once

#include <concepts>
#include <optional>
#include <string>

#include <hposearch/space/encoded_space.hpp>

namespace hposearch::inline v0 {

/// One parameter: its values and their places on the unit interval.
///
/// - `value_type`: what the objective gets.
/// - `name()`: not empty.
/// - `encoded()`: the axis that samplers see. `cells == 1` says that there is one value only; a space leaves such a
///   dimension out of the search.
/// - `contains(value)`: whether the value belongs to the dimension.
/// - `encode(value)`: its canonical coordinate in [0, 1]. \throws InvalidPoint where the dimension does not contain it
/// - `decode(u)`: the value at coordinate u in [0, 1], always one that the dimension contains. For a discrete
///   dimension `encode(decode(u)) == encoded().snap(u)`; on a continuum the two agree but for rounding.
/// - `initial()`: the declared default, if any.
/// - `text(value)`: the value as text.
/// - `signature()`: kind, bounds, scale, step and choices as text; two dimensions with the same name and signature
///   mean the same search. The declared default is not part of it.
///
/// Immutable after construction, hence safe to read from several threads.
template <class D>
concept Dimension = std::copyable<D> && std::copyable<typename D::value_type> &&
    requires(const D& dimension, const typename D::value_type& value, double u) {
  { dimension.name() } -> std::convertible_to<const std::string&>;
  { dimension.encoded() } -> std::same_as<EncodedDimension>;
  { dimension.contains(value) } -> std::same_as<bool>;
  { dimension.encode(value) } -> std::same_as<double>;
  { dimension.decode(u) } -> std::same_as<typename D::value_type>;
  { dimension.initial() } -> std::convertible_to<std::optional<typename D::value_type>>;
  { dimension.text(value) } -> std::convertible_to<std::string>;
  { dimension.signature() } -> std::convertible_to<std::string>;
};

}  // namespace hposearch::inline v0
