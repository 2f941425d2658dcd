/// \file
/// What becomes of a trial on a GPU whose attempt has come to an end: a decision without clocks, threads or processes.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include <hposearch/executor.hpp>
#include <hposearch/executor/event.hpp>
#include <hposearch/executor/gpu/device.hpp>
#include <hposearch/executor/gpu/fault.hpp>
#include <hposearch/executor/gpu/options.hpp>
#include <hposearch/executor/gpu/placement.hpp>
#include <hposearch/executor/gpu/slot_pool.hpp>

namespace hposearch::inline v0::detail {

/// A trial of LocalGpus from its start until its final event is handed out.
struct DeviceTask {
  TrialId id = 0;
  StartOptions options;
  std::shared_ptr<const DeviceJob> job;
  PlacementRequest request;
  std::optional<std::size_t> slot{};  ///< while it runs
  std::string lost{};                 ///< the device that it has lost
  bool cancelled = false;
  bool ended = false;  ///< its final event waits to be handed out
};

/// What is to be done.
struct Verdict {
  bool again = false;            ///< run it again, by itself if its request says so
  std::string devices_unusable;  ///< why the devices of its slot are not to be used any more; empty if they are
};

/// Decides about a trial whose attempt in its slot has ended with `event`. Where it is not run again, the event says
/// why it has ended.
[[nodiscard]] inline Verdict judge(DeviceTask& task, ExecutorEvent& event, const Placement& placement,
                                   const LocalGpusOptions& options) {
  using Kind = ExecutorEvent::Kind;
  if (event.kind == Kind::completed) return {};
  if (task.cancelled) {
    event.kind = event.kind == Kind::failed && task.lost.empty() ? Kind::failed : Kind::cancelled;
    return {};
  }
  const auto explain = [&](DeviceFault fault) {
    if (const auto help = remedy(fault); !help.empty()) event.message += "; " + std::string{help};
  };
  if (!task.lost.empty()) {
    if (options.restart_lost && placement.is_possible(task.request)) return {.again = true, .devices_unusable = {}};
    event.kind = Kind::failed;
    event.message = task.lost + (event.message.empty() ? "" : ": " + event.message);
    explain(DeviceFault::lost);
    return {};
  }
  const DeviceFault fault = recognise_fault(event.message);
  Verdict verdict;
  if (fault == DeviceFault::out_of_memory) {
    if (options.retry_alone && !task.request.alone && options.slots_per_gpu > 1) {
      task.request.alone = true;
      return {.again = true, .devices_unusable = {}};
    }
    event.message = "out of memory on " + placement.devices_text(*task.slot) +
                    (task.request.alone ? ", alone there: " : ": ") + event.message;
  }
  if (fault == DeviceFault::sticky && options.isolation == Isolation::thread) {
    verdict.devices_unusable = "CUDA is of no use in this program after \"" + event.message +
                               "\"; with Isolation::process only the trial would have ended";
  }
  explain(fault);
  return verdict;
}

}  // namespace hposearch::inline v0::detail
