/// \file
/// A point of a dynamic space.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <hposearch/error.hpp>
#include <hposearch/space/dynamic_dimension.hpp>
#include <hposearch/space/rules.hpp>
#include <hposearch/space/value.hpp>

namespace hposearch::inline v0 {

/// The names of dimensions, in order.
[[nodiscard]] inline std::vector<std::string> names_of(const std::vector<DynamicDimension>& dimensions) {
  std::vector<std::string> names;
  names.reserve(dimensions.size());
  for (const auto& dimension : dimensions) names.push_back(dimension.name());
  return names;
}

/// The values of one point in the order of the dimensions. Immutable; copies share the names.
///
///     point.get<double>("learning_rate");
///     point["pool"];                       // a DynamicValue
///     for (std::size_t i = 0; i < point.size(); ++i) use(point.name(i), point.value(i));
class DynamicPoint {
 public:
  using dimensions_type = std::vector<DynamicDimension>;

  /// Made by DynamicSpace, which sees to it that the values lie in the dimensions.
  DynamicPoint(std::shared_ptr<const dimensions_type> dimensions, std::vector<DynamicValue> values)
      : dimensions_(std::move(dimensions)), values_(std::move(values)) {}

  [[nodiscard]] std::size_t size() const noexcept { return values_.size(); }
  [[nodiscard]] const std::vector<DynamicValue>& values() const noexcept { return values_; }
  [[nodiscard]] const dimensions_type& dimensions() const noexcept { return *dimensions_; }

  /// Name and value of the i-th dimension, 0 <= i < size().
  [[nodiscard]] const std::string& name(std::size_t i) const { return dimensions_->at(i).name(); }
  [[nodiscard]] const DynamicValue& value(std::size_t i) const { return values_.at(i); }

  /// The value of the dimension `name`. \throws InvalidPoint for an unknown name
  [[nodiscard]] const DynamicValue& operator[](std::string_view name) const {
    for (std::size_t i = 0; i < size(); ++i) {
      if ((*dimensions_)[i].name() == name) return values_[i];
    }
    throw unknown_name<InvalidPoint>(name, "?", names_of(*dimensions_));
  }

  /// The value of the dimension `name`. T is the dimension's type, any integral type for an integer, or
  /// std::string_view for a string; a view lives as long as this point.
  /// \throws InvalidPoint for an unknown name, another type, or an integer that T cannot hold
  template <class T>
  [[nodiscard]] T get(std::string_view name) const {
    const DynamicValue& value = (*this)[name];
    auto found = std::visit(
        [](const auto& held) -> std::optional<T> {
          if constexpr (LeavesAs<std::remove_cvref_t<decltype(held)>, T>) return leave_as<T>(held);
          return {};
        },
        value);
    if (!found) throw InvalidPoint(std::string{name}, message_text(value), wrong_type_rule);
    return *std::move(found);
  }

  /// Compares the values.
  [[nodiscard]] friend bool operator==(const DynamicPoint& a, const DynamicPoint& b) { return a.values_ == b.values_; }

  /// "name=value name=value", in the order of the dimensions.
  [[nodiscard]] friend std::string to_text(const DynamicPoint& point) {
    std::string text;
    for (std::size_t i = 0; i < point.size(); ++i) {
      if (i != 0) text += ' ';
      text += point.name(i) + '=' + (*point.dimensions_)[i].text(point.values_[i]);
    }
    return text;
  }

 private:
  std::shared_ptr<const dimensions_type> dimensions_;
  std::vector<DynamicValue> values_;
};

}  // namespace hposearch::inline v0
