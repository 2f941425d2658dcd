/// \file
/// What is known of one GPU.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include <hposearch/text.hpp>

namespace hposearch::inline v0 {

inline constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20;  ///< `.memory = 500 * mebibyte`
inline constexpr std::uint64_t gibibyte = std::uint64_t{1} << 30;

/// A GPU, or a part of one (MIG), as it was when it was looked at.
struct Device {
  std::string id;                               ///< as CUDA_VISIBLE_DEVICES names it: the UUID, or else the index
  std::optional<std::size_t> index{};           ///< in the driver's order; that of the whole GPU for a part of one
  std::string uuid{};                           ///< "GPU-..." or "MIG-..."; empty if not known
  std::string name{};                           ///< "NVIDIA H100 80GB HBM3"; empty if not known
  std::optional<std::uint64_t> memory_total{};  ///< bytes
  std::optional<std::uint64_t> memory_free{};   ///< bytes that no program holds
  std::optional<double> utilisation{};          ///< share of the last moments in which it was busy, 0 to 1

  /// Whether this is a part of a GPU.
  [[nodiscard]] bool is_part() const noexcept { return uuid.starts_with("MIG-"); }
};

/// "device 0 (NVIDIA H100 80GB HBM3, GPU-8f2a6f0c-...)" with what is known of it.
[[nodiscard]] inline std::string to_text(const Device& device) {
  std::string text = "device " + (device.index ? to_text(*device.index) : device.id);
  std::string details = device.name;
  if (!device.uuid.empty() && (device.index || device.uuid != device.id))
    details += (details.empty() ? "" : ", ") + device.uuid;
  return details.empty() ? text : text + " (" + details + ")";
}

namespace detail {

/// "79.6": how many units, rounded down to tenths.
[[nodiscard]] inline std::string tenths(std::uint64_t bytes, std::uint64_t unit) {
  const std::uint64_t tenth = (bytes % unit) * 10 / unit;
  return to_text(bytes / unit) + (tenth > 0 ? "." + to_text(tenth) : "");
}

}  // namespace detail

/// "79.6 GiB", rounded down.
[[nodiscard]] inline std::string memory_text(std::uint64_t bytes) {
  return bytes >= gibibyte ? detail::tenths(bytes, gibibyte) + " GiB" : detail::tenths(bytes, mebibyte) + " MiB";
}

/// "GPU 0 3.1/79.6 GiB 97 %, GPU 1 ..." on one line, with what is known: memory held and there, and utilisation.
[[nodiscard]] inline std::string summary(std::span<const Device> devices) {
  std::string text;
  for (const Device& device : devices) {
    text += (text.empty() ? "GPU " : ", GPU ") + (device.index ? to_text(*device.index) : device.id);
    if (device.memory_total && device.memory_free)
      text += " " + detail::tenths(*device.memory_total - *device.memory_free, gibibyte) + "/" +
              detail::tenths(*device.memory_total, gibibyte) + " GiB";
    if (device.utilisation) text += " " + to_text(static_cast<int>(100 * *device.utilisation)) + " %";
  }
  return text;
}

}  // namespace hposearch::inline v0
