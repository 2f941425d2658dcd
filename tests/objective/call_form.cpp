#include <cstdint>
#include <string>
#include <tuple>

#include <support/catch.hpp>

#include <hposearch/objective/call_form.hpp>
#include <hposearch/trial/context.hpp>

namespace {

using hposearch::TrialContext;
using hposearch::detail::CallForm;
using hposearch::detail::ContextPlace;
using hposearch::detail::form_of;
using hposearch::detail::Passing;

// Any tuple-like point does, and any other point that is taken whole.
using Tuple = std::tuple<double, std::int64_t>;
struct Whole {};
struct Two {
  double a;
  int b;
};

[[nodiscard]] constexpr bool operator==(CallForm a, CallForm b) {
  return a.passing == b.passing && a.context == b.context;
}

template <class P, class F>
[[nodiscard]] constexpr CallForm form(F) {
  return form_of<F, P>();
}

}  // namespace

TEST_CASE("Callables with one signature are told apart by it") {
  STATIC_REQUIRE(form<Tuple>([](double, int) {}) == CallForm{Passing::values, ContextPlace::none});
  STATIC_REQUIRE(form<Tuple>([](TrialContext&, double, int) {}) == CallForm{Passing::values, ContextPlace::first});
  STATIC_REQUIRE(form<Tuple>([](double, int, const TrialContext&) {}) == CallForm{Passing::values, ContextPlace::last});
  STATIC_REQUIRE(form<Tuple>([](Two) {}) == CallForm{Passing::aggregate, ContextPlace::none});
  STATIC_REQUIRE(form<Tuple>([](const Two&, TrialContext&) {}) == CallForm{Passing::aggregate, ContextPlace::last});
  STATIC_REQUIRE(form<Tuple>([](const Tuple&) {}) == CallForm{Passing::point, ContextPlace::none});
  STATIC_REQUIRE(form<Whole>([](Whole) {}) == CallForm{Passing::point, ContextPlace::none});
  STATIC_REQUIRE(form<Whole>([](TrialContext&, const Whole&) {}) == CallForm{Passing::point, ContextPlace::first});
  STATIC_REQUIRE(form<Tuple>([](int, int) {}).passing == Passing::none);
  STATIC_REQUIRE(form<Tuple>([](double) {}).passing == Passing::none);
  STATIC_REQUIRE(form<Tuple>([](Two&) {}).passing == Passing::none);
  STATIC_REQUIRE(form<Tuple>([](TrialContext, double, int) {}).passing == Passing::none);
  STATIC_REQUIRE(form<Whole>([](double, int) {}).passing == Passing::none);
  STATIC_REQUIRE(form<Tuple>([] {}).passing == Passing::none);
}

TEST_CASE("Generic callables are told apart by trying") {
  STATIC_REQUIRE(form<Tuple>([](auto, auto) {}) == CallForm{Passing::values, ContextPlace::none});
  STATIC_REQUIRE(form<Tuple>([](auto...) {}) == CallForm{Passing::values, ContextPlace::none});
  STATIC_REQUIRE(form<Tuple>([](TrialContext&, auto, auto) {}) == CallForm{Passing::values, ContextPlace::first});
  STATIC_REQUIRE(form<Tuple>([](auto, auto, TrialContext&) {}) == CallForm{Passing::values, ContextPlace::last});
  STATIC_REQUIRE(form<Tuple>([](const auto&) {}) == CallForm{Passing::point, ContextPlace::none});
  STATIC_REQUIRE(form<Whole>([](TrialContext&, const auto&) {}) == CallForm{Passing::point, ContextPlace::first});
  STATIC_REQUIRE(form<Tuple>([](auto, auto, auto, auto) {}).passing == Passing::none);
}
