/// \file
/// What nvidia-smi prints.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <hposearch/executor/gpu/device.hpp>
#include <hposearch/executor/parse.hpp>

namespace hposearch::inline v0::detail {

/// The columns that parse_smi_table reads.
inline constexpr const char* smi_query =
    "--query-gpu=index,uuid,memory.total,memory.free,utilization.gpu,mig.mode.current,name";

/// The devices in a table of `nvidia-smi --query-gpu=... --format=csv,noheader,nounits`. Lines that are no row of it
/// are passed over: messages, and rows of lost devices, whose fields are messages.
[[nodiscard]] inline std::vector<std::pair<Device, bool>> parse_smi_table(std::string_view text) {
  std::vector<std::pair<Device, bool>> rows;  // the device, and whether it is divided
  while (!text.empty()) {
    std::string_view line = cut(text, '\n');
    Device device;
    device.index = parse_number<std::size_t>(cut(line, ','));
    device.id = device.uuid = cut(line, ',');
    if (!device.index || !device.uuid.starts_with("GPU-") || line.find("is lost") != line.npos) continue;
    if (const auto total = parse_number<std::uint64_t>(cut(line, ','))) device.memory_total = *total * mebibyte;
    if (const auto free = parse_number<std::uint64_t>(cut(line, ','))) device.memory_free = *free * mebibyte;
    if (const auto use = parse_number<std::uint64_t>(cut(line, ',')))
      device.utilisation = static_cast<double>(*use) / 100;
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
      index = parse_number<std::size_t>(line.substr(4, line.find(':') - 4));
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
