#include <concepts>
#include <functional>

#include <support/catch.hpp>

#include <hposearch/objective/signature.hpp>

namespace {

using hposearch::detail::CallSignature;
using hposearch::detail::Ends;
using hposearch::detail::HasSignature;
using hposearch::detail::Types;

struct Plain {
  double operator()(int) const { return 0; }
};
struct Changing {
  double operator()(int) noexcept { return 0; }
};
struct Referenced {
  double operator()(int) const& noexcept { return 0; }
};
struct Overloaded {
  double operator()(int) const { return 0; }
  double operator()(double) const { return 0; }
};

template <class F>
using parameters = typename CallSignature<F>::parameters;

static_assert(std::same_as<parameters<double(int, const char&)>, Types<int, const char&>>);
static_assert(std::same_as<parameters<double (*)(int) noexcept>, Types<int>>);
static_assert(std::same_as<parameters<Plain>, Types<int>> && CallSignature<Plain>::is_const);
static_assert(std::same_as<parameters<Changing>, Types<int>> && !CallSignature<Changing>::is_const);
static_assert(std::same_as<parameters<Referenced>, Types<int>> && CallSignature<Referenced>::is_const);
static_assert(std::same_as<parameters<std::function<float(int, double&)>>, Types<int, double&>>);
static_assert(std::same_as<CallSignature<std::function<float(int)>>::result, float>);
static_assert(!HasSignature<Overloaded> && !HasSignature<int>);
static_assert(!HasSignature<decltype([](auto x) { return x; })>);
static_assert(HasSignature<decltype([](int x) { return x; })>);

static_assert(std::same_as<Ends<Types<>>::first, void>);
static_assert(std::same_as<Ends<Types<int>>::without_last, Types<>>);
static_assert(std::same_as<Ends<Types<int, char, float>>::first, int>);
static_assert(std::same_as<Ends<Types<int, char, float>>::last, float>);
static_assert(std::same_as<Ends<Types<int, char, float>>::without_first, Types<char, float>>);
static_assert(std::same_as<Ends<Types<int, char, float>>::without_last, Types<int, char>>);

}  // namespace

TEST_CASE("Signatures of callables are read at compile time") { SUCCEED(); }
