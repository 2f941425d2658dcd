#include <cstdint>
#include <cstdio>

#include <hposearch/executor/gpu/simulated.hpp>
#include <hposearch/executor/local_gpus.hpp>
#include <hposearch/hposearch.hpp>

namespace hpo = hposearch;

int main() {
  hpo::Space space{hpo::Real{"learning_rate", 1e-5, 1e-1, hpo::log_scale}, hpo::Integer{"channels", 8, 128}};
  auto memory = [](double, int channels) { return channels * 100.0 * hpo::mebibyte; };

  // Four devices of 16 GiB that are not there. On real ones: hpo::LocalGpus gpus{{.slots_per_gpu = 2, ...}};
  hpo::SimulatedDevices devices{4, 16 * hpo::gibibyte};
  hpo::LocalGpus gpus{devices, {.slots_per_gpu = 2, .memory = hpo::memory_of(space, memory), .retry_alone = true}};

  auto evaluate = [&](double learning_rate, int channels, hpo::TrialContext& context) {
    const auto held = devices.allocate(context, static_cast<std::uint64_t>(memory(learning_rate, channels)));
    return (learning_rate - 0.01) * (learning_rate - 0.01) + 1.0 / channels;
  };
  hpo::Optimizer optimizer{space};
  const auto result = hpo::minimize(evaluate, optimizer, gpus, {.trials = 40});
  std::printf("%s\n%zu trials on %s\n", to_text(result.best().point).c_str(), result.trials.size(),
              gpus.summary().c_str());
  return result.best().value < 0.02 ? 0 : 1;
}
