/// \file
/// A dimension whose kind and values are known at run time only.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <hposearch/error.hpp>
#include <hposearch/space/categorical.hpp>
#include <hposearch/space/dimension.hpp>
#include <hposearch/space/integer.hpp>
#include <hposearch/space/ordinal.hpp>
#include <hposearch/space/real.hpp>
#include <hposearch/space/value.hpp>

namespace hposearch::inline v0 {

/// `value` of a dimension as a DynamicValue: numbers, bool and strings as they are, everything else by its text.
/// \throws InvalidPoint for an integer above 2^63 - 1
template <Dimension D>
[[nodiscard]] DynamicValue dynamic_value(const D& dimension, const typename D::value_type& value) {
  using V = typename D::value_type;
  if constexpr (std::same_as<V, bool> || std::same_as<V, DynamicValue>) {
    return value;
  } else if constexpr (CountingIntegral<V>) {
    if (const auto integer = leave_as<std::int64_t>(value)) return *integer;
    throw InvalidPoint(dimension.name(), to_text(value), "must fit 64 bits with a sign");
  } else if constexpr (std::floating_point<V>) {
    return static_cast<double>(value);
  } else {
    return dimension.text(value);
  }
}

/// A Real, Integer, Categorical or Ordinal; the choices of the latter are DynamicValues. Models Dimension.
///
///     std::vector<DynamicDimension> dimensions{Real{"rate", 1e-4, 1e-1, log_scale}, Categorical{"pool", {"max",
///     "avg"}}};
class DynamicDimension {
 public:
  using value_type = DynamicValue;
  using variant_type = std::variant<Real, Integer, Categorical<DynamicValue>, Ordinal<DynamicValue>>;

  // Implicit, so that typed dimensions can be listed where these are wanted.
  DynamicDimension(Real dimension) : held_(std::move(dimension)) {}     // NOLINT(google-explicit-constructor)
  DynamicDimension(Integer dimension) : held_(std::move(dimension)) {}  // NOLINT(google-explicit-constructor)
  template <class T>
  DynamicDimension(const Categorical<T>& dimension)  // NOLINT(google-explicit-constructor)
      : held_(with_dynamic_choices<Categorical<DynamicValue>>(dimension)) {}
  template <class T>
  DynamicDimension(const Ordinal<T>& dimension)  // NOLINT(google-explicit-constructor)
      : held_(with_dynamic_choices<Ordinal<DynamicValue>>(dimension)) {}

  /// The typed dimension.
  [[nodiscard]] const variant_type& held() const noexcept { return held_; }

  [[nodiscard]] const std::string& name() const {
    return std::visit([](const auto& held) -> const std::string& { return held.name(); }, held_);
  }
  [[nodiscard]] EncodedDimension encoded() const {
    return std::visit([](const auto& held) { return held.encoded(); }, held_);
  }
  [[nodiscard]] bool contains(const DynamicValue& value) const {
    return std::visit(
        [&](const auto& held) {
          const auto own = own_value(held, value);
          return own && held.contains(*own);
        },
        held_);
  }
  /// \throws InvalidPoint where the dimension does not contain the value, or it is of another type
  [[nodiscard]] double encode(const DynamicValue& value) const {
    return std::visit([&](const auto& held) { return held.encode(require_own_value(held, value)); }, held_);
  }
  [[nodiscard]] DynamicValue decode(double u) const {
    return std::visit([&](const auto& held) { return DynamicValue{held.decode(u)}; }, held_);
  }
  [[nodiscard]] std::optional<DynamicValue> initial() const {
    return std::visit([](const auto& held) { return std::optional<DynamicValue>{held.initial()}; }, held_);
  }
  [[nodiscard]] std::string text(const DynamicValue& value) const {
    return std::visit(
        [&](const auto& held) {
          const auto own = own_value(held, value);
          return own ? std::string{held.text(*own)} : value_text(value);
        },
        held_);
  }
  [[nodiscard]] std::string signature() const {
    return std::visit([](const auto& held) { return held.signature(); }, held_);
  }

  /// `value` in the dimension's own form: an integer given for a real becomes one, a number near a grid's is moved
  /// onto it.
  /// \throws InvalidPoint where the dimension does not contain the value, or it is of another type
  [[nodiscard]] DynamicValue canonical(const DynamicValue& value) const {
    return std::visit(
        [&](const auto& held) {
          const auto own = require_own_value(held, value);
          const double u = held.encode(own);
          return DynamicValue{held.encoded().discrete() ? held.decode(u) : own};
        },
        held_);
  }

 private:
  template <class To, class From>
  [[nodiscard]] static To with_dynamic_choices(const From& from) {
    std::vector<DynamicValue> choices;
    for (const auto& choice : from.choices()) choices.push_back(dynamic_value(from, choice));
    ChoiceOptions<DynamicValue> options{.names = from.names()};
    if (from.initial()) options.initial = dynamic_value(from, *from.initial());
    return To{from.name(), choices, std::move(options)};
  }

  template <class D>
  [[nodiscard]] static std::optional<typename D::value_type> own_value(const D& /*held*/, const DynamicValue& value) {
    using V = typename D::value_type;
    if constexpr (std::same_as<V, DynamicValue>) {
      return value;
    } else {
      return std::visit(
          [](const auto& given) -> std::optional<V> {
            if constexpr (EntersAs<std::remove_cvref_t<decltype(given)>, V>) return enter_as<V>(given);
            return {};
          },
          value);
    }
  }

  template <class D>
  [[nodiscard]] static typename D::value_type require_own_value(const D& held, const DynamicValue& value) {
    if (auto own = own_value(held, value)) return *std::move(own);
    throw InvalidPoint(held.name(), message_text(value),
                       std::same_as<D, Real> ? "must be a number" : "must be an integer");
  }

  variant_type held_;
};

}  // namespace hposearch::inline v0
