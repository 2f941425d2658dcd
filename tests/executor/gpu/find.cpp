#include <string>

#include <support/catch.hpp>

#include <hposearch/executor/gpu/find.hpp>
#include <hposearch/executor/gpu/select.hpp>

using namespace hposearch;

TEST_CASE("devices are found, or the error says what was tried and what to do") {
  try {
    const AnyDevices devices = find_devices();
    CHECK_FALSE(devices.list().empty());
  } catch (const NoDevice& error) {
    const std::string message = error.what();
    CHECK(message.find("install the NVIDIA driver, or name the devices") != std::string::npos);
    CHECK(message.find("NVML") != std::string::npos);
    CHECK(message.find("nvidia-smi") != std::string::npos);

    // Where nothing can be asked, what is named is believed.
    const auto named = [](const LocalGpusOptions& options) {
      std::string text;
      for (const Device& device : detail::find_or_list_devices(options).list()) text += to_text(device) + " ";
      return text;
    };
    CHECK(named({.devices = {"0", "GPU-x"}}) == "device 0 device GPU-x ");
    CHECK(named({.devices = {"1"}, .visible = "3, 1"}) == "device 3 device 1 ");
    CHECK_THROWS_AS(named({.visible = ""}), NoDevice);
  }
}
