/// \file
/// The parameter types of a callable, where it has one list of them.
#pragma once

#include <concepts>
#include <cstddef>
#include <type_traits>

namespace hposearch::inline v0::detail {

template <class... A>
struct Types {
  static constexpr std::size_t size = sizeof...(A);
};

/// A list of types without its first, and without its last.
template <class List>
struct Ends {
  using first = void;
  using last = void;
  using without_first = List;
  using without_last = List;
};
template <class A>
struct Ends<Types<A>> {
  using first = A;
  using last = A;
  using without_first = Types<>;
  using without_last = Types<>;
};
template <class A, class... Rest>
struct Ends<Types<A, Rest...>> {
  template <class List>
  struct Prepend;
  template <class... B>
  struct Prepend<Types<B...>> {
    using type = Types<A, B...>;
  };
  using first = A;
  using last = typename Ends<Types<Rest...>>::last;
  using without_first = Types<Rest...>;
  using without_last = typename Prepend<typename Ends<Types<Rest...>>::without_last>::type;
};

/// The parameters of a function type, a function pointer or a pointer to a member function. `is_const` says whether
/// it can be called on a const object.
template <class M>
struct SignatureOf;

template <class R, bool Const, class... A>
struct SignatureParts {
  using result = R;
  using parameters = Types<A...>;
  static constexpr bool is_const = Const;
};

template <class R, class... A>
struct SignatureOf<R (*)(A...)> : SignatureParts<R, true, A...> {};
template <class R, class... A>
struct SignatureOf<R (*)(A...) noexcept> : SignatureParts<R, true, A...> {};
template <class R, class C, class... A>
struct SignatureOf<R (C::*)(A...) const> : SignatureParts<R, true, A...> {};
template <class R, class C, class... A>
struct SignatureOf<R (C::*)(A...) const noexcept> : SignatureParts<R, true, A...> {};
template <class R, class C, class... A>
struct SignatureOf<R (C::*)(A...) const&> : SignatureParts<R, true, A...> {};
template <class R, class C, class... A>
struct SignatureOf<R (C::*)(A...) const& noexcept> : SignatureParts<R, true, A...> {};
template <class R, class C, class... A>
struct SignatureOf<R (C::*)(A...)> : SignatureParts<R, false, A...> {};
template <class R, class C, class... A>
struct SignatureOf<R (C::*)(A...) noexcept> : SignatureParts<R, false, A...> {};

template <class F>
struct CallSignature {};
template <class F>
  requires std::is_function_v<std::remove_pointer_t<F>>
struct CallSignature<F> : SignatureOf<std::remove_pointer_t<F>*> {
};
template <class F>
  requires requires { &F::operator(); }
struct CallSignature<F> : SignatureOf<decltype(&F::operator())> {};

/// Whether F (without reference) has one list of parameters: not so for generic lambdas and overloaded operators.
template <class F>
concept HasSignature = requires {
  typename CallSignature<F>::parameters;
};

}  // namespace hposearch::inline v0::detail
