/// \file
/// Rules that hold for every kind of dimension and of space.
#pragma once

#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include <Eigen/Core>

#include <hposearch/error.hpp>
#include <hposearch/space/dimension.hpp>
#include <hposearch/space/encoded_space.hpp>
#include <hposearch/text.hpp>

namespace hposearch::inline v0 {

/// Most cells of a linear axis: beyond, the coordinate of a cell no longer leads back to it in double arithmetic.
inline constexpr double max_linear_cells = 0x1p50;

/// Largest ratio of a value to its step on a log axis, for the same reason.
inline constexpr double max_log_cells = 0x1p42;

/// \throws InvalidSpace for an empty name
inline void check_name(const std::string& name) {
  if (name.empty()) throw InvalidSpace(name, quoted(name), "the name of a dimension must not be empty");
}

/// \throws InvalidSpace where a name occurs twice
inline void check_distinct_names(const std::vector<std::string>& names) {
  std::unordered_set<std::string_view> seen;
  for (const auto& name : names) {
    if (!seen.insert(name).second) throw InvalidSpace(name, quoted(name), "two dimensions have this name");
  }
}

/// \throws InvalidPoint where `row` has not a number for each of the free dimensions of `space`
inline void check_coordinates(const EncodedSpace& space, const Eigen::Ref<const EncodedPoint>& row) {
  if (static_cast<std::size_t>(row.size()) != space.size()) {
    throw InvalidPoint("coordinates", to_text(row.size()) + " numbers",
                       "there must be one for each of the " + to_text(space.size()) + " free dimensions");
  }
  for (std::size_t j = 0; j < space.size(); ++j) {
    const double u = row[static_cast<Eigen::Index>(j)];
    if (std::isnan(u)) throw InvalidPoint(space[j].name, to_text(u), "a coordinate must be a number in [0, 1]");
  }
}

/// \throws InvalidPoint where a dimension is fixed to another value
template <Dimension D>
void check_fixed(const D& dimension, const std::optional<typename D::value_type>& fixed,
                 const typename D::value_type& value) {
  if (!fixed || *fixed == value) return;
  throw InvalidPoint(dimension.name(), dimension.text(value), "must be the fixed value " + dimension.text(*fixed));
}

/// Rule for a dimension that a point says nothing of.
inline constexpr const char* must_have_value_rule = "must have a value";

/// Rule for a value that was asked for as a type that cannot hold it.
inline constexpr const char* wrong_type_rule = "the type asked for cannot hold this value";

/// What is thrown for a name that no dimension has.
/// \tparam E InvalidSpace or InvalidPoint
template <class E>
[[nodiscard]] E unknown_name(std::string_view name, const std::string& value, const std::vector<std::string>& known) {
  std::string rule = "there is no dimension of this name; there are";
  for (const auto& other : known) rule += ' ' + quoted(other);
  return E(std::string{name}, value, rule);
}

}  // namespace hposearch::inline v0
