// What only a GPU can tell. Each test is a run of this program with the test's name: it returns 0 if the test passes, 4
// if there is no GPU, anything else if it fails.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <hposearch/cuda.hpp>
#include <hposearch/executor/gpu/find.hpp>
#include <hposearch/executor/local_gpus.hpp>
#include <hposearch/numeric/random.hpp>
#include <hposearch/trial/trial.hpp>

#include "../../examples/multi_gpu/gpu_backend.cuh"
#include "../../examples/multi_gpu/training.hpp"
#include "check.cuh"
#include "search.cuh"
#include "surrogate.cuh"

namespace {

std::vector<Outcome> run(LocalGpus& gpus, const std::function<double(int, TrialContext&)>& objective, int trials) {
  std::vector<Trial<int>> list;
  for (int i = 0; i < trials; ++i) list.push_back({.id = static_cast<TrialId>(i), .point = i});
  return gpus.map(objective, list);
}

void check_values(const std::vector<Outcome>& outcomes) {
  for (const Outcome& outcome : outcomes) check(outcome.has_value(), outcome.reason());
}

__global__ void write_to(int* place) { *place = 1; }

/// Memory on the current device until the end of the trial. \throws OutOfDeviceMemory
std::shared_ptr<void> take(std::size_t bytes) {
  void* memory = nullptr;
  cuda::check(cudaMalloc(&memory, bytes), "cudaMalloc");
  return {memory, [](void* taken) { static_cast<void>(cudaFree(taken)); }};
}

// This program makes no call of CUDA before its trials.

void finds_what_the_runtime_finds() {
  const auto ours = find_devices().list(), theirs = cuda::RuntimeDevices{}.list();
  check(ours.size() == theirs.size(), "the same number of devices");
  for (std::size_t i = 0; i < std::min(ours.size(), theirs.size()); ++i) {
    std::printf("%s, %s\n", to_text(ours[i]).c_str(), memory_text(ours[i].memory_total.value_or(0)).c_str());
    check(ours[i].is_part() || ours[i].uuid == theirs[i].uuid, ours[i].uuid + " = " + theirs[i].uuid);
  }
}

void processes_see_their_device_only() {
  LocalGpus gpus{{.slots_per_gpu = 2, .cuda_runtime = CUDART_VERSION}};
  check_values(run(
      gpus,
      [](int, TrialContext& context) {
        int count = 0;
        cuda::check(cudaGetDeviceCount(&count));
        if (count != 1) throw Error("sees " + to_text(count) + " devices");
        if (cuda::device_number(context.devices().front()) != 0) throw Error("its device is not the first");
        const auto memory = take(mebibyte);
        write_to<<<1, 1>>>(static_cast<int*>(memory.get()));
        cuda::check(cudaDeviceSynchronize());
        return 0.0;
      },
      8));
}

void an_illegal_access_ends_its_trial_only() {
  LocalGpus gpus;
  const auto outcomes = run(
      gpus,
      [](int trial, TrialContext&) {
        const auto memory = take(mebibyte);
        write_to<<<1, 1>>>(trial % 2 == 1 ? nullptr : static_cast<int*>(memory.get()));
        cuda::check(cudaDeviceSynchronize());
        return 0.0;
      },
      6);
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    check(outcomes[i].has_value() == (i % 2 == 0), "trial " + to_text(i) + ": " + outcomes[i].reason());
    if (i % 2 == 1)
      check(recognise_fault(outcomes[i].reason()) == DeviceFault::sticky, "recognised: " + outcomes[i].reason());
  }
}

void running_out_of_memory_is_recognised() {
  LocalGpus gpus{{.slots_per_gpu = 2, .retry_alone = true}};
  const auto too_much = run(
      gpus, [](int, TrialContext&) { return take(std::size_t{1} << 45), 0.0; }, 2);
  for (const Outcome& outcome : too_much)
    check(outcome.reason().starts_with("out of memory on device"), outcome.reason());
  // Two of these do not fit beside each other: one that finds too little is run again by itself.
  check_values(run(
      gpus,
      [](int, TrialContext&) {
        std::size_t free = 0, total = 0;
        cuda::check(cudaMemGetInfo(&free, &total));
        const auto memory = take(total / 10 * 7);
        std::this_thread::sleep_for(std::chrono::milliseconds{50});
        return 0.0;
      },
      8));
}

void threads_have_streams_of_their_own() {
  LocalGpus gpus{{.slots_per_gpu = 2, .isolation = Isolation::thread, .enter = cuda::streams()}};
  check_values(run(
      gpus,
      [](int, TrialContext& context) {
        if (cuda::stream(context) == nullptr) throw Error("no stream");
        int current = -1;
        cuda::check(cudaGetDevice(&current));
        if (current != cuda::device_number(context.devices().front())) throw Error("another device is current");
        const auto memory = take(mebibyte);
        write_to<<<1, 1, 0, cuda::stream(context)>>>(static_cast<int*>(memory.get()));
        cuda::check(cudaStreamSynchronize(cuda::stream(context)));
        return 0.0;
      },
      20));
}

struct Data {
  std::vector<float> pixels;
  std::vector<int> labels;
};

Data random_digits(int count, std::uint64_t seed) {
  numeric::Random random{seed};
  Data data;
  for (int i = 0; i < count; ++i) {
    for (int pixel = 0; pixel < digits_gpu::pixels; ++pixel)
      data.pixels.push_back(static_cast<float>(random.uniform() * (pixel / 6 == i % 10 ? 0.2 : 1.0)));
    data.labels.push_back(i % 10);
  }
  return data;
}

void kernels_train_as_the_processor_does() {
  const Data data = random_digits(320, 1), validation = random_digits(100, 2);
  const auto view = [](const Data& all) { return digits_gpu::Images{all.pixels, all.labels}; };
  const auto go_on = [](int, double) { return true; };
  LocalGpus gpus;
  const auto outcomes = run(
      gpus,
      [&](int trial, TrialContext& context) {
        const digits_gpu::Settings settings{.shape = {.channels = trial < 2 ? 8 : 128, .max_pool = trial % 2 == 0},
                                            .learning_rate = 3e-3,
                                            .epochs = 3,
                                            .seed = 9};
        digits_gpu::Gpu gpu{cuda::stream(context)};
        digits_gpu::Host host;
        const double on_gpu = digits_gpu::train(gpu, settings, view(data), view(validation), go_on);
        const double on_host = digits_gpu::train(host, settings, view(data), view(validation), go_on);
        if (!(std::abs(on_gpu - on_host) < 1e-2 * on_host))
          throw Error("loss " + to_text(on_gpu) + ", on the processor " + to_text(on_host));
        return on_gpu;
      },
      4);
  check_values(outcomes);
}

const std::map<std::string, void (*)()> tests{
    {"finds_what_the_runtime_finds", finds_what_the_runtime_finds},
    {"processes_see_their_device_only", processes_see_their_device_only},
    {"an_illegal_access_ends_its_trial_only", an_illegal_access_ends_its_trial_only},
    {"running_out_of_memory_is_recognised", running_out_of_memory_is_recognised},
    {"threads_have_streams_of_their_own", threads_have_streams_of_their_own},
    {"kernels_train_as_the_processor_does", kernels_train_as_the_processor_does},
    {"a_search_calls_kernels", a_search_calls_kernels},
    {"the_posterior_is_the_processors", the_posterior_is_the_processors},
    {"the_evidence_and_the_fit_are_the_processors", the_evidence_and_the_fit_are_the_processors},
    {"a_batch_is_each_of_its_studies", a_batch_is_each_of_its_studies},
    {"sums_have_the_order_of_lanes", sums_have_the_order_of_lanes},
    {"the_sampler_proposes_what_it_does_on_the_processor", the_sampler_proposes_what_it_does_on_the_processor},
};

}  // namespace

int main(int argc, char** argv) {
  const auto test = argc == 2 ? tests.find(argv[1]) : tests.end();
  if (test == tests.end()) {
    std::printf("usage: hardware <test>\n");
    for (const auto& [name, function] : tests) std::printf("  %s\n", name.c_str());
    return 1;
  }
  try {
    static_cast<void>(find_devices());
  } catch (const NoDevice& error) {
    std::printf("skipped: %s\n", error.what());
    return 4;
  }
  try {
    test->second();
  } catch (const std::exception& error) {
    check(false, error.what());
  }
  return failures == 0 ? 0 : 1;
}
