/// \file
/// Devices that the user names, where nothing can be asked about them.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <hposearch/executor/gpu/device.hpp>
#include <hposearch/executor/parse.hpp>

namespace hposearch::inline v0 {

/// A DeviceInterface of names that are taken on trust: their memory is not known and their loss is not noticed.
class ListedDevices {
 public:
  /// \param ids as in CUDA_VISIBLE_DEVICES: indices or UUIDs
  explicit ListedDevices(const std::vector<std::string>& ids) {
    for (const std::string& id : ids) {
      Device device{.id = id};
      device.index = detail::parse_number<std::size_t>(id);
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
