/// \file
/// Which of the devices that there are LocalGpus uses, and whether it can.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <hposearch/error.hpp>
#include <hposearch/executor/gpu/find.hpp>
#include <hposearch/executor/gpu/interface.hpp>
#include <hposearch/executor/gpu/listed.hpp>
#include <hposearch/executor/gpu/options.hpp>
#include <hposearch/executor/gpu/visible.hpp>
#include <hposearch/executor/parse.hpp>
#include <hposearch/text.hpp>

namespace hposearch::inline v0::detail {

/// The value of CUDA_VISIBLE_DEVICES that counts, if any.
[[nodiscard]] inline std::optional<std::string> visible_setting(const LocalGpusOptions& options, bool simulated) {
  if (options.visible || simulated) return options.visible;
  const char* value = std::getenv("CUDA_VISIBLE_DEVICES");
  return value == nullptr ? std::nullopt : std::optional<std::string>{value};
}

/// The devices of this machine, or where none can be asked, those that the options or the environment name.
/// \throws NoDevice
[[nodiscard]] inline AnyDevices find_or_list_devices(const LocalGpusOptions& options) {
  try {
    return find_devices();
  } catch (const NoDevice&) {
    std::vector<std::string> ids = options.devices;
    if (const auto setting = visible_setting(options, false)) {
      ids.clear();
      for (std::string_view rest = *setting; !rest.empty();) ids.emplace_back(cut(rest, ','));
    }
    if (ids.empty()) throw;
    return ListedDevices{ids};
  }
}

/// Of different GPUs, CUDA numbers the fastest first and the driver by their place in the machine: an index that is
/// meant for the one would be taken for the other. \throws NoDevice
inline void refuse_ambiguous_indices(std::string_view setting, std::span<const Device> all) {
  const char* order = std::getenv("CUDA_DEVICE_ORDER");
  if (order != nullptr && std::string_view{order} == "PCI_BUS_ID") return;
  const bool same = std::ranges::all_of(all, [&](const Device& device) { return device.name == all.front().name; });
  for (std::string_view rest = setting; !same && !rest.empty();) {
    const std::string_view entry = cut(rest, ',');
    if (parse_number<std::size_t>(entry))
      throw NoDevice("CUDA_VISIBLE_DEVICES=" + quoted(setting) + ": which device " + quoted(entry) +
                     " is depends on CUDA's order, as they differ: " + known_devices(all) +
                     ". Set CUDA_DEVICE_ORDER=PCI_BUS_ID, or name it by its UUID");
  }
}

/// Those of `visible` that the options name. \throws NoDevice
[[nodiscard]] inline std::vector<Device> named_devices(const std::vector<std::string>& names,
                                                       std::span<const Device> visible, std::span<const Device> all) {
  std::vector<Device> chosen;
  for (const std::string& name : names) {
    NamedDevice found = find_another_device(name, visible, chosen);
    if (!find_device(name, visible).device && find_device(name, all).device)
      found.reason = "is hidden by CUDA_VISIBLE_DEVICES";
    if (!found.device) throw NoDevice("\"devices\": the entry " + quoted(name) + " " + found.reason);
    chosen.push_back(std::move(*found.device));
  }
  return chosen;
}

/// \throws InvalidArgument if the options ask for what these devices have not
inline void check_options(const LocalGpusOptions& options, std::span<const Device> chosen) {
  const auto count = [](const char* name, std::size_t value, std::size_t most, const std::string& rule) {
    if (value < 1 || value > most) throw InvalidArgument(name, to_text(value), rule);
  };
  count("slots_per_gpu", options.slots_per_gpu, 1000, "must be in 1..1000");
  count("gpus_per_slot", options.gpus_per_slot, chosen.size(),
        "must be at least 1 and at most the number of devices: " + known_devices(chosen));
  if (options.check_interval.count() < 0)
    throw InvalidArgument("check_interval", to_text(options.check_interval.count()) + " ns", "must not be negative");
  const auto part = std::ranges::find_if(chosen, &Device::is_part);
  const bool one_context_for_all = options.isolation == Isolation::thread && chosen.size() > 1;
  if (part != chosen.end() && (options.gpus_per_slot > 1 || one_context_for_all))
    throw InvalidArgument(options.gpus_per_slot > 1 ? "gpus_per_slot" : "isolation",
                          options.gpus_per_slot > 1 ? to_text(options.gpus_per_slot) : "thread",
                          "is not possible with " + to_text(*part) + ": a process can use one MIG device only");
  const auto unknown = std::ranges::find_if(chosen, [](const Device& device) { return !device.memory_total; });
  if (options.memory && unknown != chosen.end())
    throw InvalidArgument("memory", "given",
                          "needs to know how much " + to_text(*unknown) +
                              " has, which nothing here tells: install NVML, which comes with the driver");
}

/// \throws NoDevice if the driver is older than the runtime. Within a major version, older drivers do.
inline void check_driver(std::optional<int> runtime, std::optional<int> driver, const Device& device) {
  if (!runtime || !driver || *driver / 1000 >= *runtime / 1000) return;
  const auto version = [](int number) { return to_text(number / 1000) + "." + to_text(number % 1000 / 10); };
  throw NoDevice("the driver of " + to_text(device) + " supports CUDA " + version(*driver) +
                 ", but this program's runtime is CUDA " + version(*runtime) + ": " +
                 std::string{remedy(DeviceFault::old_driver)});
}

/// The devices to use. \throws NoDevice, InvalidArgument: each names the device or the entry, and the remedy
[[nodiscard]] inline std::vector<Device> select_devices(const AnyDevices& devices, const LocalGpusOptions& options) {
  const std::vector<Device> all = devices.list();
  const auto setting = visible_setting(options, devices.is_simulated());
  if (setting) refuse_ambiguous_indices(*setting, all);
  const std::vector<Device> visible = setting ? require_visible_devices(*setting, all) : all;
  std::vector<Device> chosen = options.devices.empty() ? visible : named_devices(options.devices, visible, all);
  if (chosen.empty()) throw NoDevice("no GPU was found by " + devices.source());
  check_options(options, chosen);
  check_driver(options.cuda_runtime, devices.driver(), chosen.front());
  return chosen;
}

}  // namespace hposearch::inline v0::detail
