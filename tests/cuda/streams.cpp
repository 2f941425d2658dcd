#include <stop_token>

#include <support/catch.hpp>

#include <hposearch/cuda/streams.hpp>

using namespace hposearch;

TEST_CASE("a trial that was given no stream has the default one") {
  const TrialContext context{0, 0, 1, std::stop_token{}};
  CHECK(cuda::stream(context) == nullptr);
}

TEST_CASE("a trial without devices is given no stream, and a device that CUDA does not know is an error") {
  const auto enter = cuda::streams();
  TrialContext without{0, 0, 1, std::stop_token{}};
  CHECK(enter(without) == nullptr);
  TrialContext unknown{0, 0, 1, std::stop_token{}, {"GPU-00000000-none"}};
  CHECK_THROWS_AS(enter(unknown), Error);
}
