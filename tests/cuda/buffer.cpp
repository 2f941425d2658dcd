#include <cstddef>

#include <support/catch.hpp>

#include <hposearch/cuda/buffer.hpp>

using namespace hposearch;

TEST_CASE("memory that is not to be had is an error") {
  CHECK_THROWS_AS(cuda::Buffer<double>(std::size_t{1} << 50), Error);
}
