/// \file
/// Spaces and points as JSON; docs/space-json.md describes the form.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

#include <hposearch/error.hpp>
#include <hposearch/json/dimension.hpp>
#include <hposearch/json/value.hpp>
#include <hposearch/space/dynamic_space.hpp>
#include <hposearch/space/rules.hpp>
#include <hposearch/space/space.hpp>
#include <hposearch/space/to_dynamic.hpp>

namespace hposearch::inline v0 {

/// A space as an array with an object for each dimension, keys in the order of the documentation.
[[nodiscard]] inline nlohmann::ordered_json to_json(const DynamicSpace& space) {
  auto json = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < space.size(); ++i) {
    json.push_back(detail::dimension_to_json(space.dimensions()[i], space.fixed()[i]));
  }
  return json;
}

template <class... Ds>
[[nodiscard]] nlohmann::ordered_json to_json(const Space<Ds...>& space) {
  return to_json(to_dynamic(space));
}

/// Reads what to_json wrote, or anything else in the documented form.
/// \throws InvalidSpace naming the place (`space[2].low`), the value and the rule
[[nodiscard]] inline DynamicSpace space_from_json(const nlohmann::json& json) {
  if (!json.is_array()) throw InvalidSpace("space", detail::json_text(json), "must be an array of dimensions");
  DynamicSpace::dimensions_type dimensions;
  for (std::size_t i = 0; i < json.size(); ++i) dimensions.push_back(detail::DimensionReader{json[i], i}.dimension());
  DynamicSpace space{std::move(dimensions)};
  for (std::size_t i = 0; i < json.size(); ++i) {
    const auto fixed = detail::DimensionReader{json[i], i}.fixed(space.dimensions()[i]);
    if (fixed) space.fix(space.dimensions()[i].name(), *fixed);
  }
  return space;
}

/// A point as an object with a member for each dimension, in order.
[[nodiscard]] inline nlohmann::ordered_json to_json(const DynamicPoint& point) {
  auto json = nlohmann::ordered_json::object();
  for (std::size_t i = 0; i < point.size(); ++i) json[point.name(i)] = detail::value_to_json(point.value(i));
  return json;
}

template <class... Ds>
[[nodiscard]] nlohmann::ordered_json to_json(const Point<Ds...>& point) {
  auto json = nlohmann::ordered_json::object();
  const auto add = [&](const auto& dimension, const auto& value) {
    json[dimension.name()] = detail::value_to_json(dynamic_value(dimension, value));
  };
  const auto add_all = [&]<std::size_t... I>(std::index_sequence<I...>) {
    (add(std::get<I>(point.dimensions()), std::get<I>(point.values())), ...);
  };
  add_all(std::index_sequence_for<Ds...>{});
  return json;
}

/// Reads a point of `space`. Fixed dimensions may be left out.
/// \throws InvalidPoint for a member that is missing, unknown, of another type or outside its dimension
[[nodiscard]] inline DynamicPoint point_from_json(const DynamicSpace& space, const nlohmann::json& json) {
  detail::check_members(json, space.names());
  std::vector<NamedValue> values;
  for (const auto& dimension : space.dimensions()) {
    const auto member = json.find(dimension.name());
    if (member == json.end()) continue;
    const auto value =
        std::visit([&](const auto& held) { return DynamicValue{detail::require_value_from_json(held, *member)}; },
                   dimension.held());
    values.push_back({dimension.name(), value});
  }
  return space.make_point(values);
}

template <class... Ds>
[[nodiscard]] Point<Ds...> point_from_json(const Space<Ds...>& space, const nlohmann::json& json) {
  detail::check_members(json, space.names());
  const auto read = [&](const auto& dimension, const auto& fixed) {
    const auto member = json.find(dimension.name());
    if (member != json.end()) return detail::require_value_from_json(dimension, *member);
    if (fixed) return *fixed;
    throw InvalidPoint(dimension.name(), "nothing", must_have_value_rule);
  };
  const auto read_all = [&]<std::size_t... I>(std::index_sequence<I...>) {
    // In braces, so that the first wrong member is the one reported.
    const typename Point<Ds...>::values_type values{
        read(std::get<I>(space.dimensions()), std::get<I>(space.fixed()))...};
    return space.make_point(std::get<I>(values)...);
  };
  return read_all(std::index_sequence_for<Ds...>{});
}

}  // namespace hposearch::inline v0
