#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <executor_conformance.hpp>
#include <support/catch.hpp>
#include <support/thrown.hpp>

#include <hposearch/executor/gpu/simulated.hpp>
#include <hposearch/executor/local_gpus.hpp>
#include <hposearch/space/integer.hpp>
#include <hposearch/space/space.hpp>

using namespace hposearch;
using namespace std::chrono_literals;
using executor_conformance::run_one;
using executor_conformance::shared;
using executor_conformance::wait_event;
using executor_conformance::wait_final;
using executor_conformance::wait_for_stop;
using Kind = ExecutorEvent::Kind;

namespace {

constexpr auto isolations = {Isolation::process, Isolation::thread};

LocalGpusOptions quick(LocalGpusOptions options = {}) {
  options.grace = 50ms;
  options.check_interval = 1ms;
  return options;
}

/// Waits for what only other trials do: `reached` becomes true at some time.
template <class Reached>
void wait_until(const Reached& reached) {
  while (!reached()) std::this_thread::sleep_for(1ms);
}

/// Holds memory until it is asked to stop.
auto holds(const SimulatedDevices& devices, std::uint64_t bytes) {
  return [devices, bytes](int, TrialContext& context) {
    const auto memory = devices.allocate(context, bytes);
    return wait_for_stop(0, context);
  };
}

/// Takes memory, or reports that there is none left, and returns which attempt this is.
auto takes(const SimulatedDevices& devices, std::uint64_t bytes) {
  return [devices, bytes](int, TrialContext& context) {
    try {
      const auto memory = devices.allocate(context, bytes);
    } catch (...) {
      context.report(0, 0);
      throw;
    }
    return static_cast<double>(context.attempt());
  };
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("LocalGpus keeps the executor contract with a process for each trial", "[conformance]") {
  executor_conformance::check_executor([](std::size_t slots) {
    return LocalGpus{SimulatedDevices{slots}, {.grace = 30ms}};
  });
}

TEST_CASE("LocalGpus keeps the executor contract with threads", "[conformance]") {
  executor_conformance::check_executor([](std::size_t slots) {
    return LocalGpus{SimulatedDevices{(slots + 1) / 2},
                     {.slots_per_gpu = slots == 1 ? 1U : 2U, .isolation = Isolation::thread, .grace = 50ms}};
  });
}

TEST_CASE("each slot of LocalGpus has its devices") {
  const SimulatedDevices devices{4};
  const auto number = [](int, TrialContext& context) {
    double sum = 0;
    for (const std::string& id : context.devices()) sum = 10 * sum + (id.back() - '0') + 1;
    return sum;
  };
  const auto values = [&](LocalGpusOptions options) {
    std::multiset<double> found;
    LocalGpus gpus{devices, quick(std::move(options))};
    const std::size_t slots = gpus.slots();
    for (std::size_t i = 0; i < slots; ++i) gpus.start(i, shared(number), 0);
    for (std::size_t i = 0; i < slots; ++i) found.insert(wait_final(gpus).value);
    return found;
  };
  for (const Isolation isolation : isolations) {
    CHECK(values({.isolation = isolation}) == std::multiset<double>{1, 2, 3, 4});
    CHECK(values({.slots_per_gpu = 2, .isolation = isolation}) == std::multiset<double>{1, 1, 2, 2, 3, 3, 4, 4});
    CHECK(values({.gpus_per_slot = 2, .isolation = isolation}) == std::multiset<double>{12, 34});
    CHECK(values({.gpus_per_slot = 3, .isolation = isolation}) == std::multiset<double>{123});
    CHECK(values({.devices = {"2", "GPU-simulated-0"}, .isolation = isolation}) == std::multiset<double>{1, 3});
    CHECK(values({.visible = "3,1", .isolation = isolation}) == std::multiset<double>{2, 4});
  }
}

TEST_CASE("a trial's process sees its slot's devices and no other") {
  LocalGpus gpus{SimulatedDevices{4}, quick({.gpus_per_slot = 2})};
  const auto objective =
      shared([](int, TrialContext&) -> double { throw std::runtime_error(std::getenv("CUDA_VISIBLE_DEVICES")); });
  std::set<std::string> seen;
  for (TrialId id = 0; id < 2; ++id) gpus.start(id, objective, 0);
  for (TrialId id = 0; id < 2; ++id) seen.insert(wait_final(gpus).message);
  CHECK(seen == std::set<std::string>{"GPU-simulated-0,GPU-simulated-1", "GPU-simulated-2,GPU-simulated-3"});
}

TEST_CASE("first trials are spread over the devices") {
  LocalGpus gpus{SimulatedDevices{3}, quick({.slots_per_gpu = 2})};
  std::set<std::size_t> slots;
  for (TrialId id = 0; id < 3; ++id) gpus.start(id, shared([](int, TrialContext&) { return 0.0; }), 0);
  for (TrialId id = 0; id < 3; ++id) slots.insert(wait_final(gpus).slot % 3);
  CHECK(slots.size() == 3);
}

TEST_CASE("what ends a process on a device ends its trial only") {
  const SimulatedDevices devices{1};
  LocalGpus gpus{devices, quick()};
  CHECK(run_one(gpus, 0, [](int, TrialContext&) -> double {
          std::signal(SIGSEGV, SIG_DFL);
          std::raise(SIGSEGV);
          return 0;
        }).message == "killed by signal 11 (Segmentation fault)");
  CHECK(contains(run_one(gpus, 1, takes(devices, 17 * gibibyte)).message,
                 "out of memory on device 0 (simulated, GPU-simulated-0): out of device memory: 17 GiB wanted"));
  // An error that stays in a CUDA context goes with its process, and so does memory.
  CHECK(run_one(gpus, 2, [devices](int, TrialContext& context) {
          auto* never_freed = new auto(devices.allocate(context, 15 * gibibyte));
          devices.corrupt(context);
          devices.use(context);
          return never_freed == nullptr ? 0.0 : 1.0;
        }).message == "CUDA error: an illegal memory access was encountered");
  CHECK(run_one(gpus, 3, takes(devices, 15 * gibibyte)).kind == Kind::completed);
}

TEST_CASE("in threads, an error that stays takes the device out of use, and no trial is lost") {
  const SimulatedDevices devices{2};
  LocalGpus gpus{devices, quick({.slots_per_gpu = 2, .isolation = Isolation::thread})};
  // Trials 0 and 2 share device 0. Trial 2 waits for a stop there, and then runs on device 1 to its end.
  const auto objective = shared([devices](int x, TrialContext& context) {
    if (x == 2 && context.attempt() == 1) return wait_for_stop(x, context);
    if (x == 0) devices.corrupt(context), devices.use(context);
    return static_cast<double>(x);
  });
  gpus.start(1, objective, 1);
  CHECK(wait_final(gpus).value == 1);
  gpus.start(2, objective, 2);
  CHECK(wait_event(gpus).kind == Kind::report);
  gpus.start(1, shared(wait_for_stop), 1);
  CHECK(wait_event(gpus).kind == Kind::report);
  gpus.start(0, objective, 0);

  const ExecutorEvent changed = wait_event(gpus);
  CHECK(changed.kind == Kind::slots_changed);
  CHECK(contains(changed.message, "device 0 (simulated, GPU-simulated-0) is not used any more"));
  CHECK(gpus.slots() == 2);
  std::optional<ExecutorEvent> failed, moved;
  while (!failed || !moved) {
    const ExecutorEvent event = wait_final(gpus);
    (event.trial == 0 ? failed : moved) = event;
  }
  CHECK(failed->kind == Kind::failed);
  CHECK(moved->value == 2);
  CHECK(moved->slot % 2 == 1);
  gpus.cancel(1);
  CHECK(wait_final(gpus).kind == Kind::cancelled);
}

TEST_CASE("a trial that runs out of memory beside others is run again by itself") {
  for (const Isolation isolation : isolations) {
    const SimulatedDevices devices{1, 10 * gibibyte};
    LocalGpus gpus{devices, quick({.slots_per_gpu = 2, .isolation = isolation, .retry_alone = true})};
    gpus.start(0, shared(holds(devices, 6 * gibibyte)), 0);
    CHECK(wait_event(gpus).kind == Kind::report);
    gpus.start(1, shared(takes(devices, 6 * gibibyte)), 0);
    CHECK(wait_event(gpus).trial == 1);
    while (gpus.next_event(std::chrono::steady_clock::now() + 1ms)) FAIL("it has to wait");
    CHECK(gpus.free_slots() == 0);
    gpus.cancel(0);
    CHECK(wait_final(gpus).trial == 0);
    const ExecutorEvent event = wait_final(gpus);
    CHECK(event.trial == 1);
    CHECK(event.value == 2);
    CHECK(gpus.free_slots() == 2);

    const auto too_large = run_one(gpus, 2, takes(devices, 11 * gibibyte));
    CHECK(contains(too_large.message, "out of memory on device 0 (simulated, GPU-simulated-0), alone there: "));
  }
}

TEST_CASE("nothing is started beside a trial that has its device to itself") {
  const SimulatedDevices devices{1, 10 * gibibyte};
  LocalGpus gpus{devices, quick({.slots_per_gpu = 2, .isolation = Isolation::thread, .retry_alone = true})};
  gpus.start(0, shared([](int, TrialContext& context) -> double {
               if (context.attempt() == 1) throw OutOfDeviceMemory("too much");
               return wait_for_stop(0, context);
             }),
             0);
  CHECK(wait_event(gpus).kind == Kind::report);
  CHECK(gpus.free_slots() == 0);
  CHECK_THROWS_AS(gpus.start(1, shared(wait_for_stop), 0), NoFreeSlot);
  gpus.cancel(0);
  CHECK(wait_final(gpus).kind == Kind::cancelled);
  CHECK(gpus.free_slots() == 2);
}

TEST_CASE("trials are placed where their memory is") {
  for (const Isolation isolation : isolations) {
    const SimulatedDevices devices{2, 10 * gibibyte};
    devices.set_memory(1, 40 * gibibyte);
    const Space space{Integer{"gib", 1, 100}};
    const auto need = memory_of(space, [](int gib) { return static_cast<double>(gib) * gibibyte; });
    LocalGpus gpus{devices, quick({.slots_per_gpu = 3, .isolation = isolation, .memory = need})};
    const auto device = shared([](const auto&, TrialContext& context) { return context.devices()[0].back() - '0'; });
    const auto waits = shared([](const auto&, TrialContext& context) { return wait_for_stop(0, context); });

    SECTION("a large one goes where it fits") {
      gpus.start(0, device, space.make_point(20));
      CHECK(wait_final(gpus).value == 1);
    }
    SECTION("one that fits nowhere fails, and says what there is") {
      gpus.start(0, device, space.make_point(41));
      const ExecutorEvent event = wait_final(gpus);
      CHECK(event.kind == Kind::failed);
      CHECK(event.message ==
            "needs 41 GiB of device memory, which no slot has; the most is that of device 1 (simulated, "
            "GPU-simulated-1), 40 GiB");
      CHECK(gpus.free_slots() == 6);
    }
    SECTION("one that fits nowhere now waits, and small ones do not overtake it for ever") {
      gpus.start(0, waits, space.make_point(30));
      CHECK(wait_event(gpus).kind == Kind::report);
      gpus.start(1, device, space.make_point(20));
      gpus.start(2, device, space.make_point(5));
      const ExecutorEvent small = wait_final(gpus);
      CHECK(small.trial == 2);
      CHECK(small.value == 0);
      CHECK_FALSE(gpus.next_event(std::chrono::steady_clock::now() + 2ms).has_value());
      gpus.cancel(0);
      CHECK(wait_final(gpus).trial == 0);
      const ExecutorEvent large = wait_final(gpus);
      CHECK(large.trial == 1);
      CHECK(large.value == 1);
    }
    SECTION("memory that other programs hold is waited for") {
      devices.occupy(1, 30 * gibibyte);
      gpus.start(0, device, space.make_point(20));
      CHECK_FALSE(gpus.next_event(std::chrono::steady_clock::now() + 2ms).has_value());
      devices.occupy(1, 10 * gibibyte);
      CHECK(wait_final(gpus).value == 1);
    }
    SECTION("one that waits can be cancelled") {
      gpus.start(0, waits, space.make_point(30));
      CHECK(wait_event(gpus).kind == Kind::report);
      gpus.start(1, device, space.make_point(20));
      gpus.cancel(1);
      const ExecutorEvent event = wait_final(gpus);
      CHECK(event.trial == 1);
      CHECK(event.kind == Kind::cancelled);
      gpus.cancel(0);
      CHECK(wait_final(gpus).kind == Kind::cancelled);
    }
    SECTION("one that waits for a device that is lost fails") {
      gpus.start(0, waits, space.make_point(30));
      CHECK(wait_event(gpus).kind == Kind::report);
      gpus.start(1, device, space.make_point(20));
      devices.lose(1);
      std::set<TrialId> failed;
      while (failed.size() < 2) {
        const ExecutorEvent event = wait_final(gpus);
        CHECK(event.kind == Kind::failed);
        failed.insert(event.trial);
      }
      CHECK(gpus.slots() == 3);
    }
  }
}

TEST_CASE("a need that is no number of bytes fails its trial") {
  const Space space{Integer{"n", 1, 9}};
  LocalGpus gpus{SimulatedDevices{1}, quick({.memory = memory_of(space, [](int) { return -1.0; })})};
  gpus.start(0, shared([](const auto&, TrialContext&) { return 0.0; }), space.make_point(1));
  CHECK(wait_final(gpus).message ==
        "how much memory it needs could not be told: \"memory\" = -1: must be a number of bytes");
  gpus.start(1, shared([](int, TrialContext&) { return 0.0; }), 1);
  CHECK(contains(wait_final(gpus).message, "must be made with the space that is searched"));
  CHECK_THROWS_WITH(MemoryNeed{-5}, "\"memory\" = -5: must not be negative");
}

TEST_CASE("a trial whose device is lost is run again on another, and its slots are gone") {
  for (const Isolation isolation : isolations) {
    const SimulatedDevices devices{2};
    LocalGpus gpus{devices, quick({.isolation = isolation})};
    const auto objective = shared([](int, TrialContext& context) {
      if (context.attempt() == 1) return wait_for_stop(0, context);
      return static_cast<double>(context.slot());
    });
    gpus.start(7, objective, 0);
    CHECK(wait_event(gpus).kind == Kind::report);
    devices.lose(0);
    const ExecutorEvent changed = wait_event(gpus);
    CHECK(changed.kind == Kind::slots_changed);
    CHECK(changed.message == "device 0 (simulated, GPU-simulated-0) was lost");
    CHECK(gpus.slots() == 1);
    const ExecutorEvent event = wait_final(gpus);
    CHECK(event.trial == 7);
    CHECK(event.value == 1);
    CHECK(gpus.free_slots() == 1);
    CHECK(gpus.devices().size() == 1);
  }
}

TEST_CASE("a trial that fails because its device is lost is run again on another") {
  const SimulatedDevices devices{2};
  LocalGpus gpus{devices, {.grace = 50ms}};
  const auto event = run_one(gpus, 0, [devices](int, TrialContext& context) {
    if (context.attempt() == 1) devices.lose(0);
    devices.use(context);
    return static_cast<double>(context.attempt());
  });
  CHECK(event.value == 2);
  CHECK(gpus.slots() == 1);
}

TEST_CASE("without another device, or if that is not wanted, a trial fails with its device") {
  const SimulatedDevices devices{2};
  LocalGpus gpus{devices, quick({.restart_lost = false})};
  const auto use_lost = [devices](int index, TrialContext& context) {
    devices.lose(static_cast<std::size_t>(index));
    devices.use(context);
    return 0.0;
  };
  const std::string help = "; " + std::string{remedy(DeviceFault::lost)};
  CHECK(run_one(gpus, 0, use_lost, 0).message ==
        "device 0 (simulated, GPU-simulated-0) was lost: GPU is lost: simulated device 0" + help);
  CHECK(contains(run_one(gpus, 1, use_lost, 1).message, "device 1 (simulated, GPU-simulated-1) was lost"));
  CHECK(gpus.slots() == 0);
  CHECK_THROWS_AS(gpus.start(2, shared(wait_for_stop), 0), NoFreeSlot);
  CHECK(support::thrown<DeviceLost>([&] { return gpus.next_event(std::chrono::steady_clock::now()); }) ==
        "device 1 (simulated, GPU-simulated-1) was lost, and with it every slot of LocalGpus" + help);
}

TEST_CASE("a device that cannot be asked for a moment is not lost") {
  struct Moody {
    SimulatedDevices devices{1};
    std::shared_ptr<int> asked = std::make_shared<int>(0);
    std::vector<Device> list() {
      if (++*asked > 1) throw Error("driver busy");
      return devices.list();
    }
    std::string source() { return "a moody driver"; }
  };
  const Moody moody;
  LocalGpus gpus{moody, quick({.visible = "0"})};
  CHECK(run_one(gpus, 0, [](int, TrialContext&) -> double { throw std::runtime_error("x"); }).message == "x");
  CHECK(*moody.asked > 1);
  CHECK(gpus.slots() == 1);
}

TEST_CASE("what is entered before an objective hands it something and goes after it") {
  struct Stream {
    int number;
  };
  for (const Isolation isolation : isolations) {
    LocalGpus gpus{SimulatedDevices{1}, quick({.isolation = isolation, .enter = [](TrialContext& context) {
                                                 auto stream = std::make_shared<Stream>(Stream{42});
                                                 context.offer(*stream);
                                                 return stream;
                                               }})};
    CHECK(run_one(gpus, 0, [](int, TrialContext& context) {
            CHECK(context.find<int>() == nullptr);
            return context.find<Stream>()->number;
          }).value == 42);
  }
  TrialContext context{0, 0, 1, {}};
  CHECK(context.find<Stream>() == nullptr);
}

TEST_CASE("LocalGpus says how its devices are") {
  const SimulatedDevices devices{2, 10 * gibibyte};
  devices.occupy(0, 3 * gibibyte + gibibyte / 2);
  devices.set_utilisation(1, 0.97);
  LocalGpus gpus{devices, quick()};
  CHECK(gpus.summary() == "GPU 0 3.5/10 GiB 0 %, GPU 1 0/10 GiB 97 %");
  devices.set_utilisation(0, 0.5);
  gpus.start(0, shared(wait_for_stop), 0);
  wait_until([&] {
    static_cast<void>(gpus.next_event(std::chrono::steady_clock::now() + 1ms));
    return contains(gpus.summary(), "50 %");
  });
}

TEST_CASE("faults that come of how the program is set up are explained") {
  LocalGpus gpus{SimulatedDevices{1}, quick()};
  const auto message = [&](const char* text) {
    return run_one(gpus, 0, [text](int, TrialContext&) -> double { throw std::runtime_error(text); }).message;
  };
  CHECK(contains(message("CUDA driver version is insufficient for CUDA runtime version"), "; install a newer NVIDIA"));
  CHECK(contains(message("cudaMalloc: initialization error (CUDA)"), "make no CUDA call in this program before"));
}
