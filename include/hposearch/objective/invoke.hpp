/// \file
/// Calls a callable in the form found for it.
#pragma once

#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

#include <hposearch/objective/argument.hpp>
#include <hposearch/objective/call_form.hpp>
#include <hposearch/objective/signature.hpp>

namespace hposearch::inline v0::detail {

template <ContextPlace Place, class F, class... A>
[[nodiscard]] decltype(auto) call(const F& f, TrialContext& context, A&&... arguments) {
  if constexpr (Place == ContextPlace::first) {
    return f(context, std::forward<A>(arguments)...);
  } else if constexpr (Place == ContextPlace::last) {
    return f(std::forward<A>(arguments)..., context);
  } else {
    return f(std::forward<A>(arguments)...);
  }
}

template <class Call, class P, std::size_t... I, class... A>
[[nodiscard]] double call_with_values(const Call& call, const P& point, std::index_sequence<I...>, Types<A...>) {
  using std::get;
  return call(argument<A>(get<I>(point))...);
}

template <class Call, class P, std::size_t... I>
[[nodiscard]] double call_with_own_values(const Call& call, const P& point, std::index_sequence<I...>) {
  using std::get;
  return call(get<I>(point)...);
}

template <class Aggregate, class Call, class P, std::size_t... I>
[[nodiscard]] double call_with_aggregate(const Call& call, const P& point, std::index_sequence<I...>) {
  using std::get;
  return call(Aggregate{ExactMember{get<I>(point)}...});
}

/// What F returns when it is called in its form.
template <class F, class P>
struct ResultOf {};
template <HasSignature F, class P>
struct ResultOf<F, P> {
  using type = typename CallSignature<F>::result;
};
template <class F, class P>
  requires(!HasSignature<F> && form_of<F, P>().passing == Passing::point)
struct ResultOf<F, P> {
  using type = decltype(call<form_of<F, P>().context>(std::declval<const F&>(), std::declval<TrialContext&>(),
                                                      std::declval<const P&>()));
};
template <class F, class P>
  requires(!HasSignature<F> && form_of<F, P>().passing == Passing::values)
struct ResultOf<F, P> {
  template <class... V>
  static auto result(const std::tuple<V...>&)
      -> decltype(call<form_of<F, P>().context>(std::declval<const F&>(), std::declval<TrialContext&>(),
                                                std::declval<const V&>()...));
  using type = decltype(result(std::declval<point_values<P>>()));
};
template <class F, class P>
using result_of = typename ResultOf<F, P>::type;

template <class F, class P>
inline constexpr bool returns_number = false;
template <class F, class P>
  requires(has_form<F, P>)
inline constexpr bool returns_number<F, P> = std::is_convertible_v<result_of<F, P>, double>;

template <class... Ds, std::size_t... I, class... A>
void check_arguments(const std::tuple<Ds...>& dimensions, std::index_sequence<I...>, Types<A...>) {
  (check_fits<std::remove_cvref_t<A>>(std::get<I>(dimensions)), ...);
}

template <class Aggregate, class... Ds, std::size_t... I>
void check_members(const std::tuple<Ds...>& dimensions, std::index_sequence<I...>) {
  static_cast<void>(Aggregate{RangeProbe{std::get<I>(dimensions)}...});
}

/// \throws InvalidArgument where an integral parameter of F, or member of its aggregate, cannot hold all values of its
///   dimension
template <class F, class S>
void check_ranges(const S& space) {
  using P = typename S::point_type;
  constexpr CallForm form = form_of<F, P>();
  if constexpr (HasSignature<F> &&
                requires { std::tuple_size<std::remove_cvref_t<decltype(space.dimensions())>>::value; }) {
    if constexpr (form.passing == Passing::values) {
      check_arguments(space.dimensions(), point_indices<P>{}, plain_parameters<F, P>{});
    } else if constexpr (form.passing == Passing::aggregate) {
      check_members<aggregate_type<F, P>>(space.dimensions(), point_indices<P>{});
    }
  }
}

}  // namespace hposearch::inline v0::detail
