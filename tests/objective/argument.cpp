#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include <support/catch.hpp>
#include <support/thrown.hpp>

#include <hposearch/objective/argument.hpp>
#include <hposearch/space/categorical.hpp>
#include <hposearch/space/integer.hpp>

namespace hpo = hposearch;
namespace detail = hposearch::detail;
using support::thrown;

namespace {

static_assert(detail::TakesValue<double, double> && detail::TakesValue<const double&, double>);
static_assert(detail::TakesValue<double&&, double> && !detail::TakesValue<double&, double>);
static_assert(!detail::TakesValue<float, double> && !detail::TakesValue<int, double>);
static_assert(detail::TakesValue<const short&, std::int64_t> && !detail::TakesValue<double, std::int64_t>);

struct Two {
  double a;
  int b;
};
struct Float {
  float a;
  int b;
};
struct Nested {
  double a;
  std::array<double, 2> b;
};
struct Wrapped {
  double a;
  std::array<double, 1> b;
};
struct Defaulted {
  double a;
  int b = 3;
};

template <class A, class... V>
inline constexpr bool is_aggregate_of_values =
    detail::is_aggregate_of<A, std::tuple<detail::ExactMember<V>...>, std::index_sequence_for<V...>>;

static_assert(is_aggregate_of_values<Two, double, std::int64_t>);
static_assert(!is_aggregate_of_values<Two, double, double>);
static_assert(!is_aggregate_of_values<Two, double>);
static_assert(!is_aggregate_of_values<Two, double, std::int64_t, std::int64_t>);
static_assert(!is_aggregate_of_values<Float, double, std::int64_t>);
static_assert(!is_aggregate_of_values<Defaulted, double>);
static_assert(is_aggregate_of_values<std::array<double, 2>, double, double>);
static_assert(!is_aggregate_of_values<std::array<double, 3>, double, double>);
// A value must not start an inner aggregate whose other members nobody sets.
static_assert(!is_aggregate_of_values<Nested, double, double>);
static_assert(is_aggregate_of_values<Wrapped, double, double>);

}  // namespace

TEST_CASE("Members of an aggregate are exactly the values") {
  const double real = 0.25;
  const std::int64_t integer = 7;
  const Two two{detail::ExactMember{real}, detail::ExactMember{integer}};
  CHECK(two.a == 0.25);
  CHECK(two.b == 7);
}

TEST_CASE("Arguments of the same type are not copied") {
  const std::string text = "text";
  STATIC_REQUIRE(std::same_as<decltype(detail::argument<const std::string&>(text)), const std::string&>);
  CHECK(&detail::argument<const std::string&>(text) == &text);
  CHECK(detail::argument<std::string_view>(text).data() == text.data());
  CHECK(detail::argument<std::uint8_t>(std::int64_t{7}) == 7);
}

TEST_CASE("An integer that its parameter cannot hold is refused, not cut") {
  CHECK(thrown<hpo::InvalidArgument>([] { return detail::argument<std::uint8_t>(std::int64_t{256}); }) ==
        "\"objective\" = 256: does not fit its parameter of 8 bits");
}

TEST_CASE("Ranges that a parameter cannot hold are found beforehand") {
  const hpo::Integer integer{"x", -1, 300};
  CHECK_NOTHROW(detail::check_fits<short>(integer));
  CHECK(thrown<hpo::InvalidArgument>([&] { return detail::check_fits<unsigned>(integer), 0; }) ==
        "\"x\" = [-1, 300]: the objective takes it as an integer of 32 bits, which holds [0, 4294967295]");
  CHECK_THROWS_AS(detail::check_fits<signed char>(integer), hpo::InvalidArgument);
  const hpo::Categorical choices{"x", {1, 1000}};
  CHECK_NOTHROW(detail::check_fits<int>(choices));
  CHECK(thrown<hpo::InvalidArgument>([&] { return detail::check_fits<std::uint8_t>(choices), 0; }) ==
        "\"x\" = 1000: the objective takes it as an integer of 8 bits, which holds [0, 255]");
}
