/// \file
/// Finds the devices of this machine.
#pragma once

#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <hposearch/error.hpp>
#include <hposearch/executor/gpu/interface.hpp>
#include <hposearch/executor/gpu/nvidia_smi.hpp>
#include <hposearch/executor/gpu/nvml.hpp>

namespace hposearch::inline v0 {

/// NVML where it can be loaded, or else nvidia-smi where it runs.
/// \throws NoDevice that says what each of them said, and the remedy
[[nodiscard]] inline AnyDevices find_devices() {
  std::string reasons;
  const auto attempt = [&](const auto& make) -> std::optional<AnyDevices> {
    try {
      auto devices = make();
      if (!devices.list().empty()) return AnyDevices{std::move(devices)};
      reasons += "\n  " + devices.source() + ": no device";
    } catch (const Error& error) {
      reasons += std::string{"\n  "} + error.what();
    }
    return std::nullopt;
  };
  if (auto found = attempt([] { return NvmlDevices{}; })) return std::move(*found);
  if (auto found = attempt([] { return NvidiaSmiDevices{}; })) return std::move(*found);
  throw NoDevice("no GPU was found; install the NVIDIA driver, or name the devices (.devices = {\"0\"})" + reasons);
}

}  // namespace hposearch::inline v0
