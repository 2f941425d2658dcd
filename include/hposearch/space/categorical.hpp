/// \file
/// A dimension of choices without an order.
#pragma once

#include <initializer_list>
#include <string>

#include <hposearch/space/choices.hpp>

namespace hposearch::inline v0 {

/// Choices without an order: strings (literals and views are kept as std::string), bool, numbers, enumerations, or any
/// type that can be copied and compared.
///
///     Categorical{"pool", {"max", "avg"}}
///     Categorical{"optimizer", {Optimizer::sgd, Optimizer::adam}, {.names = {"sgd", "adam"}}}
///     Categorical{"activation", names_from_a_vector, {.initial = "relu"}}
///
/// A single choice is allowed: the dimension is then a constant and no part of the search.
///
/// \throws InvalidSpace (constructors) for an empty name; no choices; equal choices or names; a number of names other
///   than that of the choices; an initial value that is none of the choices
template <Choice T>
class Categorical : public detail::Choices<T, DimensionKind::categorical> {
 public:
  using detail::Choices<T, DimensionKind::categorical>::Choices;
};

template <class T>
Categorical(std::string, std::initializer_list<T>, ChoiceOptions<detail::choice_type<T>> = {})
    -> Categorical<detail::choice_type<T>>;
template <detail::ChoiceRange R>
Categorical(std::string, const R&, ChoiceOptions<detail::range_choice_type<R>> = {})
    -> Categorical<detail::range_choice_type<R>>;

}  // namespace hposearch::inline v0
