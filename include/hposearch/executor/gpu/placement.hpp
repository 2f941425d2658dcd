/// \file
/// Which trial may run on which devices: bookkeeping without clocks, threads or processes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <hposearch/error.hpp>
#include <hposearch/executor/gpu/device.hpp>
#include <hposearch/text.hpp>

namespace hposearch::inline v0::detail {

/// What a trial wants of its devices.
struct PlacementRequest {
  std::uint64_t memory = 0;  ///< bytes on each
  bool alone = false;        ///< no other trial on them
};

/// Devices in groups of `gpus_per_slot`, each group with `slots_per_gpu` slots. Slots are numbered so that the first
/// ones lie on different groups.
///
/// Of a device's memory, what is free for a trial is the smaller of two amounts: what its trials have not been
/// promised, and what is free by the last look at it. So neither trials that are yet to allocate nor other programs are
/// overrun.
class Placement {
 public:
  Placement(std::vector<Device> devices, std::size_t slots_per_gpu, std::size_t gpus_per_slot)
      : devices_(std::move(devices)), lanes_(slots_per_gpu) {
    groups_.resize(devices_.size() / gpus_per_slot);
    for (std::size_t i = 0; i < groups_.size(); ++i) {
      for (std::size_t k = 0; k < gpus_per_slot; ++k) groups_[i].devices.push_back(i * gpus_per_slot + k);
      groups_[i].running.resize(lanes_);
    }
  }

  /// Slots, those of lost devices included: slot numbers are below this.
  [[nodiscard]] std::size_t all_slots() const noexcept { return groups_.size() * lanes_; }
  [[nodiscard]] std::size_t slots() const noexcept { return groups_present() * lanes_; }
  /// Slots to which something could be given now, if memory were no question.
  [[nodiscard]] std::size_t free_slots() const noexcept {
    std::size_t count = 0;
    for (const Group& group : groups_)
      if (!group.lost && !group.claimed && !group.exclusive()) count += lanes_ - group.count();
    return count;
  }
  /// Devices by their position. Those of the last look.
  [[nodiscard]] const std::vector<Device>& devices() const noexcept { return devices_; }
  [[nodiscard]] const std::vector<std::size_t>& devices_of(std::size_t slot) const { return group_of(slot).devices; }
  /// For each slot, the ids of its devices.
  [[nodiscard]] std::vector<std::vector<std::string>> device_ids() const {
    std::vector<std::vector<std::string>> ids(all_slots());
    for (std::size_t slot = 0; slot < ids.size(); ++slot)
      for (const std::size_t device : devices_of(slot)) ids[slot].push_back(devices_[device].id);
    return ids;
  }
  /// Those whose slots are in use.
  [[nodiscard]] std::vector<Device> devices_left() const {
    std::vector<Device> left;
    for (const Group& group : groups_) {
      if (group.lost) continue;
      for (const std::size_t device : group.devices) left.push_back(devices_[device]);
    }
    return left;
  }
  /// "device 0 (...) and device 1 (...)"
  [[nodiscard]] std::string devices_text(std::size_t slot) const {
    std::string text;
    for (const std::size_t device : devices_of(slot)) text += (text.empty() ? "" : " and ") + to_text(devices_[device]);
    return text;
  }
  [[nodiscard]] bool is_lost(std::size_t slot) const { return group_of(slot).lost; }

  /// Takes in a new look at one device.
  void update(std::size_t device, const Device& now) { devices_[device] = now; }

  /// The free slot for a trial: where it fits and fewest others run; nothing if it has to wait.
  [[nodiscard]] std::optional<std::size_t> find(const PlacementRequest& request) const {
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < groups_.size(); ++i) {
      if (groups_[i].claimed || !fits_now(groups_[i], request)) continue;
      if (!best || groups_[i].count() < groups_[*best].count()) best = i;
    }
    if (!best) return std::nullopt;
    const auto& running = groups_[*best].running;
    const auto lane = std::ranges::find_if(running, [](const auto& taken) { return !taken; }) - running.begin();
    return static_cast<std::size_t>(lane) * groups_.size() + *best;
  }

  /// Whether there is a place for a trial once nothing else runs.
  [[nodiscard]] bool is_possible(const PlacementRequest& request) const {
    return std::ranges::any_of(groups_, [&](const Group& group) { return could_fit(group, request); });
  }
  /// Why there is none.
  [[nodiscard]] std::string why_impossible(const PlacementRequest& request) const {
    const Device* largest = nullptr;
    for (const Group& group : groups_) {
      if (group.lost) continue;
      for (const std::size_t i : group.devices)
        if (largest == nullptr || devices_[i].memory_total > largest->memory_total) largest = &devices_[i];
    }
    if (largest == nullptr) return "every device is lost";
    return "needs " + memory_text(request.memory) + " of device memory, which no slot has; the most is that of " +
           to_text(*largest) + ", " + memory_text(largest->memory_total.value_or(0));
  }

  /// Keeps a place free for a trial that has to wait, so that smaller ones do not overtake it for ever.
  /// \returns whether there was one to keep
  bool claim(const PlacementRequest& request) {
    Group* best = nullptr;
    for (Group& group : groups_) {
      if (group.claimed || !could_fit(group, request)) continue;
      if (best == nullptr || group.count() < best->count()) best = &group;
    }
    if (best != nullptr) best->claimed = true;
    return best != nullptr;
  }
  void drop_claims() {
    for (Group& group : groups_) group.claimed = false;
  }

  void take(std::size_t slot, const PlacementRequest& request) { place(slot) = request; }
  void leave(std::size_t slot) { place(slot).reset(); }

  /// Takes the slots of a device out of use. \returns whether they were in use
  bool retire(std::size_t device) {
    for (Group& group : groups_)
      if (std::ranges::count(group.devices, device) > 0) return !std::exchange(group.lost, true);
    return false;
  }

 private:
  struct Group {
    std::vector<std::size_t> devices{};
    std::vector<std::optional<PlacementRequest>> running{};
    bool claimed = false;
    bool lost = false;

    [[nodiscard]] std::size_t count() const noexcept {
      return static_cast<std::size_t>(
          std::ranges::count_if(running, [](const auto& request) { return request.has_value(); }));
    }
    [[nodiscard]] bool exclusive() const noexcept {
      return std::ranges::any_of(running, [](const auto& request) { return request && request->alone; });
    }
    [[nodiscard]] std::uint64_t promised() const noexcept {
      std::uint64_t bytes = 0;
      for (const auto& request : running) bytes += request ? request->memory : 0;
      return bytes;
    }
  };

  [[nodiscard]] std::size_t groups_present() const noexcept {
    return static_cast<std::size_t>(std::ranges::count(groups_, false, &Group::lost));
  }
  [[nodiscard]] const Group& group_of(std::size_t slot) const { return groups_[slot % groups_.size()]; }
  [[nodiscard]] std::optional<PlacementRequest>& place(std::size_t slot) {
    return groups_[slot % groups_.size()].running[slot / groups_.size()];
  }

  [[nodiscard]] bool could_fit(const Group& group, const PlacementRequest& request) const {
    return !group.lost && std::ranges::all_of(group.devices, [&](std::size_t i) {
      return devices_[i].memory_total.value_or(unknown) >= request.memory;
    });
  }
  [[nodiscard]] bool fits_now(const Group& group, const PlacementRequest& request) const {
    if (group.lost || group.exclusive() || group.count() >= (request.alone ? 1 : lanes_)) return false;
    const std::uint64_t promised = group.promised();
    return std::ranges::all_of(group.devices, [&](std::size_t i) {
      const std::uint64_t total = devices_[i].memory_total.value_or(unknown);
      const std::uint64_t left = promised < total ? total - promised : 0;
      return request.memory == 0 || request.memory <= std::min(left, devices_[i].memory_free.value_or(unknown));
    });
  }

  static constexpr std::uint64_t unknown = std::numeric_limits<std::uint64_t>::max();
  std::vector<Device> devices_;
  std::vector<Group> groups_;
  std::size_t lanes_;
};

}  // namespace hposearch::inline v0::detail
