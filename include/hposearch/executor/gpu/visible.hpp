/// \file
/// How CUDA_VISIBLE_DEVICES names devices.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <hposearch/error.hpp>
#include <hposearch/executor/gpu/device.hpp>
#include <hposearch/executor/gpu/fault.hpp>
#include <hposearch/executor/parse.hpp>
#include <hposearch/text.hpp>

namespace hposearch::inline v0 {

/// What a value of CUDA_VISIBLE_DEVICES leaves visible.
struct VisibleDevices {
  std::vector<Device> devices;            ///< in the order in which they are named
  std::optional<std::string> rejected{};  ///< the entry that ended the list early, as CUDA does it
  std::string reason{};  ///< what is wrong with it; empty for one that is negative, which means the end
};

namespace detail {

[[nodiscard]] inline std::string known_devices(std::span<const Device> devices) {
  if (devices.empty()) return "there is none";
  std::string text;
  for (const Device& device : devices) text += (text.empty() ? "there are " : ", ") + to_text(device);
  return text;
}

struct NamedDevice {
  std::optional<Device> device;
  std::string reason{};
};

/// The one device that an index, a UUID or the beginning of a UUID names.
[[nodiscard]] inline NamedDevice find_device(std::string_view entry, std::span<const Device> all) {
  const auto fail = [](std::string reason) { return NamedDevice{std::nullopt, std::move(reason)}; };
  if (entry.empty()) return fail("names no device");
  if (const auto index = parse_number<std::size_t>(entry)) {
    // Of a GPU in parts, CUDA takes the first.
    const auto found = std::ranges::find_if(all, [&](const Device& device) { return device.index == index; });
    return found == all.end() ? fail("is the index of no device: " + known_devices(all)) : NamedDevice{*found};
  }
  if (!entry.starts_with("GPU-") && !entry.starts_with("MIG-"))
    return fail("is neither an index nor the beginning of a UUID (GPU-..., MIG-...)");
  const auto named = [&](const Device& device) { return device.uuid.starts_with(entry); };
  switch (std::ranges::count_if(all, named)) {
    case 0:
      return fail("is the UUID of no device: " + known_devices(all));
    case 1:
      return {*std::ranges::find_if(all, named)};
    default:
      return fail("begins the UUID of more than one device");
  }
}

/// The same, where naming one of `chosen` again is wrong.
[[nodiscard]] inline NamedDevice find_another_device(std::string_view entry, std::span<const Device> all,
                                                     std::span<const Device> chosen) {
  NamedDevice found = find_device(entry, all);
  if (found.device && std::ranges::find(chosen, found.device->id, &Device::id) != chosen.end())
    return {std::nullopt, "names a device for the second time"};
  return found;
}

}  // namespace detail

/// Reads a value of CUDA_VISIBLE_DEVICES as CUDA does: indices and UUIDs, which may be abbreviated, up to the first
/// entry that names no device. A device that is named twice is an entry that is wrong as well.
/// \param all the devices that there are
[[nodiscard]] inline VisibleDevices visible_devices(std::string_view value, std::span<const Device> all) {
  VisibleDevices visible;
  while (true) {
    const std::size_t comma = std::min(value.find(','), value.size());
    const std::string_view entry = detail::trimmed(value.substr(0, comma));
    detail::NamedDevice found = detail::find_another_device(entry, all, visible.devices);
    if (!found.device) {
      visible.rejected = std::string{entry};
      if (!entry.starts_with('-')) visible.reason = std::move(found.reason);
      return visible;
    }
    visible.devices.push_back(std::move(*found.device));
    if (comma == value.size()) return visible;
    value.remove_prefix(comma + 1);
  }
}

/// The devices that a value of CUDA_VISIBLE_DEVICES names, where each entry must name one.
/// \throws NoDevice that names the entry and the remedy
[[nodiscard]] inline std::vector<Device> require_visible_devices(std::string_view value, std::span<const Device> all) {
  const std::string setting = "CUDA_VISIBLE_DEVICES=" + quoted(value);
  VisibleDevices visible = visible_devices(value, all);
  if (!visible.reason.empty() && !detail::trimmed(value).empty())
    throw NoDevice(setting + ": the entry " + quoted(*visible.rejected) + " " + visible.reason +
                   "; CUDA would ignore it and all after it. Correct it or unset the variable");
  if (visible.devices.empty())
    throw NoDevice(setting + " hides all devices; unset it or name some, for example CUDA_VISIBLE_DEVICES=0");
  return std::move(visible.devices);
}

}  // namespace hposearch::inline v0
