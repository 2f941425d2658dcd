/// \file
/// Which of the forms that an objective may have a callable has.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <type_traits>
#include <utility>

#include <hposearch/objective/argument.hpp>
#include <hposearch/objective/signature.hpp>
#include <hposearch/trial/context.hpp>

namespace hposearch::inline v0 {

namespace detail {

enum class ContextPlace : std::uint8_t { none, first, last };
enum class Passing : std::uint8_t {
  none,       ///< the callable does not take the point
  values,     ///< an argument per dimension
  point,      ///< the point itself
  aggregate,  ///< the user's struct with a member per dimension
};

struct CallForm {
  Passing passing = Passing::none;
  ContextPlace context = ContextPlace::none;
};

/// A point with std::tuple_size and get<I>(point): its values can be arguments.
template <class P>
concept TuplePoint = requires {
  std::tuple_size<P>::value;
};
template <TuplePoint P>
using point_indices = std::make_index_sequence<std::tuple_size<P>::value>;

/// The types of a point's values as a std::tuple, void for other points.
template <class P, class Indices = void>
struct ValuesOf {
  using type = void;
};
template <TuplePoint P>
struct ValuesOf<P, void> : ValuesOf<P, point_indices<P>> {};
template <class P, std::size_t... I>
struct ValuesOf<P, std::index_sequence<I...>> {
  using type = std::tuple<std::remove_cv_t<std::tuple_element_t<I, P>>...>;
};
template <class P>
using point_values = typename ValuesOf<P>::type;

template <class Parameters, class Values>
inline constexpr bool take_values = false;
template <class... A, class... V>
  requires(sizeof...(A) == sizeof...(V))
inline constexpr bool take_values<Types<A...>, std::tuple<V...>> = (TakesValue<A, V> && ...);

template <class A, class Values>
inline constexpr bool is_aggregate_for = false;
template <class A, class... V>
  requires std::is_aggregate_v<A>
inline constexpr bool is_aggregate_for<A, std::tuple<V...>> =
    is_aggregate_of<A, std::tuple<ExactMember<V>...>, std::index_sequence_for<V...>>;

/// How a callable with these parameters (context left out) takes a P.
template <class P, class Parameters>
[[nodiscard]] constexpr Passing passing_of() {
  using First = typename Ends<Parameters>::first;
  using Bare = std::remove_cvref_t<First>;
  constexpr bool by_value = !std::is_lvalue_reference_v<First> || std::is_const_v<std::remove_reference_t<First>>;
  if constexpr (take_values<Parameters, point_values<P>>) return Passing::values;
  if constexpr (Parameters::size != 1 || !by_value) return Passing::none;
  if constexpr (std::same_as<Bare, P>) return Passing::point;
  return is_aggregate_for<Bare, point_values<P>> ? Passing::aggregate : Passing::none;
}

template <class A>
inline constexpr bool is_context = std::same_as<A, TrialContext&> || std::same_as<A, const TrialContext&>;

/// The form of a callable with one signature.
template <class P, class Parameters>
[[nodiscard]] constexpr CallForm form_of_signature() {
  using E = Ends<Parameters>;
  if constexpr (is_context<typename E::first>) {
    return {passing_of<P, typename E::without_first>(), ContextPlace::first};
  } else if constexpr (is_context<typename E::last>) {
    return {passing_of<P, typename E::without_last>(), ContextPlace::last};
  } else {
    return {passing_of<P, Parameters>(), ContextPlace::none};
  }
}

template <class F, class... A>
[[nodiscard]] constexpr CallForm form_by_trying(Passing passing) {
  if constexpr (std::invocable<const F&, const A&...>)
    return {passing, ContextPlace::none};
  else if constexpr (std::invocable<const F&, TrialContext&, const A&...>)
    return {passing, ContextPlace::first};
  else if constexpr (std::invocable<const F&, const A&..., TrialContext&>)
    return {passing, ContextPlace::last};
  else
    return {};
}

template <class F, class Values>
inline constexpr CallForm form_by_trying_values{};
template <class F, class... V>
inline constexpr CallForm form_by_trying_values<F, std::tuple<V...>> = form_by_trying<F, V...>(Passing::values);

/// The form of a generic lambda or an overloaded operator, which are given the point's own types.
template <class F, class P>
[[nodiscard]] constexpr CallForm form_without_signature() {
  if constexpr (form_by_trying_values<F, point_values<P>>.passing != Passing::none) {
    return form_by_trying_values<F, point_values<P>>;
  } else {
    return form_by_trying<F, P>(Passing::point);
  }
}

template <class F, class P>
[[nodiscard]] constexpr CallForm form_of() {
  if constexpr (HasSignature<F>) {
    return form_of_signature<P, typename CallSignature<F>::parameters>();
  } else {
    return form_without_signature<F, P>();
  }
}

template <class F, class P>
inline constexpr bool has_form = form_of<F, P>().passing != Passing::none;

template <class F>
inline constexpr bool callable_through_const = true;
template <HasSignature F>
inline constexpr bool callable_through_const<F> = CallSignature<F>::is_const;

/// The parameter types of F without the context.
template <class F, ContextPlace Place>
struct PlainParameters {
  using type = typename CallSignature<F>::parameters;
};
template <class F>
struct PlainParameters<F, ContextPlace::first> {
  using type = typename Ends<typename CallSignature<F>::parameters>::without_first;
};
template <class F>
struct PlainParameters<F, ContextPlace::last> {
  using type = typename Ends<typename CallSignature<F>::parameters>::without_last;
};
template <class F, class P>
using plain_parameters = typename PlainParameters<F, form_of<F, P>().context>::type;
template <class F, class P>
using aggregate_type = std::remove_cvref_t<typename Ends<plain_parameters<F, P>>::first>;

}  // namespace detail
}  // namespace hposearch::inline v0
