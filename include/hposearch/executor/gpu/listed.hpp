/// \file
/// Devices that the user names, where nothing can be asked about them.
#pragma once

#include <charconv>
#include <cstddef>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <hposearch/executor/gpu/device.hpp>

namespace hposearch::inline v0 {

/// A DeviceInterface of names that are taken on trust: their memory is not known and their loss is not noticed.
class ListedDevices {
 public:
  /// \param ids as in CUDA_VISIBLE_DEVICES: indices or UUIDs
  explicit ListedDevices(const std::vector<std::string>& ids) {
    for (const std::string& id : ids) {
      Device device{.id = id};
      std::size_t index = 0;
      const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), index);
      if (error == std::errc{} && end == id.data() + id.size()) device.index = index;
      if (id.starts_with("GPU-") || id.starts_with("MIG-")) device.uuid = id;
      devices_.push_back(std::move(device));
    }
  }

  [[nodiscard]] std::vector<Device> list() const { return devices_; }
  [[nodiscard]] std::string source() const { return "the list given"; }

 private:
  std::vector<Device> devices_;
};

}  // namespace hposearch::inline v0
