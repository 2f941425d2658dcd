/// \file
/// A static space as a dynamic one.
#pragma once

#include <concepts>
#include <cstddef>
#include <tuple>
#include <utility>

#include <hposearch/space/dynamic_dimension.hpp>
#include <hposearch/space/dynamic_space.hpp>
#include <hposearch/space/space.hpp>

namespace hposearch::inline v0 {

/// The same search with its types forgotten: same names, same encoding, same fingerprint, same fixed values. Choices
/// that are neither bool, numbers nor strings become their texts.
template <class... Ds>
  requires(std::constructible_from<DynamicDimension, const Ds&>&&...)
[[nodiscard]] DynamicSpace to_dynamic(const Space<Ds...>& space) {
  const auto forget_types = [&]<std::size_t... I>(std::index_sequence<I...>) {
    DynamicSpace dynamic{{DynamicDimension{std::get<I>(space.dimensions())}...}};
    const auto fix = [&](const auto& dimension, const auto& fixed) {
      if (fixed) dynamic.fix(dimension.name(), dynamic_value(dimension, *fixed));
    };
    (fix(std::get<I>(space.dimensions()), std::get<I>(space.fixed())), ...);
    return dynamic;
  };
  return forget_types(std::index_sequence_for<Ds...>{});
}

}  // namespace hposearch::inline v0
