#include <vector>

#include <support/catch.hpp>

#include <hposearch/executor/gpu/device.hpp>

using namespace hposearch;

TEST_CASE("a device is called by what is known of it") {
  CHECK(to_text(Device{.id = "2"}) == "device 2");
  CHECK(to_text(Device{.id = "GPU-1", .uuid = "GPU-1"}) == "device GPU-1");
  CHECK(to_text(Device{.id = "GPU-1", .index = 0, .uuid = "GPU-1"}) == "device 0 (GPU-1)");
  CHECK(to_text(Device{.id = "GPU-1", .index = 0, .uuid = "GPU-1", .name = "H100"}) == "device 0 (H100, GPU-1)");
  CHECK(Device{.id = "MIG-1", .uuid = "MIG-1"}.is_part());
  CHECK_FALSE(Device{.id = "GPU-1", .uuid = "GPU-1"}.is_part());
}

TEST_CASE("amounts of memory are short to read") {
  CHECK(memory_text(0) == "0 MiB");
  CHECK(memory_text(1536 * 1024) == "1.5 MiB");
  CHECK(memory_text(gibibyte - 1) == "1023.9 MiB");
  CHECK(memory_text(80 * gibibyte) == "80 GiB");
}

TEST_CASE("devices are summed up on one line with what is known of them") {
  CHECK(summary({}).empty());
  const std::vector<Device> devices{
      {.id = "0"},
      {.id = "GPU-1", .index = 1, .memory_total = 10 * gibibyte, .memory_free = 8 * gibibyte, .utilisation = 0.25}};
  CHECK(summary(devices) == "GPU 0, GPU 1 2/10 GiB 25 %");
}
