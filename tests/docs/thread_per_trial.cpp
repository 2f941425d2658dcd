#include "../../docs/examples/thread_per_trial.hpp"

#include <cstddef>

#include <executor_conformance.hpp>
#include <support/catch.hpp>

TEST_CASE("The example of an executor keeps the executors' contract", "[conformance]") {
  executor_conformance::check_executor([](std::size_t slots) { return ThreadPerTrial{slots}; },
                                       {.stops_uncooperative = false});
}
