/// \file
/// The state of simulated devices, which this program shares with the processes that it forks.
#pragma once

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <span>

#include <sys/mman.h>
#include <unistd.h>

#include <hposearch/executor/posix.hpp>

namespace hposearch::inline v0::detail {

/// One device's memory and faults. Every process that has it mapped may call everything at any time.
class SimulatedDevice {
 public:
  void set_memory(std::uint64_t total) noexcept { total_ = total; }
  [[nodiscard]] std::uint64_t total() const noexcept { return total_; }
  /// After what processes that are gone have left behind is freed, as a driver does.
  [[nodiscard]] std::uint64_t free() noexcept {
    reclaim();
    const std::uint64_t held = used_ + occupied;
    return held < total_ ? total_ - held : 0;
  }

  /// Takes memory for the calling process. \returns the number of the allocation; nothing if there is too little
  [[nodiscard]] std::optional<std::size_t> take(std::uint64_t bytes) noexcept {
    reclaim();
    for (std::uint64_t used = used_;;) {
      if (used + occupied + bytes > total_) return std::nullopt;
      if (used_.compare_exchange_weak(used, used + bytes)) break;
    }
    for (std::size_t i = 0; i < allocations_.size(); ++i) {
      pid_t nobody = 0;
      if (!allocations_[i].owner.compare_exchange_strong(nobody, ::getpid())) continue;
      allocations_[i].bytes = bytes;
      return i;
    }
    used_ -= bytes;
    return std::nullopt;
  }
  void give_back(std::size_t allocation) noexcept { release(allocation, ::getpid()); }

  std::atomic<std::uint64_t> occupied{0};  ///< held by other programs
  std::atomic<double> utilisation{0};
  std::atomic<bool> lost{false};
  std::atomic<pid_t> corrupted{0};  ///< the process in which nothing works any more

 private:
  struct Allocation {
    std::atomic<pid_t> owner{0};
    std::atomic<std::uint64_t> bytes{0};
  };

  void reclaim() noexcept {
    for (std::size_t i = 0; i < allocations_.size(); ++i) {
      const pid_t owner = allocations_[i].owner;
      if (owner != 0 && ::kill(owner, 0) != 0 && errno == ESRCH) release(i, owner);
    }
  }
  void release(std::size_t i, pid_t owner) noexcept {
    const std::uint64_t bytes = allocations_[i].bytes;
    if (allocations_[i].owner.compare_exchange_strong(owner, 0)) used_ -= bytes;
  }

  std::atomic<std::uint64_t> total_{0};
  std::atomic<std::uint64_t> used_{0};
  std::array<Allocation, 64> allocations_;

  static_assert(std::atomic<std::uint64_t>::is_always_lock_free && std::atomic<double>::is_always_lock_free,
                "locks are not shared by processes");
};

/// `count` devices in memory that forked processes share. \throws std::system_error
[[nodiscard]] inline std::shared_ptr<std::span<SimulatedDevice>> share_simulated_devices(std::size_t count) {
  const std::size_t size = count * sizeof(SimulatedDevice);
  void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw_errno("mmap");
  auto* first = static_cast<SimulatedDevice*>(memory);
  for (std::size_t i = 0; i < count; ++i) new (first + i) SimulatedDevice;
  return {new std::span{first, count}, [size](std::span<SimulatedDevice>* devices) {
            ::munmap(devices->data(), size);
            delete devices;
          }};
}

}  // namespace hposearch::inline v0::detail
