#include <concepts>
#include <cstddef>
#include <string>

#include <support/catch.hpp>

#include <hposearch/space/categorical.hpp>
#include <hposearch/space/ordinal.hpp>

namespace hpo = hposearch;
using hpo::Ordinal;

TEST_CASE("An ordinal keeps the order of its listing") {
  const Ordinal batch{"batch", {64, 16, 32}};
  STATIC_REQUIRE(std::same_as<decltype(batch), const Ordinal<int>>);
  const auto axis = batch.encoded();
  CHECK(axis.kind == hpo::DimensionKind::ordered);
  REQUIRE(axis.cells == 3);
  CHECK(batch.decode(0.1) == 64);
  CHECK(batch.decode(0.5) == 16);
  CHECK(batch.decode(0.9) == 32);
  CHECK(batch.encode(64) < batch.encode(16));
}

TEST_CASE("Ordinals of strings and with a default are deduced") {
  const Ordinal size{"size", {"small", "large"}, {.initial = "large"}};
  STATIC_REQUIRE(std::same_as<decltype(size), const Ordinal<std::string>>);
  CHECK(size.initial() == "large");
}

TEST_CASE("An ordinal is another search than a categorical of the same choices") {
  CHECK(Ordinal{"x", {1, 2}}.signature() != hpo::Categorical{"x", {1, 2}}.signature());
}
