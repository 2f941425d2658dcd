#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <support/catch.hpp>
#include <support/thrown.hpp>

#include <hposearch/executor/gpu/select.hpp>

using namespace hposearch;
using hposearch::detail::select_devices;

namespace {

struct Machine {
  std::vector<Device> devices{
      {.id = "GPU-a", .index = 0, .uuid = "GPU-a", .name = "X", .memory_total = gibibyte, .memory_free = gibibyte},
      {.id = "GPU-b", .index = 1, .uuid = "GPU-b", .name = "X", .memory_total = gibibyte, .memory_free = gibibyte},
      {.id = "GPU-c", .index = 2, .uuid = "GPU-c", .name = "X", .memory_total = gibibyte, .memory_free = gibibyte}};
  [[nodiscard]] std::vector<Device> list() const { return devices; }
  [[nodiscard]] std::string source() const { return "the machine"; }
  [[nodiscard]] std::optional<int> driver() const { return 12040; }
};

std::string ids(LocalGpusOptions options, Machine machine = {}) {
  if (!options.visible) options.visible = "0,1,2";
  std::string text;
  for (const Device& device : select_devices(machine, options)) text += device.id + " ";
  return text;
}

template <class E>
std::string error(const LocalGpusOptions& options, const Machine& machine = {}) {
  return support::thrown<E>([&] { return ids(options, machine); });
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("devices are those that are visible, or those of them that are named") {
  CHECK(ids({}) == "GPU-a GPU-b GPU-c ");
  CHECK(ids({.visible = "2,0"}) == "GPU-c GPU-a ");
  CHECK(ids({.devices = {"1"}}) == "GPU-b ");
  CHECK(ids({.devices = {"GPU-c", "0"}}) == "GPU-c GPU-a ");
}

TEST_CASE("the environment's CUDA_VISIBLE_DEVICES counts, except for simulated devices") {
  const char* before = std::getenv("CUDA_VISIBLE_DEVICES");
  const std::optional<std::string> kept = before ? std::optional<std::string>{before} : std::nullopt;
  ::setenv("CUDA_VISIBLE_DEVICES", "1", 1);
  CHECK(detail::visible_setting({}, false) == "1");
  CHECK_FALSE(detail::visible_setting({}, true).has_value());
  CHECK(detail::visible_setting({.visible = "0"}, false) == "0");
  CHECK(select_devices(Machine{}, {}).front().id == "GPU-b");
  ::unsetenv("CUDA_VISIBLE_DEVICES");
  CHECK_FALSE(detail::visible_setting({}, false).has_value());
  CHECK(select_devices(Machine{}, {}).size() == 3);
  if (kept) ::setenv("CUDA_VISIBLE_DEVICES", kept->c_str(), 1);
}

TEST_CASE("a device that is named but not there, hidden or named twice is an error with its name") {
  CHECK(contains(error<NoDevice>({.devices = {"7"}}), "\"devices\": the entry \"7\" is the index of no device: there"));
  CHECK(contains(error<NoDevice>({.devices = {"GPU-x"}}), "\"GPU-x\" is the UUID of no device"));
  CHECK(error<NoDevice>({.devices = {"1"}, .visible = "0"}) ==
        "\"devices\": the entry \"1\" is hidden by CUDA_VISIBLE_DEVICES");
  CHECK(contains(error<NoDevice>({.devices = {"1", "GPU-b"}}), "\"GPU-b\" names a device for the second time"));
  CHECK(contains(error<NoDevice>({.visible = "0,9"}), "the entry \"9\" is the index of no device"));
}

TEST_CASE("more devices for a slot than there are is an error that lists them") {
  CHECK(error<InvalidArgument>({.devices = {"0"}, .gpus_per_slot = 2}) ==
        "\"gpus_per_slot\" = 2: must be at least 1 and at most the number of devices: there are device 0 (X, GPU-a)");
  CHECK(contains(error<InvalidArgument>({.gpus_per_slot = 0}), "\"gpus_per_slot\" = 0"));
  CHECK(contains(error<InvalidArgument>({.slots_per_gpu = 0}), "\"slots_per_gpu\" = 0: must be in 1..1000"));
  CHECK(contains(error<InvalidArgument>({.check_interval = std::chrono::nanoseconds{-1}}), "must not be negative"));
}

TEST_CASE("a driver older than the runtime is an error that names the device and the remedy") {
  CHECK(
      error<NoDevice>({.cuda_runtime = 13000}) ==
      "the driver of device 0 (X, GPU-a) supports CUDA 12.4, but this program's runtime is CUDA 13.0: install a newer "
      "NVIDIA driver, or build with an older CUDA toolkit");
  CHECK(error<NoDevice>({.cuda_runtime = 12080}) == "nothing");
}

TEST_CASE("a need for memory cannot be held where memory is not known") {
  Machine machine;
  machine.devices[1].memory_total.reset();
  CHECK(contains(error<InvalidArgument>({.memory = gibibyte}, machine),
                 "needs to know how much device 1 (X, GPU-b) has"));
  CHECK(error<InvalidArgument>({.devices = {"0"}, .memory = gibibyte}, machine) == "nothing");
}

TEST_CASE("a process can use one part of a GPU only") {
  Machine machine;
  for (Device& device : machine.devices) device.id = device.uuid = "MIG" + device.uuid.substr(3);
  CHECK(contains(error<InvalidArgument>({.gpus_per_slot = 2}, machine), "a process can use one MIG device only"));
  CHECK(contains(error<InvalidArgument>({.isolation = Isolation::thread}, machine), "\"isolation\" = thread"));
  CHECK(error<InvalidArgument>({.devices = {"0"}, .isolation = Isolation::thread}, machine) == "nothing");
  CHECK(error<InvalidArgument>({}, machine) == "nothing");
}

TEST_CASE("an index is refused where CUDA may number different devices in another order") {
  Machine machine;
  machine.devices[2].name = "Y";
  const char* order = std::getenv("CUDA_DEVICE_ORDER");
  const std::optional<std::string> kept = order ? std::optional<std::string>{order} : std::nullopt;
  ::unsetenv("CUDA_DEVICE_ORDER");
  CHECK(
      contains(error<NoDevice>({.visible = "2"}, machine), "Set CUDA_DEVICE_ORDER=PCI_BUS_ID, or name it by its UUID"));
  CHECK(ids({.visible = "GPU-c"}, machine) == "GPU-c ");
  ::setenv("CUDA_DEVICE_ORDER", "PCI_BUS_ID", 1);
  CHECK(ids({.visible = "2"}, machine) == "GPU-c ");
  if (kept)
    ::setenv("CUDA_DEVICE_ORDER", kept->c_str(), 1);
  else
    ::unsetenv("CUDA_DEVICE_ORDER");
}

TEST_CASE("a machine without a device is an error that says so") {
  CHECK(contains(error<NoDevice>({}, Machine{{}}), "there is none"));
  CHECK(support::thrown<NoDevice>([] { return select_devices(Machine{{}}, {}); }) == "no GPU was found by the machine");
}
