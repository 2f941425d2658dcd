#include <chrono>
#include <cmath>

#include <support/catch.hpp>

#include <hposearch/trial/outcome.hpp>

using hposearch::Outcome;

TEST_CASE("An outcome of a value holds any double") {
  const Outcome outcome = 2.5;
  CHECK(outcome.has_value());
  CHECK(outcome.value() == 2.5);
  CHECK(outcome.reason().empty());
  CHECK(std::isnan(Outcome{std::nan("")}.value()));
}

TEST_CASE("The value of a failure throws its reason") {
  const Outcome outcome = Outcome::failure("diverged");
  CHECK_FALSE(outcome.has_value());
  CHECK(outcome.reason() == "diverged");
  CHECK_THROWS_WITH(outcome.value(), "diverged");
  CHECK_FALSE(outcome == Outcome{0.0});
}

TEST_CASE("An outcome may know how long it took") {
  const Outcome plain{2.0};
  CHECK_FALSE(plain.took());
  const Outcome timed = plain.after(std::chrono::milliseconds{1500});
  CHECK(timed.took()->count() == 1.5);
  CHECK(timed.value() == 2);
  CHECK(Outcome::failure("lost").after(std::chrono::seconds{1}).reason() == "lost");
}
