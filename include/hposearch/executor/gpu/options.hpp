/// \file
/// How LocalGpus uses its devices.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <hposearch/executor/gpu/memory_need.hpp>
#include <hposearch/executor/process_options.hpp>
#include <hposearch/trial/context.hpp>

namespace hposearch::inline v0 {

/// What keeps a trial apart from the others.
enum class Isolation : std::uint8_t {
  process,  ///< a process of its own that sees its slot's devices only
  thread    ///< nothing: all share this program and its CUDA context
};

struct LocalGpusOptions {
  /// Which devices, as CUDA_VISIBLE_DEVICES names them. None: all that it leaves visible.
  std::vector<std::string> devices{};
  /// Taken in place of the environment variable CUDA_VISIBLE_DEVICES, which simulated devices ignore.
  std::optional<std::string> visible{};
  std::size_t slots_per_gpu = 1;  ///< trials that share a device
  std::size_t gpus_per_slot = 1;  ///< devices that a trial has
  Isolation isolation = Isolation::process;

  /// Bytes that a trial needs on each of its devices: it is started where as much is free, and waits until then.
  MemoryNeed memory{};
  /// A trial that runs out of a device's memory which it shares is run again with the device to itself.
  bool retry_alone = false;
  /// A trial whose device is lost is run again on another, if there is one. Otherwise it fails.
  bool restart_lost = true;
  /// How often devices are looked at while trials run.
  std::chrono::nanoseconds check_interval = std::chrono::seconds{5};
  /// The CUDA runtime that trials use: CUDART_VERSION. A driver too old for it is then refused from the start.
  std::optional<int> cuda_runtime{};
  /// Called before each trial's objective, in the same thread and process; what it returns lives until that has ended.
  /// It may hand things to the objective with TrialContext::offer(). \see cuda::streams
  std::function<std::shared_ptr<void>(TrialContext&)> enter{};

  /// How long a trial that was asked to stop may take to return.
  std::chrono::nanoseconds grace = std::chrono::seconds{1};
  std::optional<std::size_t> host_memory_limit{};  ///< ProcessPoolOptions::memory_limit
  ProcessOutput output = ProcessOutput::inherit;   ///< of trials' processes
  std::size_t output_lines = 20;                   ///< kept of captured output
};

}  // namespace hposearch::inline v0
