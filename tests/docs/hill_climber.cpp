#include "../../docs/examples/hill_climber.hpp"

#include <support/catch.hpp>
#include <support/sampler_properties.hpp>

TEST_CASE("The example of a sampler keeps the samplers' contract", "[conformance]") {
  support::check_sampler([] { return HillClimber{}; }, 20, 30);
}
