/// \file
/// Values of dimensions as JSON and back.
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

#include <hposearch/error.hpp>
#include <hposearch/space/choices.hpp>
#include <hposearch/space/dynamic_dimension.hpp>
#include <hposearch/space/integer.hpp>
#include <hposearch/space/real.hpp>
#include <hposearch/space/rules.hpp>
#include <hposearch/space/value.hpp>

namespace hposearch::inline v0::detail {

/// JSON as text for messages; bytes that are not UTF-8 do not make it throw.
[[nodiscard]] inline std::string json_text(const nlohmann::json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

[[nodiscard]] inline nlohmann::ordered_json value_to_json(const DynamicValue& value) {
  return std::visit([](const auto& held) { return nlohmann::ordered_json(held); }, value);
}

/// The integer that a JSON number is, 3.0 included: JSON knows one kind of number only.
[[nodiscard]] inline std::optional<std::int64_t> integer_from_json(const nlohmann::json& json) {
  if (json.is_number_unsigned()) return leave_as<std::int64_t>(json.get<std::uint64_t>());
  if (json.is_number_integer()) return json.get<std::int64_t>();
  if (!json.is_number_float()) return {};
  const double number = json.get<double>();
  if (std::trunc(number) != number || !(std::abs(number) < 0x1p63)) return {};
  return static_cast<std::int64_t>(number);
}

/// A bool, number or string of JSON.
[[nodiscard]] inline std::optional<DynamicValue> scalar_from_json(const nlohmann::json& json) {
  if (json.is_boolean()) return json.get<bool>();
  if (json.is_string()) return json.get<std::string>();
  if (json.is_number_float()) return json.get<double>();
  if (!json.is_number()) return {};
  if (const auto integer = integer_from_json(json)) return *integer;
  return json.get<double>();
}

/// The same bool or string, or equal numbers.
[[nodiscard]] inline bool same_scalar(const DynamicValue& a, const DynamicValue& b) {
  const auto number = [](const DynamicValue& value) -> std::optional<double> {
    if (const auto* integer = std::get_if<std::int64_t>(&value)) return static_cast<double>(*integer);
    if (const auto* real = std::get_if<double>(&value)) return *real;
    return {};
  };
  if (a.index() == b.index()) return a == b;
  return number(a) && number(a) == number(b);
}

/// A dimension's value from JSON, or nothing where JSON has another type there or no such choice.
[[nodiscard]] inline std::optional<double> value_from_json(const Real& /*dimension*/, const nlohmann::json& json) {
  if (!json.is_number()) return {};
  return json.get<double>();
}

[[nodiscard]] inline std::optional<std::int64_t> value_from_json(const Integer& /*dimension*/,
                                                                 const nlohmann::json& json) {
  return integer_from_json(json);
}

template <class D>
[[nodiscard]] std::optional<typename D::value_type> value_from_json(const D& dimension, const nlohmann::json& json) {
  const auto scalar = scalar_from_json(json);
  if (!scalar) return {};
  for (const typename D::value_type& choice : dimension.choices()) {
    if (same_scalar(dynamic_value(dimension, choice), *scalar)) return choice;
  }
  return {};
}

/// What JSON must have for a dimension.
[[nodiscard]] inline std::string json_rule(const Real& /*dimension*/) { return "must be a number"; }
[[nodiscard]] inline std::string json_rule(const Integer& /*dimension*/) {
  return "must be an integer of 64 bits with a sign";
}
template <class D>
[[nodiscard]] std::string json_rule(const D& dimension) {
  return dimension.rule();
}

/// \throws InvalidPoint naming the dimension
template <class D>
[[nodiscard]] typename D::value_type require_value_from_json(const D& dimension, const nlohmann::json& json) {
  if (auto value = value_from_json(dimension, json)) return *std::move(value);
  throw InvalidPoint(dimension.name(), json_text(json), json_rule(dimension));
}

/// \throws InvalidPoint where `json` is no object or has a member that is none of these
inline void check_members(const nlohmann::json& json, const std::vector<std::string>& names) {
  if (!json.is_object()) throw InvalidPoint("point", json_text(json), "must be an object with a member per dimension");
  for (const auto& [name, value] : json.items()) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      throw unknown_name<InvalidPoint>(name, json_text(value), names);
    }
  }
}

}  // namespace hposearch::inline v0::detail
