#include <cstddef>
#include <stdexcept>
#include <string>

#include <support/catch.hpp>

#include <hposearch/cuda/devices.hpp>
#include <hposearch/executor/gpu/interface.hpp>

using namespace hposearch;

static_assert(DeviceInterface<cuda::RuntimeDevices>);

TEST_CASE("a process of its own answers, however long, and says what was thrown") {
  CHECK(detail::text_of_child([] { return std::string{}; }).empty());
  CHECK(detail::text_of_child([] { return std::string(300'000, 'x'); }) == std::string(300'000, 'x'));
  CHECK(detail::text_of_child([]() -> std::string { throw std::runtime_error("why"); }) == "!why");
}

TEST_CASE("UUIDs of the runtime are written as NVML writes them") {
  cudaUUID_t uuid{};
  for (std::size_t i = 0; i < 16; ++i) uuid.bytes[i] = static_cast<char>(17 * i);
  CHECK(detail::uuid_text(uuid) == "GPU-00112233-4455-6677-8899-aabbccddeeff");
}

TEST_CASE("the runtime lists the devices, or says why there is none") {
  try {
    for (const Device& device : cuda::RuntimeDevices{}.list()) {
      CHECK(device.id.size() == 40);
      CHECK(device.memory_total.value_or(0) > 0);
    }
  } catch (const NoDevice& error) {
    CHECK(std::string{error.what()}.find("the CUDA runtime finds no device: cudaGetDeviceCount: ") == 0);
  }
}
