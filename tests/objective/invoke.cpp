#include <concepts>
#include <cstdint>
#include <tuple>
#include <utility>

#include <support/catch.hpp>

#include <hposearch/objective/invoke.hpp>
#include <hposearch/trial/context.hpp>

namespace {

namespace detail = hposearch::detail;
using hposearch::TrialContext;
using Tuple = std::tuple<double, std::int64_t>;

struct Two {
  double a;
  int b;
};

}  // namespace

TEST_CASE("Values of any tuple become arguments or members") {
  const Tuple point{0.5, 3};
  const auto indices = std::make_index_sequence<2>{};
  const auto sum = [](double a, int b) { return a + b; };
  CHECK(detail::call_with_values(sum, point, indices, detail::Types<double, int>{}) == 3.5);
  CHECK(detail::call_with_own_values([](double a, std::int64_t b) { return a * static_cast<double>(b); }, point,
                                     indices) == 1.5);
  CHECK(detail::call_with_aggregate<Two>([](Two two) { return two.a - two.b; }, point, indices) == -2.5);
}

TEST_CASE("The context is passed where it is wanted") {
  TrialContext context{7, 0, 1, {}};
  using Place = detail::ContextPlace;
  CHECK(detail::call<Place::first>([](TrialContext& c, int x) { return static_cast<int>(c.trial()) + x; }, context,
                                   1) == 8);
  CHECK(detail::call<Place::last>([](int x, TrialContext& c) { return static_cast<int>(c.trial()) - x; }, context, 1) ==
        6);
  CHECK(detail::call<Place::none>([](int x) { return x; }, context, 1) == 1);
}

TEST_CASE("The result of a callable is known without calling it") {
  STATIC_REQUIRE(std::same_as<detail::result_of<float (*)(double, int), Tuple>, float>);
  const auto by_values = [](auto a, auto) { return a; };
  STATIC_REQUIRE(std::same_as<detail::result_of<std::remove_const_t<decltype(by_values)>, Tuple>, double>);
  const auto by_point = [](const auto& p) { return std::get<1>(p); };
  STATIC_REQUIRE(std::same_as<detail::result_of<std::remove_const_t<decltype(by_point)>, Tuple>, std::int64_t>);
}
