/// \file
/// What can go wrong on a GPU, as exceptions and as it is told from messages.
#pragma once

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <string>
#include <string_view>

#include <hposearch/error.hpp>
#include <hposearch/executor/gpu/device.hpp>

namespace hposearch::inline v0 {

/// A device has too little memory for what was asked of it. An objective may throw it; LocalGpus recognises it, and
/// what CUDA and the usual libraries say in its place, across processes as well.
class OutOfDeviceMemory : public Error {
 public:
  /// \param details come after "out of device memory: ", by which it is recognised
  explicit OutOfDeviceMemory(const std::string& details) : Error("out of device memory: " + details) {}
  OutOfDeviceMemory(const std::string& device, std::uint64_t wanted, std::uint64_t free)
      : OutOfDeviceMemory(memory_text(wanted) + " wanted on " + device + ", which has " + memory_text(free) + " free") {
  }
};

/// A device that was there has gone.
class DeviceLost : public Error {
 public:
  using Error::Error;
};

/// There is no device to be used, or none of those asked for.
class NoDevice : public Error {
 public:
  using Error::Error;
};

/// What the message of a failed trial says of its device.
enum class DeviceFault : std::uint8_t {
  none,           ///< nothing
  out_of_memory,  ///< an allocation failed; the device is well
  lost,           ///< the device may have gone
  sticky,         ///< CUDA is of no use any more in the process that says so; the device is well
  old_driver,     ///< the driver is too old for the CUDA runtime
  forked          ///< CUDA was used before the process was forked
};

namespace detail {

struct FaultPattern {
  std::string_view text;  // lower case
  DeviceFault fault;
};

// What cudaGetErrorString and cudaGetErrorName, cuBLAS, NVML, PyTorch, TensorFlow and JAX say.
inline constexpr std::array fault_patterns{
    FaultPattern{"out of device memory", DeviceFault::out_of_memory},
    FaultPattern{"cuda out of memory", DeviceFault::out_of_memory},
    FaultPattern{"cudaerrormemoryallocation", DeviceFault::out_of_memory},
    FaultPattern{"cuda_error_out_of_memory", DeviceFault::out_of_memory},
    FaultPattern{"cublas_status_alloc_failed", DeviceFault::out_of_memory},
    FaultPattern{"cudnn_status_alloc_failed", DeviceFault::out_of_memory},
    FaultPattern{"resource_exhausted", DeviceFault::out_of_memory},
    FaultPattern{"gpu is lost", DeviceFault::lost},
    FaultPattern{"gpu_is_lost", DeviceFault::lost},
    FaultPattern{"fallen off the bus", DeviceFault::lost},
    FaultPattern{"no cuda-capable device is detected", DeviceFault::lost},
    FaultPattern{"cudaerrornodevice", DeviceFault::lost},
    FaultPattern{"illegal memory access", DeviceFault::sticky},
    FaultPattern{"cudaerrorillegaladdress", DeviceFault::sticky},
    FaultPattern{"unspecified launch failure", DeviceFault::sticky},
    FaultPattern{"cudaerrorlaunchfailure", DeviceFault::sticky},
    FaultPattern{"device-side assert", DeviceFault::sticky},
    FaultPattern{"cudaerrorassert", DeviceFault::sticky},
    FaultPattern{"misaligned address", DeviceFault::sticky},
    FaultPattern{"illegal instruction was encountered", DeviceFault::sticky},
    FaultPattern{"hardware stack error", DeviceFault::sticky},
    FaultPattern{"invalid program counter", DeviceFault::sticky},
    FaultPattern{"uncorrectable ecc error", DeviceFault::sticky},
    FaultPattern{"the launch timed out and was terminated", DeviceFault::sticky},
    FaultPattern{"driver version is insufficient for cuda runtime", DeviceFault::old_driver},
    FaultPattern{"cudaerrorinsufficientdriver", DeviceFault::old_driver},
    FaultPattern{"cudaerrorinitializationerror", DeviceFault::forked},
    FaultPattern{"re-initialize cuda in forked subprocess", DeviceFault::forked},
};

[[nodiscard]] inline std::string lower_case(std::string_view text) {
  std::string lower{text};
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

}  // namespace detail

/// What is to be learnt of its device from the message of a failed trial. Running out of the host's memory is none of
/// these.
[[nodiscard]] inline DeviceFault recognise_fault(std::string_view message) {
  const std::string text = detail::lower_case(message);
  for (const auto& [pattern, fault] : detail::fault_patterns)
    if (text.find(pattern) != std::string::npos) return fault;
  // The texts of cudaErrorMemoryAllocation and cudaErrorInitializationError are such that others use them too.
  const bool by_cuda = text.find("cuda") != std::string::npos;
  if (text == "out of memory" || (by_cuda && text.find("out of memory") != std::string::npos))
    return DeviceFault::out_of_memory;
  if (text == "initialization error" || (by_cuda && text.find("initialization error") != std::string::npos))
    return DeviceFault::forked;
  return DeviceFault::none;
}

/// What to do about a fault that lies in the machine or in how the program is set up; empty for the others.
[[nodiscard]] inline std::string_view remedy(DeviceFault fault) {
  switch (fault) {
    case DeviceFault::lost:
      return "look for its Xid error in the kernel's log (dmesg), and reset it (nvidia-smi --gpu-reset) or restart the "
             "machine";
    case DeviceFault::old_driver:
      return "install a newer NVIDIA driver, or build with an older CUDA toolkit";
    case DeviceFault::forked:
      return "CUDA does not survive a fork: make no CUDA call in this program before its trials, or use "
             "Isolation::thread";
    default:
      return {};
  }
}

}  // namespace hposearch::inline v0
