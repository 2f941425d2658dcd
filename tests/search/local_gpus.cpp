#include <chrono>
#include <cstddef>
#include <string>

#include <support/catch.hpp>

#include <hposearch/executor/gpu/simulated.hpp>
#include <hposearch/executor/local_gpus.hpp>
#include <hposearch/sampler/random.hpp>
#include <hposearch/search/minimize.hpp>
#include <hposearch/space/integer.hpp>
#include <hposearch/space/real.hpp>
#include <hposearch/space/space.hpp>

using namespace hposearch;
using namespace std::chrono_literals;

namespace {

auto make_optimizer() {
  return Optimizer{Space{Real{"x", -1.0, 1.0}, Integer{"gib", 1, 8}}, {.seed = 1, .sampler = RandomSampler{}}};
}

}  // namespace

TEST_CASE("a search runs on GPUs as on any executor, whether the objective knows of them or not") {
  const SimulatedDevices devices{2, 10 * gibibyte};
  auto optimizer = make_optimizer();
  LocalGpus gpus{devices, {.slots_per_gpu = 2, .memory = memory_of(optimizer.space(), [](double, int gib) {
                                                 return static_cast<double>(gib) * gibibyte;
                                               })}};
  std::string shown;
  const auto plain = minimize([](double x, int) { return x * x; }, optimizer, gpus,
                              {.trials = 10, .on_progress = [&](const SearchStatus& now) { shown = now.executor; }});
  CHECK(plain.trials.size() == 10);
  CHECK(shown == "GPU 0 0/10 GiB 0 %, GPU 1 0/10 GiB 0 %");

  const auto with_context = minimize(
      [devices](double x, int gib, TrialContext& context) {
        const auto memory = devices.allocate(context, static_cast<std::uint64_t>(gib) * gibibyte);
        return x * x;
      },
      optimizer, gpus, {.trials = 20});
  CHECK(with_context.trials.size() == 20);
  CHECK(optimizer.count(TrialState::completed) == 30);
}

TEST_CASE("a search goes on with the devices that are left, and ends when none is, with all that was found") {
  const SimulatedDevices devices{2};
  auto optimizer = make_optimizer();
  LocalGpus gpus{devices, {.isolation = Isolation::thread, .check_interval = 1ms}};
  const auto losing_one = minimize(
      [devices](double x, int, TrialContext& context) {
        if (context.trial() == 3) devices.lose(1);
        devices.use(context);
        return x;
      },
      optimizer, gpus, {.trials = 10});
  CHECK(losing_one.trials.size() == 10);
  CHECK(optimizer.count(TrialState::completed) == 10);

  const auto losing_both = [&] {
    static_cast<void>(minimize(
        [devices](double x, int, TrialContext& context) {
          if (context.trial() == 15) devices.lose(0);
          devices.use(context);
          return x;
        },
        optimizer, gpus, {.trials = 10}));
  };
  CHECK_THROWS_AS(losing_both(), DeviceLost);
  CHECK(optimizer.count(TrialState::completed) == 15);
  CHECK(optimizer.count(TrialState::failed) == 1);
  CHECK(optimizer.count(TrialState::pending) == 0);
}
