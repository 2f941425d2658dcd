/// \file
/// The head's state machine: trials and how they end.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <hposearch/cluster/head_state_class.hpp>

namespace hposearch::inline v0::cluster {

inline TaskRecord& HeadState::add(TaskId id, TrialId trial, Bytes point, const StartOptions& start_options,
                                  std::optional<std::uint64_t> space) {
  hposearch::detail::check(start_options);
  if (by_trial_.contains(trial)) hposearch::detail::refuse_running(trial);
  const std::size_t needs = kind_of(start_options.needs, space);
  by_trial_.emplace(trial, id);
  TaskRecord& task = tasks_[id];
  ++kinds_[needs].uses;
  task.trial = task.shown = trial;
  task.attempt = static_cast<std::uint32_t>(start_options.attempt);
  task.point = std::move(point);
  task.timeout = start_options.timeout;
  task.needs = needs;
  task.order = next_order_++;
  return task;
}

inline TaskId HeadState::start(TrialId trial, Bytes point, const StartOptions& start_options, Time now) {
  const TaskId id = next_task_;
  TaskRecord& task = add(id, trial, std::move(point), start_options);
  ++next_task_;
  enqueue(id, task);
  assign(now);
  return id;
}

inline void HeadState::restore(TaskId id, TrialId trial, Bytes point, const StartOptions& start_options, Time now) {
  TaskRecord& task = add(id, trial, std::move(point), start_options);
  set_state(task, State::held);
  task.again = true;
  task.stamp = ++next_stamp_;
  watch(now + options_.lease, Deadline::Kind::hold, id, task.stamp);
}

inline void HeadState::submit(Submission submission, Time now) {
  const TaskId id = submission.task;
  TaskRecord& task = add(id, id, std::move(submission.point), submission.options, submission.space);
  task.shown = submission.trial;
  task.owner = submission.owner;
  if (const auto unclaimed = unclaimed_.find(id); unclaimed != unclaimed_.end()) {
    resume(id, task, unclaimed_.extract(unclaimed).mapped(), now);
  } else if (submission.again && claims_until_) {
    set_state(task, State::held);
    task.stamp = ++next_stamp_;
    watch(*claims_until_, Deadline::Kind::hold, id, task.stamp);
  } else {
    enqueue(id, task);
  }
  assign(now);
}

// A worker has it, or has ended it, from before this scheduler's start.
inline void HeadState::resume(TaskId id, TaskRecord& task, UnclaimedTask unclaimed, Time now) {
  if (unclaimed.result) return conclude(unclaimed.worker, *unclaimed.result, task, unclaimed.arrived);
  WorkerRecord& worker = workers_.at(unclaimed.worker);
  const auto given = std::ranges::find(worker.given, id, &GivenTask::id);
  drop_given(*given);
  given->needs = task.needs;
  ++kinds_[task.needs].uses;
  take(worker.taken, kinds_[task.needs].needs.resources);
  set_state(task, State::given);
  task.worker = unclaimed.worker;
  task.holders.push_back(unclaimed.worker);
  const auto position = static_cast<std::size_t>(given - worker.given.begin());
  if (position < worker.info.slots) watch_begun(worker, position, now);
  update_ready(unclaimed.worker, worker);
}

inline void HeadState::take_result(WorkerIndex index, const Result& result, Time now) {
  WorkerRecord& worker = workers_.at(index);
  let_go(index, worker, result.task, now);
  const auto found = tasks_.find(result.task);
  if (found == tasks_.end()) {  // told before, or another head's
    if (const auto unclaimed = unclaimed_.find(result.task);
        unclaimed != unclaimed_.end() && unclaimed->second.worker == index) {
      if (result.status == ResultStatus::completed || result.status == ResultStatus::failed) {
        unclaimed->second.result = result;
        unclaimed->second.arrived = now;
        return assign(now);
      }
      unclaimed_.erase(unclaimed);
    }
    if (result.status != ResultStatus::released && result.status != ResultStatus::cancelled) ++counters_.duplicates;
    send(worker.connection, Ack{result.task});
    return assign(now);
  }
  TaskRecord& task = found->second;
  const bool ended = result.status != ResultStatus::released &&
                     (result.status != ResultStatus::cancelled || task.cancelled || task.withdrawn);
  if (task.state == State::ended) {
    if (ended) ++counters_.duplicates;
    if (!task.reported || task.worker != index) send(worker.connection, Ack{result.task});
    return assign(now);
  }
  if (!ended) {
    send(worker.connection, Ack{result.task});
    drop(index, result.task, task, false, {}, now);
    return assign(now);
  }
  conclude(index, result, task, now);
  assign(now);
}

// The number of a slot that a worker names. A scheduler's are those of its cluster, and not all are this program's.
inline std::size_t HeadState::own_slot(WorkerRecord& worker, std::size_t slot) {
  if (!worker.info.scheduler) return slot < worker.info.slots ? slot : 0;
  if (slot >= max_scheduler_slots) slot = 0;
  if (slot >= worker.slot_free.size()) worker.slot_free.resize(slot + 1, Time::min());
  return slot;
}

// A task has ended with a worker's result.
inline void HeadState::conclude(WorkerIndex index, const Result& result, TaskRecord& task, Time arrived) {
  ++counters_.results;
  leave_queue(result.task, task);
  for (const WorkerIndex other : task.holders) {
    const auto holder = workers_.find(other);
    if (other != index && holder != workers_.end()) send(holder->second.connection, Cancel{result.task});
  }
  const auto duration = [](std::uint64_t ns) {  // of 36 years at most, so that nothing overflows
    return std::chrono::nanoseconds{static_cast<std::int64_t>(std::min(ns, std::uint64_t{1} << 60U))};
  };
  const auto found = workers_.find(index);
  ExecutorEvent event;
  event.kind = result.status == ResultStatus::completed ? ExecutorEvent::Kind::completed
               : result.status == ResultStatus::failed  ? ExecutorEvent::Kind::failed
                                                        : ExecutorEvent::Kind::cancelled;
  event.value = result.value;
  event.message = result.message;
  event.finished = arrived - duration(result.finished_ns);
  event.started = event.finished - duration(result.run_ns);
  if (found != workers_.end()) {
    WorkerRecord& worker = found->second;
    ++worker.info.ended;
    const std::size_t slot = own_slot(worker, result.slot);
    event.slot = worker.info.first_slot + slot;
    event.finished = std::max(event.finished, worker.slot_free[slot]);
    event.started = std::max(event.started, worker.slot_free[slot]);
    worker.slot_free[slot] = event.finished;
  }
  task.worker = index;
  task.reported = true;
  end(result.task, task, std::move(event));
}

inline void HeadState::take_report(WorkerIndex index, const Report& report) {
  const auto found = tasks_.find(report.task);
  if (found == tasks_.end() || found->second.state != State::given || found->second.worker != index) return;
  if (report.sequence != 0) {
    if (report.sequence <= found->second.reports) return;  // it has come before, on another connection
    found->second.reports = report.sequence;
  }
  WorkerRecord& worker = workers_.at(index);
  ExecutorEvent event;
  event.kind = ExecutorEvent::Kind::report;
  event.trial = found->second.trial;
  event.slot = worker.info.first_slot + (own_slot(worker, report.slot));
  event.step = report.step;
  event.value = report.value;
  events_.push_back({std::move(event), report.task});
}

// A worker has lost a task or given it back. \param blamed whether the task may be the reason
inline void HeadState::drop(WorkerIndex index, TaskId id, TaskRecord& task, bool blamed, std::string_view why,
                            Time now) {
  if (task.state == State::ended) return;
  std::erase(task.holders, index);
  if (task.state != State::given || task.worker != index) return;
  if (std::exchange(task.for_free_slot, false)) --recalls_;
  task.recalled = false;
  if (task.cancelled || task.withdrawn)
    return end_without_result(id, task, ExecutorEvent::Kind::cancelled, "cancelled", now);
  if (blamed) ++task.losses;
  if (task.losses >= options_.max_losses) {
    return end_without_result(id, task, ExecutorEvent::Kind::failed,
                              "lost " + to_text(task.losses) + " times with its worker; last " + std::string{why}, now);
  }
  if (!task.holders.empty()) {  // another is running it as well
    task.worker = task.holders.front();
    return;
  }
  if (!why.empty()) ++counters_.requeued;
  enqueue(id, task);
}

// A worker that is alive has not stopped a task in time.
inline void HeadState::overdue(TaskId id, Time now) {
  TaskRecord& task = tasks_.at(id);
  if (task.state != State::given) return;
  const auto found = workers_.find(task.worker);
  if (found == workers_.end() || found->second.info.scheduler) return;  // a scheduler sees to that itself
  send(found->second.connection, Cancel{id});
  drop(task.worker, id, task, true, "worker " + found->second.info.name + ": it did not stop the trial", now);
}

inline void HeadState::cancel(TrialId trial, Time now) {
  const auto found = by_trial_.find(trial);
  if (found == by_trial_.end()) return;
  const TaskId id = found->second;
  TaskRecord& task = tasks_.at(id);
  if (task.state == State::ended || std::exchange(task.cancelled, true)) return;
  if (task.state != State::given) return end_without_result(id, task, ExecutorEvent::Kind::cancelled, "cancelled", now);
  for (const WorkerIndex holder : task.holders) send(workers_.at(holder).connection, Cancel{id});
  task.stamp = ++next_stamp_;
  watch(now + options_.patience, Deadline::Kind::task, id, task.stamp);
}

inline bool HeadState::recall(TrialId trial, Time now) {
  const auto found = by_trial_.find(trial);
  if (found == by_trial_.end()) return false;
  const TaskId id = found->second;
  TaskRecord& task = tasks_.at(id);
  if (task.state == State::pending) {
    end_without_result(id, task, ExecutorEvent::Kind::cancelled, "recalled", now);
    return true;
  }
  if (task.state != State::given || task.cancelled) return false;
  WorkerRecord& worker = workers_.at(task.worker);
  const auto given = std::ranges::find(worker.given, id, &GivenTask::id);
  if (static_cast<std::size_t>(given - worker.given.begin()) < worker.info.slots) return false;  // begun, it seems
  task.withdrawn = true;
  if (std::exchange(task.recalled, true)) return true;
  send(worker.connection, Recall{id});
  update_ready(task.worker, worker);
  return true;
}

inline void HeadState::consumed(TaskId id) {
  const auto found = tasks_.find(id);
  if (found == tasks_.end()) return;
  if (found->second.reported) {
    const auto worker = workers_.find(found->second.worker);
    if (worker != workers_.end()) send(worker->second.connection, Ack{id});
  }
  --kinds_[found->second.needs].uses;
  tasks_.erase(found);
}

inline void HeadState::end(TaskId id, TaskRecord& task, ExecutorEvent event) {
  if (std::exchange(task.for_free_slot, false)) --recalls_;
  set_state(task, State::ended);
  task.holders.clear();
  event.trial = task.trial;
  events_.push_back({std::move(event), id});
}

inline void HeadState::end_without_result(TaskId id, TaskRecord& task, ExecutorEvent::Kind kind, std::string message,
                                          Time now) {
  leave_queue(id, task);
  ExecutorEvent event;
  event.kind = kind;
  event.message = std::move(message);
  event.started = event.finished = now;
  end(id, task, std::move(event));
}

inline void HeadState::slots_changed() {
  if (!events_.empty() && events_.back().event.kind == ExecutorEvent::Kind::slots_changed) return;
  HeadEvent changed;
  changed.event.kind = ExecutorEvent::Kind::slots_changed;
  events_.push_back(std::move(changed));
}

}  // namespace hposearch::inline v0::cluster
