/// \file
/// GPUs that are not there, with the faults of real ones.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <unistd.h>

#include <hposearch/error.hpp>
#include <hposearch/executor/gpu/device.hpp>
#include <hposearch/executor/gpu/fault.hpp>
#include <hposearch/executor/gpu/simulated_memory.hpp>
#include <hposearch/text.hpp>
#include <hposearch/trial/context.hpp>

namespace hposearch::inline v0 {

/// A DeviceInterface of simulated devices, to try programs and to test executors without a GPU. Objectives take memory
/// from them and meet their faults, in threads and in processes forked from this program alike; copies are the same
/// devices. What a process holds is freed when it ends. Thread-safe.
class SimulatedDevices {
 public:
  static constexpr bool simulated = true;

  /// Memory on a device, until this goes.
  class Allocation {
   public:
    Allocation(Allocation&& other) noexcept : devices_(std::move(other.devices_)), held_(std::move(other.held_)) {
      other.held_.clear();
    }
    Allocation& operator=(Allocation&&) = delete;
    ~Allocation() {
      for (const auto& [device, number] : held_) device->give_back(number);
    }

   private:
    friend SimulatedDevices;
    explicit Allocation(std::shared_ptr<const void> devices) : devices_(std::move(devices)) {}
    std::shared_ptr<const void> devices_;
    std::vector<std::pair<detail::SimulatedDevice*, std::size_t>> held_;
  };

  /// \param memory of each, in bytes
  /// \throws InvalidArgument if `count` is 0
  explicit SimulatedDevices(std::size_t count, std::uint64_t memory = 16 * gibibyte) {
    if (count == 0) throw InvalidArgument("count", "0", "must be at least 1");
    devices_ = detail::share_simulated_devices(count);
    for (detail::SimulatedDevice& device : *devices_) device.set_memory(memory);
  }

  [[nodiscard]] std::vector<Device> list() const {
    std::vector<Device> devices;
    for (std::size_t i = 0; i < devices_->size(); ++i) {
      detail::SimulatedDevice& device = (*devices_)[i];
      if (device.lost) continue;
      devices.push_back({.id = uuid(i),
                         .index = i,
                         .uuid = uuid(i),
                         .name = "simulated",
                         .memory_total = device.total(),
                         .memory_free = device.free(),
                         .utilisation = device.utilisation});
    }
    return devices;
  }
  [[nodiscard]] std::string source() const { return "the simulation"; }

  /// What any call of CUDA does in a trial: nothing, unless something is wrong with the devices of its slot.
  /// \throws DeviceLost; Error as CUDA says it, once corrupt() was called in this process; NoDevice if the slot has
  /// none
  void use(const TrialContext& context) const {
    for (const std::size_t i : indices(context)) {
      detail::SimulatedDevice& device = (*devices_)[i];
      if (device.lost) throw DeviceLost("GPU is lost: simulated device " + to_text(i));
      if (device.corrupted == ::getpid()) throw Error("CUDA error: an illegal memory access was encountered");
    }
  }

  /// Takes memory on each device of the trial's slot. \throws OutOfDeviceMemory, and what use() throws
  [[nodiscard]] Allocation allocate(const TrialContext& context, std::uint64_t bytes) const {
    use(context);
    Allocation allocation{devices_};
    for (const std::size_t i : indices(context)) {
      detail::SimulatedDevice& device = (*devices_)[i];
      const auto number = device.take(bytes);
      if (!number) throw OutOfDeviceMemory("simulated device " + to_text(i), bytes, device.free());
      allocation.held_.emplace_back(&device, *number);
    }
    return allocation;
  }

  /// A kernel that writes where it must not: from here on nothing works in this process on the slot's devices.
  void corrupt(const TrialContext& context) const {
    for (const std::size_t i : indices(context)) (*devices_)[i].corrupted = ::getpid();
  }

  /// Takes a device away. \param index as everywhere here: 0 to count - 1
  void lose(std::size_t index) const { at(index).lost = true; }
  /// Lets another program hold memory of a device.
  void occupy(std::size_t index, std::uint64_t bytes) const { at(index).occupied = bytes; }
  void set_memory(std::size_t index, std::uint64_t bytes) const { at(index).set_memory(bytes); }
  void set_utilisation(std::size_t index, double share) const { at(index).utilisation = share; }
  [[nodiscard]] std::uint64_t memory_free(std::size_t index) const { return at(index).free(); }

 private:
  [[nodiscard]] static std::string uuid(std::size_t index) { return "GPU-simulated-" + to_text(index); }

  [[nodiscard]] detail::SimulatedDevice& at(std::size_t index) const {
    if (index >= devices_->size())
      throw InvalidArgument("index", to_text(index), "must be below " + to_text(devices_->size()));
    return (*devices_)[index];
  }

  [[nodiscard]] std::vector<std::size_t> indices(const TrialContext& context) const {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < devices_->size(); ++i)
      if (std::ranges::count(context.devices(), uuid(i)) > 0) found.push_back(i);
    if (found.empty()) throw NoDevice("no CUDA-capable device is detected: the slot has no simulated device");
    return found;
  }

  std::shared_ptr<std::span<detail::SimulatedDevice>> devices_;
};

}  // namespace hposearch::inline v0
