/// \file
/// Dimensions as JSON and back.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

#include <hposearch/error.hpp>
#include <hposearch/json/value.hpp>
#include <hposearch/space/choices.hpp>
#include <hposearch/space/dynamic_dimension.hpp>
#include <hposearch/space/integer.hpp>
#include <hposearch/space/real.hpp>
#include <hposearch/space/scale.hpp>
#include <hposearch/space/value.hpp>

namespace hposearch::inline v0::detail {

inline void write_body(nlohmann::ordered_json& json, const Real& real) {
  json["type"] = "real";
  json["low"] = real.low();
  json["high"] = real.high();
  json["log"] = real.scale() == Scale::log;
  if (real.step()) json["step"] = *real.step();
}

inline void write_body(nlohmann::ordered_json& json, const Integer& integer) {
  json["type"] = "int";
  json["low"] = integer.low();
  json["high"] = integer.high();
  json["log"] = integer.scale() == Scale::log;
  if (integer.step() != 1) json["step"] = integer.step();
}

template <DimensionKind Kind>
void write_body(nlohmann::ordered_json& json, const Choices<DynamicValue, Kind>& dimension) {
  json["type"] = Kind == DimensionKind::categorical ? "cat" : "ord";
  auto& choices = json["choices"] = nlohmann::ordered_json::array();
  for (const auto& choice : dimension.choices()) choices.push_back(value_to_json(choice));
}

[[nodiscard]] inline nlohmann::ordered_json dimension_to_json(const DynamicDimension& dimension,
                                                              const std::optional<DynamicValue>& fixed) {
  nlohmann::ordered_json json;
  json["name"] = dimension.name();
  std::visit([&](const auto& held) { write_body(json, held); }, dimension.held());
  if (dimension.initial()) json["initial"] = value_to_json(*dimension.initial());
  // A single choice needs no word about being fixed.
  if (fixed && dimension.encoded().cells != 1) json["fixed"] = value_to_json(*fixed);
  return json;
}

/// Reads one dimension. Every problem is an InvalidSpace that names the place, such as `space[2].low`.
class DimensionReader {
 public:
  /// \param json  the dimension's object; must outlive the reader
  /// \param index its place in the space
  DimensionReader(const nlohmann::json& json, std::size_t index)
      : json_(json), place_("space[" + to_text(index) + ']') {
    if (!json.is_object()) throw InvalidSpace(place_, json_text(json), "must be an object");
  }

  [[nodiscard]] DynamicDimension dimension() const {
    const std::string type = string("type");
    if (type == "real") return real_dimension();
    if (type == "int") return integer_dimension();
    if (type == "cat") return choice_dimension<Categorical<DynamicValue>>();
    if (type == "ord") return choice_dimension<Ordinal<DynamicValue>>();
    fail("type", R"(must be "real", "int", "cat" or "ord")");
  }

  /// The value that the dimension is fixed to, if any.
  [[nodiscard]] std::optional<DynamicValue> fixed(const DynamicDimension& dimension) const {
    if (!json_.contains("fixed")) return {};
    const auto value = std::visit(
        [&](const auto& held) -> std::optional<DynamicValue> { return value_from_json(held, json_.at("fixed")); },
        dimension.held());
    if (!value || !dimension.contains(*value)) fail("fixed", "must be a value of the dimension");
    return value;
  }

 private:
  [[nodiscard]] DynamicDimension real_dimension() const {
    check_keys({"name", "type", "low", "high", "log", "step", "initial", "fixed"});
    RealOptions options;
    if (json_.contains("step")) options.step = number("step");
    if (json_.contains("initial")) options.initial = number("initial");
    return Real{name(), number("low"), number("high"), scale(), options};
  }

  [[nodiscard]] DynamicDimension integer_dimension() const {
    check_keys({"name", "type", "low", "high", "log", "step", "initial", "fixed"});
    IntegerOptions options;
    if (json_.contains("step")) options.step = integer("step");
    if (json_.contains("initial")) options.initial = integer("initial");
    return Integer{name(), integer("low"), integer("high"), scale(), options};
  }

  template <class D>
  [[nodiscard]] DynamicDimension choice_dimension() const {
    check_keys({"name", "type", "choices", "initial", "fixed"});
    const auto& array = at("choices");
    if (!array.is_array()) fail("choices", "must be an array");
    std::vector<DynamicValue> choices;
    for (const auto& json : array) {
      const auto choice = scalar_from_json(json);
      if (!choice) fail("choices", "each choice must be a string, a number, true or false");
      choices.push_back(*choice);
    }
    const D dimension{name(), choices};
    if (!json_.contains("initial")) return dimension;
    const auto initial = value_from_json(dimension, json_.at("initial"));
    if (!initial) fail("initial", "must be one of the choices");
    return D{name(), choices, {.initial = initial}};
  }

  [[nodiscard]] std::string name() const {
    std::string name = string("name");
    if (name.empty()) fail("name", "must not be empty");
    return name;
  }

  [[nodiscard]] Scale scale() const {
    if (!json_.contains("log")) return Scale::linear;
    if (!json_.at("log").is_boolean()) fail("log", "must be true or false");
    return json_.at("log").get<bool>() ? Scale::log : Scale::linear;
  }

  [[nodiscard]] std::string string(const char* key) const {
    if (!at(key).is_string()) fail(key, "must be a string");
    return at(key).get<std::string>();
  }

  [[nodiscard]] double number(const char* key) const {
    if (!at(key).is_number()) fail(key, "must be a number");
    return at(key).get<double>();
  }

  [[nodiscard]] std::int64_t integer(const char* key) const {
    const auto value = integer_from_json(at(key));
    if (!value) fail(key, "must be an integer of 64 bits with a sign");
    return *value;
  }

  [[nodiscard]] const nlohmann::json& at(const char* key) const {
    const auto found = json_.find(key);
    if (found == json_.end()) fail(key, "must be given");
    return *found;
  }

  // A misspelt key would otherwise be a silent default.
  void check_keys(std::initializer_list<std::string_view> known) const {
    for (const auto& [key, value] : json_.items()) {
      if (std::find(known.begin(), known.end(), key) == known.end()) {
        std::string rule = "is not a key here; there are";
        for (const auto name : known) rule += ' ' + std::string{name};
        fail(key, rule);
      }
    }
  }

  [[noreturn]] void fail(const std::string& key, const std::string& rule) const {
    const auto name = json_.find("name");
    const std::string who = name != json_.end() && name->is_string() ? " (" + name->get<std::string>() + ')' : "";
    const auto value = json_.find(key);
    throw InvalidSpace(place_ + '.' + key + who, value == json_.end() ? "nothing" : json_text(*value), rule);
  }

  const nlohmann::json& json_;
  std::string place_;
};

}  // namespace hposearch::inline v0::detail
