/// \file
/// The pool that runs LocalGpus's trials: of processes or of threads.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <hposearch/executor.hpp>
#include <hposearch/executor/evaluate.hpp>
#include <hposearch/executor/gpu/options.hpp>
#include <hposearch/executor/process_pool.hpp>
#include <hposearch/executor/slot_options.hpp>
#include <hposearch/executor/thread_pool.hpp>

namespace hposearch::inline v0::detail {

/// An objective with its point, of whatever types.
struct DeviceJob {
  std::function<double(TrialContext&)> objective;
  std::function<std::shared_ptr<void>(TrialContext&)> enter;  ///< LocalGpusOptions::enter

  struct NoPoint {};
  double operator()(const NoPoint&, TrialContext& context) const {
    const std::shared_ptr<void> held = enter ? enter(context) : nullptr;
    return objective(context);
  }
};

/// A ProcessPool or a ThreadPool with the devices of its slots.
class SlotPool {
 public:
  /// \param devices for each slot, the ids of its devices
  SlotPool(const std::vector<std::vector<std::string>>& devices, const LocalGpusOptions& options) {
    std::vector<SlotOptions> slots;
    for (const std::vector<std::string>& ids : devices) {
      std::string visible;
      for (const std::string& id : ids) visible += (visible.empty() ? "" : ",") + id;
      slots.push_back({.devices = ids, .environment = {{"CUDA_VISIBLE_DEVICES", std::move(visible)}}});
    }
    const std::size_t count = slots.size();
    if (options.isolation == Isolation::thread)
      pool_.emplace<ThreadPool>(count, ThreadPoolOptions{.grace = options.grace, .slots = std::move(slots)});
    else
      pool_.emplace<ProcessPool>(count, ProcessPoolOptions{.grace = options.grace,
                                                           .memory_limit = options.host_memory_limit,
                                                           .output = options.output,
                                                           .output_lines = options.output_lines,
                                                           .slots = std::move(slots)});
  }

  void start(TrialId id, const std::shared_ptr<const DeviceJob>& job, const StartOptions& options) {
    if (auto* threads = std::get_if<ThreadPool>(&pool_))
      threads->start(id, job, DeviceJob::NoPoint{}, options);
    else
      std::get<ProcessPool>(pool_).start(id, job, DeviceJob::NoPoint{}, options);
  }
  void cancel(TrialId id) {
    if (auto* threads = std::get_if<ThreadPool>(&pool_))
      threads->cancel(id);
    else
      std::get<ProcessPool>(pool_).cancel(id);
  }
  [[nodiscard]] std::optional<ExecutorEvent> next_event(SteadyTime deadline) {
    if (auto* threads = std::get_if<ThreadPool>(&pool_)) return threads->next_event(deadline);
    return std::get<ProcessPool>(pool_).next_event(deadline);
  }

 private:
  std::variant<std::monostate, ProcessPool, ThreadPool> pool_;
};

}  // namespace hposearch::inline v0::detail
