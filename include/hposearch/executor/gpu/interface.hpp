/// \file
/// Where devices are found and looked at: the concept, and any model of it.
#pragma once

#include <concepts>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <hposearch/executor/gpu/device.hpp>

namespace hposearch::inline v0 {

/// A way to find devices and to look at them.
///
/// - `list()`: the devices that are there now, whatever CUDA_VISIBLE_DEVICES says, in the driver's order, with their
///   memory and utilisation of this moment. One that was there and is not any more is lost. Called by the search's
///   thread, now and then while trials run, so it should take milliseconds. \throws Error if nothing can be said now
/// - `source()`: what to call it in messages.
///
/// And if it has them:
///
/// - `driver()`: the CUDA version that the driver supports, as 1000 * major + 10 * minor; nothing if not known
/// - `simulated`: a static constant, true for devices that the environment has nothing to say of
///
/// It must not use CUDA in this program, since processes that are forked after that cannot.
template <class D>
concept DeviceInterface = std::move_constructible<D> && requires(D devices) {
  { devices.list() } -> std::same_as<std::vector<Device>>;
  { devices.source() } -> std::convertible_to<std::string>;
};

/// Any model of DeviceInterface, shared by its copies.
class AnyDevices {
 public:
  template <class D>
    requires(!std::same_as<D, AnyDevices>)
  &&DeviceInterface<D> AnyDevices(D devices) {
    auto shared = std::make_shared<D>(std::move(devices));
    list_ = [shared] { return shared->list(); };
    source_ = [shared]() -> std::string { return shared->source(); };
    if constexpr (requires { shared->driver(); })
      driver_ = [shared]() -> std::optional<int> { return shared->driver(); };
    if constexpr (requires { D::simulated; }) simulated_ = D::simulated;
  }

  [[nodiscard]] std::vector<Device> list() const { return list_(); }
  [[nodiscard]] std::string source() const { return source_(); }
  [[nodiscard]] std::optional<int> driver() const { return driver_ ? driver_() : std::nullopt; }
  [[nodiscard]] bool is_simulated() const noexcept { return simulated_; }

 private:
  std::function<std::vector<Device>()> list_;
  std::function<std::string()> source_;
  std::function<std::optional<int>()> driver_;
  bool simulated_ = false;
};

}  // namespace hposearch::inline v0
