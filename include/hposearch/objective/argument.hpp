/// \file
/// How the values of a point become the arguments of a callable or the members of a user's aggregate.
#pragma once

#include <concepts>
#include <cstddef>
#include <limits>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include <hposearch/error.hpp>
#include <hposearch/space/value.hpp>
#include <hposearch/text.hpp>

namespace hposearch::inline v0::detail {

/// A parameter of type A takes exactly a value of type V: by value or by reference to const, as a type that
/// LeavesAs allows.
template <class A, class V>
concept TakesValue = LeavesAs<V, std::remove_cvref_t<A>> &&
    (!std::is_lvalue_reference_v<A> || std::is_const_v<std::remove_reference_t<A>>);

/// `value` as a T. \throws InvalidArgument for an integer that T cannot hold
template <class T, class V>
[[nodiscard]] T leave(const V& value) {
  auto left = leave_as<T>(value);
  if (!left) {
    throw InvalidArgument("objective", message_text(value),
                          "does not fit its parameter of " + to_text(8 * sizeof(T)) + " bits");
  }
  return *std::move(left);
}

/// The value for a parameter of type A; a reference where the types are the same.
template <class A, class V>
[[nodiscard]] decltype(auto) argument(const V& value) {
  using T = std::remove_cvref_t<A>;
  if constexpr (std::same_as<T, V> && std::is_lvalue_reference_v<A>) {
    return (value);
  } else {
    return leave<T>(value);
  }
}

/// Becomes exactly the types that V leaves as and no other: initialises the members of an aggregate.
template <class V>
class ExactMember {
 public:
  explicit ExactMember(const V& value) : value_(value) {}

  template <class T>
    requires LeavesAs<V, T>
  operator T() const {  // NOLINT(google-explicit-constructor): converting is its purpose
    return leave<T>(value_);
  }

 private:
  const V& value_;
};

/// \throws InvalidArgument where an integral type T does not hold `value` of the dimension
template <class T, class V>
void check_fits(const std::string& name, V value, const std::string& shown) {
  if (std::in_range<T>(value)) return;
  throw InvalidArgument(name, shown,
                        "the objective takes it as an integer of " + to_text(8 * sizeof(T)) + " bits, which holds " +
                            range_text(std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
}

/// \throws InvalidArgument where an integral type T cannot hold all values of the dimension. Nothing is known
///   beforehand of dimensions that have neither choices() nor low() and high(): their values are checked one by one.
template <class T, class D>
void check_fits(const D& dimension) {
  using V = typename D::value_type;
  if constexpr (CountingIntegral<T> && CountingIntegral<V>) {
    if constexpr (requires { dimension.choices(); }) {
      for (const V choice : dimension.choices()) check_fits<T>(dimension.name(), choice, to_text(choice));
    } else if constexpr (requires { dimension.low(), dimension.high(); }) {
      for (const V bound : {dimension.low(), dimension.high()}) {
        check_fits<T>(dimension.name(), bound, range_text(dimension.low(), dimension.high()));
      }
    }
  }
}

/// As ExactMember, to find out which types an aggregate takes and whether they hold all values of the dimension.
template <class D>
class RangeProbe {
 public:
  explicit RangeProbe(const D& dimension) : dimension_(dimension), value_(dimension.decode(0)) {}

  template <class T>
    requires LeavesAs<typename D::value_type, T>
  operator T() const {  // NOLINT(google-explicit-constructor): converting is its purpose
    check_fits<T>(dimension_);
    return leave<T>(value_);
  }

 private:
  const D& dimension_;
  typename D::value_type value_;
};

/// Becomes anything; for unevaluated expressions only.
struct Anything {
  template <class T>
  operator T() const;  // NOLINT(google-explicit-constructor): converting is its purpose
};
template <std::size_t>
using anything = Anything;

/// A has fewer than Before + 1 + After members, or an M between Anythings initialises the first member of a nested
/// aggregate instead of a member of A, so that there is room for one more.
template <class A, class M, class Before, class After>
inline constexpr bool has_room_around = false;
template <class A, class M, std::size_t... Before, std::size_t... After>
inline constexpr bool has_room_around<A, M, std::index_sequence<Before...>, std::index_sequence<After...>> = requires {
  A{anything<Before>{}..., std::declval<M>(), anything<After>{}...};
};

/// A can be brace-initialised by these, one for each of its members: none is left out, none is spread over two.
template <class A, class Members, class Indices>
inline constexpr bool is_aggregate_of = false;
template <class A, class... M, std::size_t... I>
  requires requires { A{std::declval<M>()...}; }
inline constexpr bool is_aggregate_of<A, std::tuple<M...>, std::index_sequence<I...>> =
    !has_room_around<A, Anything, std::index_sequence<I...>, std::index_sequence<>> &&
    !(has_room_around<A, M, std::make_index_sequence<I>, std::make_index_sequence<sizeof...(M) - I>> || ...);

}  // namespace hposearch::inline v0::detail
