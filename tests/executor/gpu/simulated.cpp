#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include <support/catch.hpp>
#include <support/thrown.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include <hposearch/executor/gpu/interface.hpp>
#include <hposearch/executor/gpu/simulated.hpp>

using namespace hposearch;

static_assert(DeviceInterface<SimulatedDevices>);

namespace {

TrialContext on(std::vector<std::string> devices) { return {0, 0, 1, std::stop_token{}, std::move(devices)}; }

}  // namespace

TEST_CASE("simulated devices have memory that is taken and given back") {
  const SimulatedDevices devices{2, 10 * gibibyte};
  const TrialContext first = on({"GPU-simulated-0"}), both = on({"GPU-simulated-0", "GPU-simulated-1"});
  {
    const auto memory = devices.allocate(first, 4 * gibibyte);
    CHECK(devices.memory_free(0) == 6 * gibibyte);
    const auto more = devices.allocate(both, 6 * gibibyte);
    CHECK(devices.memory_free(0) == 0);
    CHECK(devices.memory_free(1) == 4 * gibibyte);
    CHECK(support::thrown<OutOfDeviceMemory>([&] { return devices.allocate(first, 1); }) ==
          "out of device memory: 0 MiB wanted on simulated device 0, which has 0 MiB free");
  }
  CHECK(devices.memory_free(0) == 10 * gibibyte);
  devices.occupy(0, 7 * gibibyte);
  CHECK_THROWS_AS(devices.allocate(first, 4 * gibibyte), OutOfDeviceMemory);
  // What was taken on the second before the first refused is given back.
  devices.occupy(0, 0);
  devices.occupy(1, 7 * gibibyte);
  CHECK_THROWS_AS(devices.allocate(both, 4 * gibibyte), OutOfDeviceMemory);
  CHECK(devices.memory_free(0) == 10 * gibibyte);
}

TEST_CASE("a process that ends leaves no memory behind on simulated devices") {
  const SimulatedDevices devices{1, 10 * gibibyte};
  const pid_t pid = ::fork();
  if (pid == 0) {
    const auto memory = devices.allocate(on({"GPU-simulated-0"}), 4 * gibibyte);
    ::_exit(devices.memory_free(0) == 6 * gibibyte ? 0 : 1);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  CHECK(status == 0);
  CHECK(devices.memory_free(0) == 10 * gibibyte);
}

TEST_CASE("simulated devices fail as real ones do") {
  const SimulatedDevices devices{2};
  const TrialContext context = on({"GPU-simulated-1"});
  devices.use(context);
  devices.corrupt(context);
  CHECK(recognise_fault(support::thrown<Error>([&] { return devices.allocate(context, 1); })) == DeviceFault::sticky);
  devices.lose(1);
  CHECK(recognise_fault(support::thrown<DeviceLost>([&] { return devices.use(context), 0; })) == DeviceFault::lost);
  CHECK(devices.list().size() == 1);
  CHECK_THROWS_AS(devices.use(on({"0"})), NoDevice);
  CHECK_THROWS_WITH(devices.lose(2), "\"index\" = 2: must be below 2");
  CHECK_THROWS_WITH(SimulatedDevices{0}, "\"count\" = 0: must be at least 1");
}
