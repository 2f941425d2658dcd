/// \file
/// A search space whose dimensions are known at compile time.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include <hposearch/error.hpp>
#include <hposearch/space/dimension.hpp>
#include <hposearch/space/encoded_space.hpp>
#include <hposearch/space/fingerprint.hpp>
#include <hposearch/space/point.hpp>
#include <hposearch/space/rules.hpp>
#include <hposearch/space/value.hpp>

namespace hposearch::inline v0 {

/// The product of its dimensions, in the order given.
///
///     Space space{Real{"learning_rate", 1e-6, 1e+1, log_scale}, Integer{"channel", 3, 7},
///                 Categorical{"pool", {"max", "avg"}}};
///     space.fix("pool", "max");
///
/// Dimensions that are fixed, or have one value only, are no part of the search: samplers do not see them, and every
/// point carries their value.
template <Dimension... Ds>
  requires(sizeof...(Ds) > 0)
class Space {
 public:
  using point_type = Point<Ds...>;
  using dimensions_type = typename point_type::dimensions_type;
  using values_type = typename point_type::values_type;
  using fixed_type = std::tuple<std::optional<typename Ds::value_type>...>;

  /// \throws InvalidSpace where two dimensions have the same name
  explicit Space(Ds... dimensions) : dimensions_(std::make_shared<const dimensions_type>(std::move(dimensions)...)) {
    check_distinct_names(names());
    fix_constants(indices{});
    encode_dimensions(indices{});
  }

  [[nodiscard]] static constexpr std::size_t size() noexcept { return sizeof...(Ds); }
  [[nodiscard]] const dimensions_type& dimensions() const noexcept { return *dimensions_; }
  [[nodiscard]] std::vector<std::string> names() const { return names(indices{}); }
  /// The values of the dimensions that are no part of the search, in the order of all dimensions.
  [[nodiscard]] const fixed_type& fixed() const noexcept { return fixed_; }

  /// The free dimensions.
  [[nodiscard]] const EncodedSpace& encoded() const noexcept { return encoded_; }

  /// Takes a dimension out of the search: all points have this value there. A second call replaces the first.
  /// \throws InvalidSpace for an unknown name; InvalidPoint for a value that the dimension does not contain.
  ///   The space is then as before.
  template <class T>
  Space& fix(std::string_view name, const T& value) {
    if (!fix_named(name, value, indices{})) throw unknown_name<InvalidSpace>(name, message_text(value), names());
    encode_dimensions(indices{});
    return *this;
  }

  /// A point of this space from a value per dimension, in order.
  /// \throws InvalidPoint for a value that its dimension does not contain, or that disagrees with a fixed one
  template <class... Ts>
    requires(sizeof...(Ts) == sizeof...(Ds) && (EntersAs<std::remove_cvref_t<Ts>, typename Ds::value_type> && ...))
  [[nodiscard]] point_type make_point(const Ts&... values) const {
    return make_point_of(std::tie(values...), indices{});
  }

  /// Coordinates of the free dimensions.
  /// \throws InvalidPoint for a point outside the space
  [[nodiscard]] EncodedPoint encode(const point_type& point) const { return encode_values(point, indices{}); }

  /// The point at the coordinates of the free dimensions.
  /// \throws InvalidPoint for a wrong number of coordinates or NaN
  [[nodiscard]] point_type decode(const Eigen::Ref<const EncodedPoint>& row) const {
    check_coordinates(encoded_, row);
    return decode_values(row, indices{});
  }

  /// Of names, kinds, bounds, scales, steps, choices and fixed values.
  [[nodiscard]] std::uint64_t fingerprint() const { return fingerprint_of(indices{}); }

 private:
  using indices = std::index_sequence_for<Ds...>;

  template <std::size_t I>
  [[nodiscard]] const auto& dimension() const {
    return std::get<I>(*dimensions_);
  }

  template <std::size_t... I>
  [[nodiscard]] std::vector<std::string> names(std::index_sequence<I...>) const {
    return {dimension<I>().name()...};
  }

  template <std::size_t... I>
  void fix_constants(std::index_sequence<I...>) {
    const auto fix_one = [](const auto& dimension, auto& fixed) {
      if (dimension.encoded().cells == 1) fixed = dimension.decode(0.5);
    };
    (fix_one(dimension<I>(), std::get<I>(fixed_)), ...);
  }

  template <std::size_t... I>
  void encode_dimensions(std::index_sequence<I...>) {
    std::vector<EncodedDimension> free;
    const auto add = [&](const auto& dimension, bool fixed) {
      if (!fixed) free.push_back(dimension.encoded());
    };
    (add(dimension<I>(), std::get<I>(fixed_).has_value()), ...);
    encoded_ = EncodedSpace{std::move(free)};
  }

  template <class T, std::size_t... I>
  bool fix_named(std::string_view name, const T& value, std::index_sequence<I...>) {
    const auto fix_one = [&](const auto& dimension, auto& fixed) {
      if (dimension.name() != name) return false;
      fixed = enter(dimension, value);
      return true;
    };
    return (fix_one(dimension<I>(), std::get<I>(fixed_)) || ...);
  }

  template <class T, std::size_t... I>
  [[nodiscard]] point_type make_point_of(const T& values, std::index_sequence<I...>) const {
    point_type point{dimensions_, values_type{enter(dimension<I>(), std::get<I>(values))...}};
    (check_fixed(dimension<I>(), std::get<I>(fixed_), get<I>(point)), ...);
    return point;
  }

  // The dimension's own form of the user's value: the number on the grid, the string of a literal.
  template <class D, class T>
  [[nodiscard]] static typename D::value_type enter(const D& dimension, const T& value) {
    if constexpr (EntersAs<T, typename D::value_type>) {
      const auto entered = enter_as<typename D::value_type>(value);
      if (entered) return canonical(dimension, *entered);
    }
    throw InvalidPoint(dimension.name(), message_text(value), "not of the type of this dimension");
  }

  template <class D, class V>
  [[nodiscard]] static V canonical(const D& dimension, const V& value) {
    const double u = dimension.encode(value);
    return dimension.encoded().discrete() ? dimension.decode(u) : value;
  }

  template <std::size_t... I>
  [[nodiscard]] EncodedPoint encode_values(const point_type& point, std::index_sequence<I...>) const {
    EncodedPoint row(static_cast<Eigen::Index>(encoded_.size()));
    Eigen::Index j = 0;
    const auto encode_one = [&](const auto& dimension, const auto& fixed, const auto& value) {
      const double u = dimension.encode(value);
      check_fixed(dimension, fixed, value);
      if (!fixed) row[j++] = u;
    };
    (encode_one(dimension<I>(), std::get<I>(fixed_), get<I>(point)), ...);
    return row;
  }

  template <std::size_t... I>
  [[nodiscard]] point_type decode_values(const Eigen::Ref<const EncodedPoint>& row, std::index_sequence<I...>) const {
    Eigen::Index j = 0;
    const auto decode_one = [&](const auto& dimension, const auto& fixed) {
      return fixed ? *fixed : dimension.decode(row[j++]);
    };
    // In braces, since these are evaluated in order.
    return point_type{dimensions_, values_type{decode_one(dimension<I>(), std::get<I>(fixed_))...}};
  }

  template <std::size_t... I>
  [[nodiscard]] std::uint64_t fingerprint_of(std::index_sequence<I...>) const {
    Fingerprint fingerprint;
    (fingerprint.add(dimension<I>(), std::get<I>(fixed_)), ...);
    return fingerprint.value();
  }

  std::shared_ptr<const dimensions_type> dimensions_;
  fixed_type fixed_;
  EncodedSpace encoded_;
};

template <class... Ds>
Space(Ds...) -> Space<Ds...>;

}  // namespace hposearch::inline v0
