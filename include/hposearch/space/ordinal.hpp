/// \file
/// A dimension of choices in order.
#pragma once

#include <initializer_list>
#include <string>

#include <hposearch/space/choices.hpp>

namespace hposearch::inline v0 {

/// Choices in the order of their listing, neighbours being alike: for values that are neither evenly nor
/// logarithmically spaced, or not numbers at all.
///
///     Ordinal{"batch", {16, 32, 64, 256}}
///     Ordinal{"size", {"small", "medium", "large"}, {.initial = "medium"}}
///
/// Everything else is as for Categorical.
template <Choice T>
class Ordinal : public detail::Choices<T, DimensionKind::ordered> {
 public:
  using detail::Choices<T, DimensionKind::ordered>::Choices;
};

template <class T>
Ordinal(std::string, std::initializer_list<T>, ChoiceOptions<detail::choice_type<T>> = {})
    -> Ordinal<detail::choice_type<T>>;
template <detail::ChoiceRange R>
Ordinal(std::string, const R&, ChoiceOptions<detail::range_choice_type<R>> = {})
    -> Ordinal<detail::range_choice_type<R>>;

}  // namespace hposearch::inline v0
