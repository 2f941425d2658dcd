#include <limits>
#include <vector>

#include <support/catch.hpp>

#include <hposearch/sampler/stagnation.hpp>

using namespace hposearch;

TEST_CASE("Trials are counted from the last improvement that is worth something") {
  CHECK(stalled_trials(std::vector<double>{}, 0.02) == 0);
  CHECK(stalled_trials(std::vector<double>{3}, 0.02) == 0);
  CHECK(stalled_trials(std::vector<double>{3, 2, 1}, 0.02) == 0);
  CHECK(stalled_trials(std::vector<double>{3, 1, 2, 2, 2}, 0.02) == 3);
  CHECK(stalled_trials(std::vector<double>{1, 1, 1, 1}, 0.02) == 3);
}

TEST_CASE("Improvements that are small beside the distance to the median do not count") {
  const std::vector<double> losses{10, 0, 9, -0.001, 8, -1, 7, 6};
  CHECK(stalled_trials(losses, 0.02) == 2);
  CHECK(stalled_trials(losses, 0.5) == 6);
}

TEST_CASE("Huge losses do not overflow") {
  const double huge = std::numeric_limits<double>::max();
  CHECK(stalled_trials(std::vector<double>{huge, -huge, huge, huge}, 0.02) == 2);
}
