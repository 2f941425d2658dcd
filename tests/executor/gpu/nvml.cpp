#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include <support/catch.hpp>
#include <support/thrown.hpp>

#include <hposearch/executor/gpu/interface.hpp>
#include <hposearch/executor/gpu/nvml.hpp>

using namespace hposearch;

static_assert(DeviceInterface<NvmlDevices>);

namespace {

/// A library for a machine with two GPUs, of which the second may be divided. Handles are the devices' numbers.
struct Library {
  int running = 0;
  int init_status = 0;
  int handle_status[2] = {0, 0};
  int memory_status = 0;
  bool divided = false;
} library;

std::uintptr_t number(void* handle) { return reinterpret_cast<std::uintptr_t>(handle); }

NvmlFunctions fake_library() {
  library = {};
  NvmlFunctions nvml;
  nvml.init = [] { return library.init_status == 0 ? (++library.running, 0) : library.init_status; };
  nvml.shutdown = [] { return --library.running; };
  nvml.error_text = [](int status) { return status == 9 ? "Driver Not Loaded" : "Other"; };
  nvml.driver = [](int* version) { return *version = 12040, 0; };
  nvml.count = [](unsigned* count) { return *count = 2, 0; };
  nvml.handle = [](unsigned index, void** handle) {
    return *handle = reinterpret_cast<void*>(std::uintptr_t{index} + 1), library.handle_status[index];
  };
  nvml.uuid = [](void* handle, char* text, unsigned length) {
    return std::snprintf(text, length, "%s-%d", number(handle) < 10 ? "GPU" : "MIG", static_cast<int>(number(handle))),
           0;
  };
  nvml.name = [](void*, char* text, unsigned length) { return std::snprintf(text, length, "Fake"), 0; };
  nvml.memory = [](void* handle, NvmlFunctions::Memory* memory) {
    *memory = {1000 * number(handle), 600, 400};
    return number(handle) == 1 ? library.memory_status : 0;
  };
  nvml.utilisation = [](void* handle, NvmlFunctions::Utilisation* use) {
    *use = {75, 10};
    return number(handle) < 10 ? 0 : 3;
  };
  nvml.mig_mode = [](void* handle, unsigned* now, unsigned* pending) {
    *now = *pending = library.divided && number(handle) == 2 ? 1 : 0;
    return number(handle) == 1 ? 3 : 0;  // not supported by the first
  };
  nvml.mig_count = [](void*, unsigned* count) { return *count = 7, 0; };
  nvml.mig_handle = [](void*, unsigned index, void** part) {
    return *part = reinterpret_cast<void*>(std::uintptr_t{index} + 20), index % 3 == 0 ? 0 : 6;
  };
  return nvml;
}

}  // namespace

TEST_CASE("NVML says what there is to know of devices") {
  const NvmlDevices devices{fake_library()};
  const std::vector<Device> found = devices.list();
  REQUIRE(found.size() == 2);
  CHECK(found[1].id == "GPU-2");
  CHECK(found[1].index == 1);
  CHECK(found[1].uuid == "GPU-2");
  CHECK(found[1].name == "Fake");
  CHECK(found[1].memory_total == 2000);
  CHECK(found[1].memory_free == 600);
  CHECK(found[1].utilisation == 0.75);
  CHECK(devices.driver() == 12040);
}

TEST_CASE("the parts of a divided GPU stand in its place") {
  const NvmlDevices devices{fake_library()};
  library.divided = true;
  const std::vector<Device> found = devices.list();
  REQUIRE(found.size() == 4);
  CHECK(found[0].id == "GPU-1");
  for (std::size_t i = 1; i < 4; ++i) {
    CHECK(found[i].id == "MIG-" + std::to_string(20 + 3 * (i - 1)));
    CHECK(found[i].index == 1);
    CHECK_FALSE(found[i].utilisation);
  }
}

TEST_CASE("devices that are lost or forbidden are left out, and what cannot be said of others is not known") {
  const NvmlDevices devices{fake_library()};
  library.memory_status = 15;
  CHECK(devices.list().size() == 1);
  library.memory_status = 16;
  CHECK(devices.list().size() == 1);
  library.memory_status = 3;
  CHECK_FALSE(devices.list()[0].memory_total);
  library.handle_status[1] = 4;
  CHECK(devices.list().size() == 1);
}

TEST_CASE("NVML is shut down once, after the last copy") {
  std::optional<NvmlDevices> devices{fake_library()};
  std::optional<NvmlDevices> copy{*devices};
  devices.reset();
  CHECK(library.running == 1);
  copy.reset();
  CHECK(library.running == 0);
}

TEST_CASE("NVML that cannot be used says why") {
  NvmlFunctions nvml = fake_library();
  library.init_status = 9;
  CHECK(support::thrown<NoDevice>([&] { return NvmlDevices{nvml}; }) ==
        "NVML: nvmlInit: Driver Not Loaded; does nvidia-smi work on this machine?");
  CHECK(library.running == 0);
  CHECK(support::thrown<NoDevice>([] { return load_nvml("libno-such-library.so"); }).find("libno-such-library.so") !=
        std::string::npos);
#if defined(__linux__)
  CHECK(support::thrown<NoDevice>([] { return load_nvml("libc.so.6"); }) ==
        "libc.so.6 has no nvmlInit_v2: install a newer NVIDIA driver");
#endif
}
