/// \file
/// The head's state machine: tasks, and who gets them.
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

// Kinds of needs are few: they are remembered for good.
inline std::size_t HeadState::kind_of(const TrialNeeds& needs) {
  if (needs.empty()) return 0;
  const auto found = std::ranges::find(kinds_, needs, &NeedsQueue::needs);
  if (found != kinds_.end()) return static_cast<std::size_t>(found - kinds_.begin());
  kinds_.emplace_back().needs = needs;
  for (auto& [index, worker] : workers_) update_ready(index, worker);
  return kinds_.size() - 1;
}

inline TaskRecord& HeadState::add(TaskId id, TrialId trial, Bytes point, const StartOptions& start_options) {
  hposearch::detail::check(start_options);
  if (by_trial_.contains(trial)) hposearch::detail::refuse_running(trial);
  const std::size_t needs = kind_of(start_options.needs);
  by_trial_.emplace(trial, id);
  TaskRecord& task = tasks_[id];
  task.trial = trial;
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
  task.state = State::held;
  task.stamp = ++next_stamp_;
  watch(now + options_.lease, Deadline::Kind::hold, id, task.stamp);
}

inline void HeadState::enqueue(TaskId id, TaskRecord& task) {
  task.state = State::pending;
  task.stamp = ++next_stamp_;
  kinds_[task.needs].pending.emplace(task.order, id);
}

inline void HeadState::leave_queue(TaskId id, TaskRecord& task) {
  if (task.state == State::pending) kinds_[task.needs].pending.erase({task.order, id});
}

// Gives tasks to workers, oldest first, as long as there are both.
inline void HeadState::assign(Time now) {
  for (;;) {
    NeedsQueue* best = nullptr;
    for (NeedsQueue& kind : kinds_) {
      if (kind.pending.empty() || kind.ready.empty()) continue;
      if (best == nullptr || *kind.pending.begin() < *best->pending.begin()) best = &kind;
    }
    if (best == nullptr) break;
    const TaskId id = best->pending.begin()->second;
    best->pending.erase(best->pending.begin());
    give(id, tasks_.at(id), best->ready.begin()->second, now);
  }
  recall_for_free_slots();
}

inline void HeadState::give(TaskId id, TaskRecord& task, WorkerIndex index, Time now) {
  WorkerRecord& worker = workers_.at(index);
  const TrialNeeds& needs = kinds_[task.needs].needs;
  task.state = State::given;
  task.worker = index;
  task.holders.push_back(index);
  task.reports = 0;
  task.recalled = false;
  worker.given.push_back({id, task.needs});
  take(worker.taken, needs.resources);
  if (worker.given.size() <= worker.info.slots) watch_begun(worker, worker.given.size() - 1, now);
  update_ready(index, worker);

  Task message;
  message.task = id;
  message.trial = task.trial;
  message.attempt = task.attempt + task.losses;
  std::swap(message.point.bytes, task.point);  // lent for the writing
  if (task.timeout) message.timeout_ns = static_cast<std::uint64_t>(task.timeout->count());
  message.resources = needs.resources;
  send(worker.connection, message);
  std::swap(message.point.bytes, task.point);
}

// The task at a position has, as far as the head can tell, begun: its time limit counts from now.
inline void HeadState::watch_begun(const WorkerRecord& worker, std::size_t position, Time now) {
  const TaskId id = worker.given[position].id;
  const auto found = tasks_.find(id);
  if (found == tasks_.end()) return;
  TaskRecord& task = found->second;
  if (std::exchange(task.for_free_slot, false)) --recalls_;
  if (!task.timeout || task.state != State::given || task.cancelled) return;
  task.stamp = ++next_stamp_;
  watch(hposearch::detail::after(hposearch::detail::after(now, *task.timeout), options_.patience), Deadline::Kind::task,
        id, task.stamp);
}

// A worker with free slots, and tasks that wait at another: those are fetched back.
inline void HeadState::recall_for_free_slots() {
  while (recalls_ < free_total_ && !backlogs_.empty()) {
    const WorkerIndex index = backlogs_.rbegin()->second;
    WorkerRecord& worker = workers_.at(index);
    for (std::size_t i = worker.given.size(); i-- > worker.info.slots;) {
      const auto found = tasks_.find(worker.given[i].id);
      if (found == tasks_.end() || found->second.recalled) continue;
      const auto& ready = kinds_[found->second.needs].ready;
      if (ready.empty() || ready.begin()->first >= 1) return;  // no free slot would do for it
      found->second.recalled = found->second.for_free_slot = true;
      ++recalls_;
      send(worker.connection, Recall{found->first});
      break;
    }
    update_ready(index, worker);
  }
}

// How much a worker has to do in relation to its slots; nothing where it takes no more tasks of a kind.
inline std::optional<double> HeadState::readiness(const WorkerRecord& worker, const NeedsQueue& kind) const {
  const std::size_t slots = worker.info.slots;
  if (!worker.takes_tasks() || worker.given.size() >= slots * (1 + options_.prefetch)) return {};
  const double load = static_cast<double>(worker.given.size()) / static_cast<double>(slots);
  if (kind.needs.empty()) return worker.given.size() < slots ? load : load + no_slot_free;
  const bool labelled = std::ranges::all_of(
      kind.needs.labels, [&](const auto& label) { return std::ranges::count(worker.info.labels, label) > 0; });
  if (!labelled || !suffices(worker.info.resources, {}, kind.needs.resources)) return {};
  const bool now = worker.given.size() < slots && suffices(worker.info.resources, worker.taken, kind.needs.resources);
  return now ? load : load + no_slot_free;
}

// To be called whenever a worker's tasks or its state changed.
inline void HeadState::update_ready(WorkerIndex index, WorkerRecord& worker) {
  worker.ready.resize(kinds_.size());
  for (std::size_t i = 0; i < kinds_.size(); ++i) {
    const std::optional<double> key = readiness(worker, kinds_[i]);
    if (key == worker.ready[i]) continue;
    if (worker.ready[i]) kinds_[i].ready.erase({*worker.ready[i], index});
    if (key) kinds_[i].ready.emplace(*key, index);
    worker.ready[i] = key;
  }
  const std::size_t free = worker.takes_tasks() ? worker.free_slots() : 0;
  free_total_ += free - std::exchange(worker.free_counted, free);
  std::size_t backlog = 0;
  for (std::size_t i = worker.info.slots; worker.connection != 0 && i < worker.given.size(); ++i) {
    const auto found = tasks_.find(worker.given[i].id);
    if (found != tasks_.end() && !found->second.recalled) ++backlog;
  }
  if (backlog != worker.backlog) {
    if (worker.backlog > 0) backlogs_.erase({worker.backlog, index});
    if (backlog > 0) backlogs_.emplace(backlog, index);
    worker.backlog = backlog;
  }
}

// A worker does not have a task any more.
inline void HeadState::let_go(WorkerIndex index, WorkerRecord& worker, TaskId id, Time now) {
  const auto found = std::ranges::find(worker.given, id, &GivenTask::id);
  if (found == worker.given.end()) return;
  const auto position = static_cast<std::size_t>(found - worker.given.begin());
  give_back(worker.taken, kinds_[found->needs].needs.resources);
  worker.given.erase(found);
  if (position < worker.info.slots && worker.given.size() >= worker.info.slots)
    watch_begun(worker, worker.info.slots - 1, now);
  update_ready(index, worker);
}

inline void HeadState::take_result(WorkerIndex index, const Result& result, Time now) {
  WorkerRecord& worker = workers_.at(index);
  let_go(index, worker, result.task, now);
  const auto found = tasks_.find(result.task);
  if (found == tasks_.end()) {  // told before, or another head's
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
  ++worker.info.ended;
  ++counters_.results;
  leave_queue(result.task, task);
  for (const WorkerIndex other : task.holders) {
    const auto holder = workers_.find(other);
    if (other != index && holder != workers_.end()) send(holder->second.connection, Cancel{result.task});
  }
  const auto duration = [](std::uint64_t ns) {  // of 36 years at most, so that nothing overflows
    return std::chrono::nanoseconds{static_cast<std::int64_t>(std::min(ns, std::uint64_t{1} << 60U))};
  };
  const std::size_t slot = result.slot < worker.info.slots ? result.slot : 0;
  ExecutorEvent event;
  event.kind = result.status == ResultStatus::completed ? ExecutorEvent::Kind::completed
               : result.status == ResultStatus::failed  ? ExecutorEvent::Kind::failed
                                                        : ExecutorEvent::Kind::cancelled;
  event.slot = worker.info.first_slot + slot;
  event.value = result.value;
  event.message = result.message;
  event.finished = std::max(now - duration(result.finished_ns), worker.slot_free[slot]);
  event.started = std::max(event.finished - duration(result.run_ns), worker.slot_free[slot]);
  worker.slot_free[slot] = event.finished;
  task.worker = index;
  task.reported = true;
  end(result.task, task, std::move(event));
  assign(now);
}

inline void HeadState::take_report(WorkerIndex index, const Report& report) {
  const auto found = tasks_.find(report.task);
  if (found == tasks_.end() || found->second.state != State::given || found->second.worker != index) return;
  if (report.sequence != 0) {
    if (report.sequence <= found->second.reports) return;  // it has come before, on another connection
    found->second.reports = report.sequence;
  }
  const WorkerRecord& worker = workers_.at(index);
  ExecutorEvent event;
  event.kind = ExecutorEvent::Kind::report;
  event.trial = found->second.trial;
  event.slot = worker.info.first_slot + (report.slot < worker.info.slots ? report.slot : 0);
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
  if (found == workers_.end()) return;
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
  tasks_.erase(found);
}

inline void HeadState::end(TaskId id, TaskRecord& task, ExecutorEvent event) {
  if (std::exchange(task.for_free_slot, false)) --recalls_;
  task.state = State::ended;
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
