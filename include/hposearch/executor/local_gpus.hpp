/// \file
/// Evaluates trials on the GPUs of this machine.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <hposearch/error.hpp>
#include <hposearch/executor.hpp>
#include <hposearch/executor/evaluate.hpp>
#include <hposearch/executor/gpu/device.hpp>
#include <hposearch/executor/gpu/fault.hpp>
#include <hposearch/executor/gpu/interface.hpp>
#include <hposearch/executor/gpu/options.hpp>
#include <hposearch/executor/gpu/placement.hpp>
#include <hposearch/executor/gpu/select.hpp>
#include <hposearch/executor/gpu/slot_pool.hpp>
#include <hposearch/executor/gpu/verdict.hpp>
#include <hposearch/executor/map.hpp>
#include <hposearch/text.hpp>

namespace hposearch::inline v0 {

/// The executor whose slots have GPUs: `LocalGpus gpus{{.slots_per_gpu = 2}}`.
///
/// With Isolation::process each trial runs in a process of its own that sees its slot's devices and no other, as in a
/// ProcessPool: a crash, running out of memory, or an error after which CUDA is of no use ends its trial only. With
/// Isolation::thread trials are threads of this program, as in a ThreadPool, and an error of that kind takes the device
/// out of use.
///
/// **Memory.** Where a trial says what it needs (`.memory`), it is started where that is free, and keeps its slot while
/// it waits. Trials that wait are served in order, each with a device kept for it, so none waits for ever unless other
/// programs hold the memory. A need that no device can meet fails the trial at once. A trial that runs out of memory
/// fails with a message that says on which device; with `.retry_alone` it is run again, as a further attempt, with its
/// devices to itself.
///
/// **Lost devices.** Devices are looked at every `check_interval` and after each failure. The slots of one that is gone
/// are gone as well (an event slots_changed says so; slots keep their numbers); a trial that ran there is run again on
/// another device, or fails. When the last device is lost and all events are handed out, next_event() throws
/// DeviceLost.
///
/// A trial that is run again reports from its beginning. One thread makes all calls, and lives as long as any trial.
class LocalGpus : public TrialMapping<LocalGpus> {
 public:
  /// On the devices of this machine that CUDA_VISIBLE_DEVICES leaves visible, found by NVML or nvidia-smi.
  /// \throws NoDevice, InvalidArgument: each names the device or the entry that is wrong, and the remedy
  explicit LocalGpus(LocalGpusOptions options = {}) : LocalGpus(detail::find_or_list_devices(options), options) {}

  /// On devices found in another way: SimulatedDevices, ListedDevices, or any DeviceInterface.
  explicit LocalGpus(AnyDevices devices, LocalGpusOptions options = {});

  /// Slots of the devices that are left.
  [[nodiscard]] std::size_t slots() const noexcept { return placement_.slots(); }
  [[nodiscard]] std::size_t free_slots() const noexcept {
    const auto ended = static_cast<std::size_t>(std::ranges::count(tasks_, true, &Task::ended));
    return placement_.free_slots() - std::min(placement_.free_slots(), waiting_without_claim_ + ended);
  }

  /// Begins a trial, or lets it wait until there is memory for it.
  /// \throws NoFreeSlot; InvalidArgument for a bad timeout or a trial that is running already
  template <class F, class P>
    requires BoundObjective<F, P>
  void start(TrialId id, std::shared_ptr<const F> objective, const P& point, StartOptions options = {}) {
    begin(
        id, options, [&] { return options_.memory.at(point); },
        [objective = std::move(objective), point](TrialContext& context) {
          return static_cast<double>((*objective)(point, context));
        });
  }

  /// The next event, or nothing once `deadline` has passed.
  /// \throws DeviceLost when there is no device left and nothing more to hand out
  [[nodiscard]] std::optional<ExecutorEvent> next_event(std::chrono::steady_clock::time_point deadline);

  /// Asks a running trial to stop. One that waits for memory is cancelled at once.
  void cancel(TrialId id);

  /// The devices that are left, with memory and utilisation as they were when last looked at.
  [[nodiscard]] std::vector<Device> devices() const { return placement_.devices_left(); }

  /// The same as a line of text, which searches show with their progress.
  [[nodiscard]] std::string summary() const { return hposearch::summary(devices()); }

 private:
  using Time = detail::SteadyTime;
  using Task = detail::DeviceTask;
  using Tasks = std::list<Task>;

  void begin(TrialId id, const StartOptions& options, const std::function<std::uint64_t()>& memory,
             std::function<double(TrialContext&)> objective);
  void place_waiting();
  void launch(Task& task, std::size_t slot);
  void look(Time now);
  void retire(std::size_t device, const std::string& why);
  [[nodiscard]] Time next_look() const;
  void handle(ExecutorEvent event);
  void finish(Task& task, ExecutorEvent::Kind kind, std::string message);
  [[nodiscard]] Tasks::iterator find(TrialId id) {
    return std::ranges::find_if(tasks_, [id](const Task& task) { return task.id == id; });
  }

  LocalGpusOptions options_;
  AnyDevices interface_;
  detail::Placement placement_;
  detail::SlotPool pool_;
  Tasks tasks_;  // those that wait in the order in which they are served
  std::deque<ExecutorEvent> events_;
  std::size_t waiting_without_claim_ = 0;
  bool memory_has_changed_ = false;  // since the last look
  std::string last_lost_;            // the device that was lost last, and how
  Time last_look_ = std::chrono::steady_clock::now();
};

inline LocalGpus::LocalGpus(AnyDevices devices, LocalGpusOptions options)
    : options_(std::move(options)),
      interface_(std::move(devices)),
      placement_(detail::select_devices(interface_, options_), options_.slots_per_gpu, options_.gpus_per_slot),
      pool_(placement_.device_ids(), options_) {}

inline void LocalGpus::begin(TrialId id, const StartOptions& options, const std::function<std::uint64_t()>& memory,
                             std::function<double(TrialContext&)> objective) {
  detail::check(options);
  if (find(id) != tasks_.end()) detail::refuse_running(id);
  if (free_slots() == 0) throw NoFreeSlot("LocalGpus: all " + to_text(slots()) + " slots are taken");
  Task task{.id = id, .options = options, .job = nullptr, .request = {}};
  task.job = std::make_shared<const detail::DeviceJob>(detail::DeviceJob{std::move(objective), options_.enter});
  std::string wrong;
  try {
    task.request.memory = memory();
    if (task.request.memory > 0) memory_has_changed_ = true;  // other programs may have taken some meanwhile
  } catch (const std::exception& error) {
    wrong = std::string{"how much memory it needs could not be told: "} + error.what();
  }
  tasks_.push_back(std::move(task));
  if (wrong.empty())
    place_waiting();
  else
    finish(tasks_.back(), ExecutorEvent::Kind::failed, std::move(wrong));
}

// Starts what waits and can be started, first come first served, and keeps places for the rest.
inline void LocalGpus::place_waiting() {
  const auto waits = [](const Task& task) { return !task.slot && !task.ended; };
  placement_.drop_claims();
  waiting_without_claim_ = 0;
  if (memory_has_changed_ &&
      std::ranges::any_of(tasks_, [&](const Task& t) { return waits(t) && t.request.memory > 0; }))
    look(std::chrono::steady_clock::now());
  for (Task& task : tasks_) {
    if (!waits(task)) continue;
    if (!placement_.is_possible(task.request)) {
      finish(task, ExecutorEvent::Kind::failed, placement_.why_impossible(task.request));
    } else if (const auto slot = placement_.find(task.request)) {
      launch(task, *slot);
    } else if (!placement_.claim(task.request)) {
      ++waiting_without_claim_;
    }
  }
}

inline void LocalGpus::launch(Task& task, std::size_t slot) {
  StartOptions options = task.options;
  options.slot = slot;
  pool_.start(task.id, task.job, options);
  placement_.take(slot, task.request);
  task.slot = slot;
  if (task.cancelled) pool_.cancel(task.id);
}

// Looks at the devices, and takes those that are gone out of use.
inline void LocalGpus::look(Time now) {
  last_look_ = now;
  memory_has_changed_ = false;
  std::vector<Device> found;
  try {
    found = interface_.list();
  } catch (const std::exception&) {  // nothing can be said now: what is known stays
    return;
  }
  for (std::size_t i = 0; i < placement_.devices().size(); ++i) {
    const std::string& id = placement_.devices()[i].id;
    const auto same = std::ranges::find(found, id, &Device::id);
    if (same == found.end())
      retire(i, to_text(placement_.devices()[i]) + " was lost");
    else
      placement_.update(i, *same);
  }
}

// Takes a device out of use: its trials stop, and start again elsewhere or fail.
inline void LocalGpus::retire(std::size_t device, const std::string& why) {
  if (!placement_.retire(device)) return;
  last_lost_ = why;
  ExecutorEvent& event = events_.emplace_back();
  event.kind = ExecutorEvent::Kind::slots_changed;
  event.message = why;
  for (Task& task : tasks_) {
    if (!task.slot || task.ended || !placement_.is_lost(*task.slot)) continue;
    task.lost = why;
    pool_.cancel(task.id);
  }
}

inline LocalGpus::Time LocalGpus::next_look() const {
  if (tasks_.empty()) return Time::max();
  const bool waiting = std::ranges::any_of(tasks_, [](const Task& task) { return !task.slot; });
  std::chrono::nanoseconds interval =
      std::max<std::chrono::nanoseconds>(options_.check_interval, std::chrono::milliseconds{1});
  // Other programs, and processes that have just ended, give their memory back unannounced.
  if (waiting) interval = std::min<std::chrono::nanoseconds>(interval, std::chrono::milliseconds{500});
  return detail::after(last_look_, interval);
}

inline std::optional<ExecutorEvent> LocalGpus::next_event(std::chrono::steady_clock::time_point deadline) {
  while (events_.empty()) {
    const Time now = std::chrono::steady_clock::now();
    if (now >= next_look()) {
      look(now);
      place_waiting();
      continue;
    }
    if (slots() == 0 && tasks_.empty())
      throw DeviceLost(last_lost_ + ", and with it every slot of LocalGpus; " + std::string{remedy(DeviceFault::lost)});
    const Time until = std::min(deadline, next_look());
    if (auto event = pool_.next_event(until))
      handle(std::move(*event));
    else if (now >= deadline)
      return std::nullopt;
  }
  ExecutorEvent event = std::move(events_.front());
  events_.pop_front();
  if (event.final()) {
    tasks_.erase(find(event.trial));
    place_waiting();
  }
  return event;
}

// What the pool says, with what it means for the devices.
inline void LocalGpus::handle(ExecutorEvent event) {
  const auto task = find(event.trial);
  if (!event.final()) {
    events_.push_back(std::move(event));
    return;
  }
  if (event.kind == ExecutorEvent::Kind::failed) look(std::chrono::steady_clock::now());
  const detail::Verdict verdict = detail::judge(*task, event, placement_, options_);
  if (!verdict.devices_unusable.empty()) {
    for (const std::size_t device : placement_.devices_of(*task->slot))
      retire(device, to_text(placement_.devices()[device]) + " is not used any more: " + verdict.devices_unusable);
  }
  placement_.leave(*task->slot);
  task->slot.reset();
  memory_has_changed_ = true;
  if (verdict.again) {
    task->lost.clear();
    ++task->options.attempt;
    place_waiting();
  } else {
    task->ended = true;
    events_.push_back(std::move(event));
  }
}

// Ends a trial that does not run.
inline void LocalGpus::finish(Task& task, ExecutorEvent::Kind kind, std::string message) {
  ExecutorEvent event;
  event.kind = kind;
  event.trial = task.id;
  event.message = std::move(message);
  event.started = event.finished = std::chrono::steady_clock::now();
  task.ended = true;
  events_.push_back(std::move(event));
}

inline void LocalGpus::cancel(TrialId id) {
  const auto task = find(id);
  if (task == tasks_.end() || task->ended) return;
  task->cancelled = true;
  if (task->slot) {
    pool_.cancel(id);
  } else {
    finish(*task, ExecutorEvent::Kind::cancelled, {});
    place_waiting();
  }
}

}  // namespace hposearch::inline v0
