/// \file
/// How a user's callable is evaluated at a point.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

#include <hposearch/objective/call_form.hpp>
#include <hposearch/objective/invoke.hpp>
#include <hposearch/objective/signature.hpp>
#include <hposearch/space/search_space.hpp>

namespace hposearch::inline v0 {

/// F can be called on a const object; a mutable lambda cannot.
template <class F>
concept CallableThroughConst = detail::callable_through_const<std::remove_cvref_t<F>>;

/// F takes a P in one of the forms of ObjectiveOn, with exactly its types.
template <class F, class P>
concept TakesExactlyTheTypesOf = detail::has_form<std::remove_cvref_t<F>, P>;

/// What F returns is convertible to double.
template <class F, class P>
concept ReturnsNumberFor = detail::returns_number<std::remove_cvref_t<F>, P>;

/// F can be evaluated at points of type P:
///
///     f(values...)          an argument for each dimension, in order
///     f(const P&)           the point itself
///     f(const Params&)      an aggregate of the user's with a member for each dimension, in order
///
/// each by value or by reference to const, and each with a TrialContext& before or after, if wanted. Types are those
/// of the space exactly: double for a Real, any integral type that holds the range for an Integer, std::string or
/// std::string_view for strings, the choices' own type otherwise. A generic lambda or an overloaded operator gets the
/// point's own values (double, std::int64_t, std::string, ...) as const lvalues.
///
/// F is called through a const reference, by several threads at once where the executor has several.
template <class F, class P>
concept ObjectiveOn = CallableThroughConst<F> && TakesExactlyTheTypesOf<F, P> && ReturnsNumberFor<F, P>;

/// F can be evaluated at the points of a space.
template <class F, class S>
concept ObjectiveFor = SearchSpace<S> && ObjectiveOn<F, typename S::point_type>;

/// The value of `f` at `point`.
/// \throws whatever f throws; InvalidArgument where an integral parameter of f cannot hold a value
template <class F, class P>
  requires ObjectiveOn<F, P>
[[nodiscard]] double invoke_objective(const F& f, const P& point, TrialContext& context) {
  using detail::Passing;
  constexpr detail::CallForm form = detail::form_of<F, P>();
  const auto call = [&](auto&&... arguments) {
    return static_cast<double>(detail::call<form.context>(f, context, std::forward<decltype(arguments)>(arguments)...));
  };
  if constexpr (form.passing == Passing::point) {
    return call(point);
  } else if constexpr (form.passing == Passing::aggregate) {
    return detail::call_with_aggregate<detail::aggregate_type<F, P>>(call, point, detail::point_indices<P>{});
  } else if constexpr (detail::HasSignature<F>) {
    return detail::call_with_values(call, point, detail::point_indices<P>{}, detail::plain_parameters<F, P>{});
  } else {
    return detail::call_with_own_values(call, point, detail::point_indices<P>{});
  }
}

namespace detail {

/// True, or an error that says what is wrong.
template <class F, class P>
[[nodiscard]] constexpr bool explain_objective() {
  static_assert(CallableThroughConst<F>,
                "hposearch: the objective is called through a const reference, possibly by several threads: its "
                "operator() must be const (not a mutable lambda)");
  static_assert(TakesExactlyTheTypesOf<F, P>,
                "hposearch: the objective must take exactly the space's types, in order: double for a Real, an "
                "integral type for an Integer, std::string or std::string_view for strings, the choices' own type "
                "otherwise; or the point; or an aggregate with a member for each dimension. A TrialContext& may come "
                "first or last");
  static_assert(!TakesExactlyTheTypesOf<F, P> || ReturnsNumberFor<F, P>,
                "hposearch: what the objective returns must be convertible to double");
  return true;
}

}  // namespace detail

/// A callable together with the type of the points it is evaluated at: what executors hold. Made by bind_objective.
template <class F, class P>
class Objective {
  static_assert(detail::explain_objective<F, P>());

 public:
  explicit Objective(F f) : f_(std::move(f)) {}

  /// \throws whatever the callable throws
  [[nodiscard]] double operator()(const P& point, TrialContext& context) const {
    return invoke_objective(f_, point, context);
  }

 private:
  F f_;
};

/// Binds a callable to the points of a space, once it is clear that its integral parameters hold all their values.
/// \throws InvalidArgument naming the dimension, its range and that of the parameter
template <SearchSpace S, class F>
[[nodiscard]] std::shared_ptr<const Objective<F, typename S::point_type>> bind_objective(const S& space, F f) {
  static_assert(detail::explain_objective<F, typename S::point_type>());
  if constexpr (ObjectiveFor<F, S>) {
    detail::check_ranges<F>(space);
    return std::make_shared<const Objective<F, typename S::point_type>>(std::move(f));
  } else {
    return {};  // the error was explained: say no more
  }
}

}  // namespace hposearch::inline v0
