/// \file
/// What nvidia-smi prints.
#pragma once

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <hposearch/executor/gpu/device.hpp>
#include <hposearch/executor/gpu/visible.hpp>

namespace hposearch::inline v0::detail {

/// The columns that parse_smi_table reads.
inline constexpr const char* smi_query =
    "--query-gpu=index,uuid,memory.total,memory.free,utilization.gpu,mig.mode.current,name";

/// Cuts what stands before the first `end` off `text`, or all of it.
[[nodiscard]] inline std::string_view cut(std::string_view& text, char end) {
  const std::size_t length = std::min(text.find(end), text.size());
  const std::string_view part = text.substr(0, length);
  text.remove_prefix(std::min(length + 1, text.size()));
  return trimmed(part);
}

/// A number, or nothing: "[N/A]", "[Not Supported]".
[[nodiscard]] inline std::optional<std::uint64_t> smi_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// The devices in a table of `nvidia-smi --query-gpu=... --format=csv,noheader,nounits`. Lines that are no row of it
/// are passed over: messages, and rows of lost devices, whose fields are messages.
[[nodiscard]] inline std::vector<std::pair<Device, bool>> parse_smi_table(std::string_view text) {
  std::vector<std::pair<Device, bool>> rows;  // the device, and whether it is divided
  while (!text.empty()) {
    std::string_view line = cut(text, '\n');
    Device device;
    device.index = smi_number(cut(line, ','));
    device.id = device.uuid = cut(line, ',');
    if (!device.index || !device.uuid.starts_with("GPU-") || line.find("is lost") != line.npos) continue;
    if (const auto total = smi_number(cut(line, ','))) device.memory_total = *total * mebibyte;
    if (const auto free = smi_number(cut(line, ','))) device.memory_free = *free * mebibyte;
    if (const auto use = smi_number(cut(line, ','))) device.utilisation = static_cast<double>(*use) / 100;
    const bool divided = cut(line, ',') == "Enabled";
    device.name = trimmed(line);
    rows.emplace_back(std::move(device), divided);
  }
  return rows;
}

/// The parts of GPUs in what `nvidia-smi -L` prints, each with the index of its GPU:
///
///     GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-5d5ba0d6-...)
///       MIG 1g.5gb      Device  0: (UUID: MIG-c6d4f1ef-...)
[[nodiscard]] inline std::vector<Device> parse_smi_parts(std::string_view text) {
  std::vector<Device> parts;
  std::optional<std::size_t> index;
  while (!text.empty()) {
    std::string_view line = cut(text, '\n');
    if (line.starts_with("GPU ")) {
      index = smi_number(line.substr(4, line.find(':') - 4));
      continue;
    }
    const std::size_t begin = line.find("(UUID: MIG-");
    if (!line.starts_with("MIG ") || begin == line.npos) continue;
    Device part;
    part.index = index;
    part.name = trimmed(line.substr(0, line.find("Device")));
    part.uuid = trimmed(line.substr(begin + 7, line.find(')', begin) - begin - 7));
    part.id = part.uuid;
    parts.push_back(std::move(part));
  }
  return parts;
}

}  // namespace hposearch::inline v0::detail
