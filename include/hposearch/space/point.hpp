/// \file
/// A point of a static space: a value for each dimension, each of its own type.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <hposearch/error.hpp>
#include <hposearch/space/dimension.hpp>
#include <hposearch/space/rules.hpp>
#include <hposearch/space/value.hpp>

namespace hposearch::inline v0 {

/// The values of one point in the order of the dimensions. Immutable; copies share the names.
///
///     auto [learning_rate, channel, pool] = point;
///     get<0>(point);
///     point.get<double>("learning_rate");   // in a template: point.template get<double>(...)
///     to_text(point);                       // learning_rate=0.01 channel=4 pool=max
template <Dimension... Ds>
class Point {
 public:
  using dimensions_type = std::tuple<Ds...>;
  using values_type = std::tuple<typename Ds::value_type...>;

  /// Made by Space, which sees to it that the values lie in the dimensions.
  Point(std::shared_ptr<const dimensions_type> dimensions, values_type values)
      : dimensions_(std::move(dimensions)), values_(std::move(values)) {}

  [[nodiscard]] static constexpr std::size_t size() noexcept { return sizeof...(Ds); }
  [[nodiscard]] const values_type& values() const noexcept { return values_; }
  [[nodiscard]] const dimensions_type& dimensions() const noexcept { return *dimensions_; }

  /// The value of the dimension `name`. T is the dimension's type, any integral type for an integer, or
  /// std::string_view for a string; a view lives as long as this point.
  /// \throws InvalidPoint for an unknown name, another type, or an integer that T cannot hold
  template <class T>
  [[nodiscard]] T get(std::string_view name) const {
    std::optional<T> found;
    const auto take = [&](const auto& dimension, const auto& value) {
      using V = std::remove_cvref_t<decltype(value)>;
      if constexpr (LeavesAs<V, T>) found = leave_as<T>(value);
      if (!found) throw InvalidPoint(std::string{name}, dimension.text(value), wrong_type_rule);
    };
    if (!visit(name, take, std::index_sequence_for<Ds...>{})) {
      throw unknown_name<InvalidPoint>(name, "?", names(std::index_sequence_for<Ds...>{}));
    }
    return *std::move(found);
  }

  /// Compares the values.
  [[nodiscard]] friend bool operator==(const Point& a, const Point& b) { return a.values_ == b.values_; }

  /// "name=value name=value", in the order of the dimensions.
  [[nodiscard]] friend std::string to_text(const Point& point) { return point.text(std::index_sequence_for<Ds...>{}); }

  template <std::size_t I>
  [[nodiscard]] friend const std::tuple_element_t<I, values_type>& get(const Point& point) noexcept {
    return std::get<I>(point.values_);
  }

 private:
  template <class F, std::size_t... I>
  bool visit(std::string_view name, const F& take, std::index_sequence<I...>) const {
    const auto visit_one = [&](const auto& dimension, const auto& value) {
      if (dimension.name() != name) return false;
      take(dimension, value);
      return true;
    };
    return (visit_one(std::get<I>(*dimensions_), std::get<I>(values_)) || ...);
  }

  template <std::size_t... I>
  [[nodiscard]] std::vector<std::string> names(std::index_sequence<I...>) const {
    return {std::get<I>(*dimensions_).name()...};
  }

  template <std::size_t... I>
  [[nodiscard]] std::string text(std::index_sequence<I...>) const {
    std::string text;
    const auto append = [&](const auto& dimension, const auto& value) {
      if (!text.empty()) text += ' ';
      text += dimension.name() + '=' + dimension.text(value);
    };
    (append(std::get<I>(*dimensions_), std::get<I>(values_)), ...);
    return text;
  }

  std::shared_ptr<const dimensions_type> dimensions_;
  values_type values_;
};

}  // namespace hposearch::inline v0

template <hposearch::Dimension... Ds>
struct std::tuple_size<hposearch::Point<Ds...>> : std::integral_constant<std::size_t, sizeof...(Ds)> {};

// Points are immutable: what a structured binding names is const.
template <std::size_t I, hposearch::Dimension... Ds>
struct std::tuple_element<I, hposearch::Point<Ds...>> {
  using type = const std::tuple_element_t<I, typename hposearch::Point<Ds...>::values_type>;
};
