#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include <support/catch.hpp>
#include <support/thrown.hpp>

#include <hposearch/objective.hpp>
#include <hposearch/space/categorical.hpp>
#include <hposearch/space/dynamic_space.hpp>
#include <hposearch/space/integer.hpp>
#include <hposearch/space/real.hpp>
#include <hposearch/space/space.hpp>
#include <hposearch/trial/context.hpp>

namespace hpo = hposearch;
using hpo::TrialContext;

namespace {

enum class Shape { round, square };

[[nodiscard]] auto example() {
  return hpo::Space{hpo::Real{"rate", 0, 1}, hpo::Integer{"channel", 0, 200}, hpo::Categorical{"pool", {"max", "avg"}},
                    hpo::Categorical{"shape", {Shape::round, Shape::square}}};
}
using Example = decltype(example());
using Point = Example::point_type;

struct Params {
  double rate;
  int channel;
  std::string pool;
  Shape shape;
};
struct Views {
  const double& rate;
  std::uint8_t channel;
  std::string_view pool;
  Shape shape;
};
struct Narrow {
  float rate;
  int channel;
  std::string pool;
  Shape shape;
};
struct Short {
  double rate;
  int channel;
  std::string pool;
};
struct Long {
  double rate;
  int channel;
  std::string pool;
  Shape shape;
  int epochs = 10;
};

// What every form below computes, at the point of `value_at_example`.
[[nodiscard]] double combine(double rate, double channel, std::string_view pool, Shape shape) {
  return rate + channel + (pool == "avg" ? 1000 : 0) + (shape == Shape::square ? 10000 : 0);
}
constexpr double expected = 11007.25;

template <class F>
[[nodiscard]] double value_at_example(F f) {
  static_assert(hpo::ObjectiveFor<F, Example>);
  static_assert(hpo::ObjectiveFor<F&, Example> && hpo::ObjectiveFor<const F&, Example>);
  const auto space = example();
  TrialContext context{5, 0, 1, {}};
  const auto bound = hpo::bind_objective(space, f);
  return (*bound)(space.make_point(0.25, 7, "avg", Shape::square), context);
}

[[nodiscard]] double function(double rate, long channel, const std::string& pool, Shape shape) {
  return combine(rate, static_cast<double>(channel), pool, shape);
}

}  // namespace

TEST_CASE("An objective takes a value for each dimension") {
  CHECK(value_at_example([](double r, int c, std::string p, Shape s) { return combine(r, c, p, s); }) == expected);
  CHECK(value_at_example([](const double& r, const std::uint8_t& c, const std::string& p, const Shape& s) {
          return combine(r, c, p, s);
        }) == expected);
  CHECK(value_at_example([](double&& r, short&& c, std::string&& p, Shape&& s) { return combine(r, c, p, s); }) ==
        expected);
  CHECK(value_at_example([](double r, std::size_t c, std::string_view p, Shape s) noexcept {
          return combine(r, static_cast<double>(c), p, s);
        }) == expected);
  CHECK(value_at_example(function) == expected);
  CHECK(value_at_example(&function) == expected);
  CHECK(value_at_example(std::function<double(double, long, const std::string&, Shape)>{function}) == expected);
}

TEST_CASE("An objective takes the user's aggregate") {
  CHECK(value_at_example([](const Params& p) { return combine(p.rate, p.channel, p.pool, p.shape); }) == expected);
  CHECK(value_at_example([](Params p) { return combine(p.rate, p.channel, p.pool, p.shape); }) == expected);
  CHECK(value_at_example([](Views p) { return combine(p.rate, p.channel, p.pool, p.shape); }) == expected);
  const hpo::Space plane{hpo::Real{"x", 0, 1}, hpo::Real{"y", 0, 1}};
  TrialContext context{0, 0, 1, {}};
  const auto difference = [](const std::array<double, 2>& x) { return x[0] - x[1]; };
  CHECK(hpo::invoke_objective(difference, plane.make_point(1.0, 0.25), context) == 0.75);
}

TEST_CASE("An objective takes the point") {
  CHECK(value_at_example([](const Point& p) {
          return combine(p.get<double>("rate"), p.get<int>("channel"), p.get<std::string>("pool"), get<3>(p));
        }) == expected);
  CHECK(value_at_example([](Point p) {
          const auto& [rate, channel, pool, shape] = p;
          return combine(rate, static_cast<double>(channel), pool, shape);
        }) == expected);
}

TEST_CASE("Generic objectives get the point's own values") {
  CHECK(value_at_example([](auto r, auto c, auto p, auto s) { return combine(r, static_cast<double>(c), p, s); }) ==
        expected);
  CHECK(value_at_example([](const auto& p) {
          return combine(p.template get<double>("rate"), p.template get<int>("channel"),
                         p.template get<std::string>("pool"), p.template get<Shape>("shape"));
        }) == expected);
  CHECK(value_at_example([](auto... values) { return sizeof...(values); }) == 4);
}

TEST_CASE("An objective gets its trial's context first or last") {
  CHECK(value_at_example([](TrialContext& c, double, int, std::string, Shape) { return c.trial(); }) == 5);
  CHECK(value_at_example([](double, int, std::string, Shape, const TrialContext& c) { return c.trial(); }) == 5);
  CHECK(value_at_example([](TrialContext& c, const Params&) { return c.trial(); }) == 5);
  CHECK(value_at_example([](const Point&, TrialContext& c) { return c.trial(); }) == 5);
  CHECK(value_at_example([](TrialContext& c, auto...) { return c.trial(); }) == 5);
  CHECK(value_at_example([](const auto&, TrialContext& c) { return c.trial(); }) == 5);
}

TEST_CASE("An objective returns whatever becomes a double") {
  struct Loss {
    operator double() const { return 0.5; }  // NOLINT(google-explicit-constructor)
  };
  CHECK(value_at_example([](const Params&) { return 1; }) == 1);
  CHECK(value_at_example([](const Params&) { return 1.5f; }) == 1.5);
  CHECK(value_at_example([](const Params&) { return true; }) == 1);
  CHECK(value_at_example([](const Params&) { return Loss{}; }) == 0.5);
  CHECK(value_at_example([](const auto&) { return Loss{}; }) == 0.5);
}

TEST_CASE("What throws in an objective is thrown to the caller") {
  const auto space = example();
  TrialContext context{0, 0, 1, {}};
  const auto bound = hpo::bind_objective(space, [](const Params&) -> double { throw std::runtime_error{"no"}; });
  CHECK_THROWS_AS((*bound)(space.make_point(0.25, 7, "avg", Shape::square), context), std::runtime_error);
}

TEST_CASE("An objective may be movable only") {
  CHECK([] {
    const auto space = example();
    TrialContext context{0, 0, 1, {}};
    auto f = [factor = std::make_unique<double>(2)](const Params& p) { return *factor * p.rate; };
    return (*hpo::bind_objective(space, std::move(f)))(space.make_point(0.25, 7, "avg", Shape::square), context);
  }() == 0.5);
}

TEST_CASE("An integral parameter must hold the whole range of its dimension") {
  using support::thrown;
  const auto space = example();
  CHECK(thrown<hpo::InvalidArgument>([&] {
          return hpo::bind_objective(space, [](double, signed char, std::string, Shape) { return 0; });
        }) == "\"channel\" = [0, 200]: the objective takes it as an integer of 8 bits, which holds [-128, 127]");
  struct Small {
    double rate;
    signed char channel;
    std::string pool;
    Shape shape;
  };
  CHECK(thrown<hpo::InvalidArgument>([&] { return hpo::bind_objective(space, [](const Small&) { return 0; }); }) ==
        "\"channel\" = [0, 200]: the objective takes it as an integer of 8 bits, which holds [-128, 127]");
  CHECK_NOTHROW(hpo::bind_objective(space, [](double, unsigned char, std::string, Shape) { return 0; }));
}

TEST_CASE("Objectives of dynamic spaces take the point") {
  const hpo::DynamicSpace space{{hpo::Real{"rate", 0, 1}}};
  const auto point = space.make_point({{"rate", 0.5}});
  TrialContext context{5, 0, 1, {}};
  const auto evaluate = [&](auto f) { return (*hpo::bind_objective(space, f))(point, context); };
  CHECK(evaluate([](const hpo::DynamicPoint& p) { return p.get<double>("rate"); }) == 0.5);
  CHECK(evaluate([](hpo::DynamicPoint p, TrialContext& c) {
          return p.get<double>("rate") + static_cast<double>(c.trial());
        }) == 5.5);
  CHECK(evaluate([](const auto& p) { return p.template get<double>("rate"); }) == 0.5);
}

namespace {

template <class F>
constexpr bool refused(F) {
  return !hpo::ObjectiveFor<F, Example>;
}

}  // namespace

TEST_CASE("Objectives of other types are refused at compile time") {
  // Each is right but for one thing.
  STATIC_REQUIRE(refused([](int, int, std::string, Shape) { return 0; }));
  STATIC_REQUIRE(refused([](float, int, std::string, Shape) { return 0; }));
  STATIC_REQUIRE(refused([](double&, int, std::string, Shape) { return 0; }));
  STATIC_REQUIRE(refused([](double, double, std::string, Shape) { return 0; }));
  STATIC_REQUIRE(refused([](double, bool, std::string, Shape) { return 0; }));
  STATIC_REQUIRE(refused([](double, char, std::string, Shape) { return 0; }));
  STATIC_REQUIRE(refused([](double, int, const char*, Shape) { return 0; }));
  STATIC_REQUIRE(refused([](double, int, std::string, int) { return 0; }));
  STATIC_REQUIRE(refused([](double, int, Shape, std::string) { return 0; }));
  STATIC_REQUIRE(refused([](double, int, std::string) { return 0; }));
  STATIC_REQUIRE(refused([](double, int, std::string, Shape, int) { return 0; }));
  STATIC_REQUIRE(refused([](double, int, std::string, Shape) {}));
  STATIC_REQUIRE(refused([](double, int, std::string, Shape) { return "0"; }));
  STATIC_REQUIRE(refused([](double, int, std::string, Shape) mutable { return 0; }));
  STATIC_REQUIRE(refused([](const Narrow&) { return 0; }));
  STATIC_REQUIRE(refused([](const Short&) { return 0; }));
  STATIC_REQUIRE(refused([](const Long&) { return 0; }));
  STATIC_REQUIRE(refused([](Params&) { return 0; }));
  STATIC_REQUIRE(refused([](TrialContext&) { return 0; }));
  STATIC_REQUIRE(refused([](const hpo::DynamicPoint&) { return 0; }));
  STATIC_REQUIRE(refused([](auto, auto, auto) { return 0; }));
  STATIC_REQUIRE(refused(3));
}
