/// \file
/// The head's state machine: workers come, return and go.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <hposearch/cluster/head_state_class.hpp>

namespace hposearch::inline v0::cluster {

// Why a worker cannot join; empty if it can.
inline std::string HeadState::objection(const Join& join) const {
  if (options_.space && join.space && *options_.space != *join.space)
    return "searches another space (fingerprint " + to_text(*join.space) + ", the head's is " +
           to_text(*options_.space) + "): it was built from another version of the program";
  return {};
}

// The record of a worker that joins: a new one, or the one that it had.
inline WorkerIndex HeadState::enlist(const std::string& id, const Join& join, bool scheduler, Time now) {
  auto found = by_id_.find(id);
  if (!scheduler && found != by_id_.end() && workers_.at(found->second).info.slots != join.slots) {
    remove_worker(found->second, Notice::Kind::left, "came back with another number of slots", now);
    found = by_id_.end();
  }
  const bool known = found != by_id_.end();
  const WorkerIndex index = known ? found->second : next_worker_++;
  WorkerRecord& worker = workers_[index];
  if (!known) {
    by_id_.emplace(id, index);
    worker.info.id = id;
    worker.info.scheduler = scheduler;
    if (!scheduler) worker.info.first_slot = numbers_.take(join.slots);
    worker.info.joined = now;
  }
  change_slots(index, worker, join.slots);
  worker.info.name = join.name;
  worker.info.host = join.host;
  worker.info.process = join.process;
  worker.info.devices = join.devices;
  worker.info.labels = join.labels;
  worker.info.resources = join.resources;
  worker.space = join.space;
  worker.info.connected = true;
  worker.info.last_heard = now;
  worker.stamp = ++next_stamp_;
  watch(now + options_.lease, Deadline::Kind::lease, index, worker.stamp);
  notify(known ? Notice::Kind::returned : Notice::Kind::joined, worker.info.name);
  return index;
}

inline void HeadState::change_slots(WorkerIndex index, WorkerRecord& worker, std::size_t slots) {
  if (worker.info.slots == slots) return;
  slots_ += slots;
  slots_ -= std::exchange(worker.info.slots, slots);
  if (worker.slot_free.size() < slots) worker.slot_free.resize(slots, Time::min());
  update_ready(index, worker);
  slots_changed();
}

// What a worker says it has is its own. What it was given and does not have was lost on the way.
inline void HeadState::settle_claims(WorkerIndex index, WorkerRecord& worker, const Join& join, Time now) {
  const std::vector<GivenTask> before = std::exchange(worker.given, {});
  worker.taken.clear();
  std::set<TaskId> claimed;
  const auto claim_all = [&](const std::vector<TaskId>& ids, bool begun) {
    for (const TaskId id : ids)
      if (claimed.insert(id).second) claim(index, worker, id, begun, now);
  };
  claim_all(join.running, true);
  claim_all(join.finished, true);
  claim_all(join.queued, false);
  for (const GivenTask& given : before) {
    drop_given(given);
    if (claimed.contains(given.id)) continue;
    const auto task = tasks_.find(given.id);
    if (task != tasks_.end())
      drop(index, given.id, task->second, false, {}, now);
    else
      forget_unclaimed(index, given.id);
  }
  update_ready(index, worker);
}

// A worker has a task, begun or not. It stops those that nobody wants.
inline void HeadState::claim(WorkerIndex index, WorkerRecord& worker, TaskId id, bool begun, Time now) {
  const auto found = tasks_.find(id);
  const bool known = found != tasks_.end() && found->second.state != State::ended;
  keep_given(worker, {id, known ? found->second.needs : 0});
  if (found == tasks_.end() && keep_unclaimed(index, id, now)) return;
  if (!known || found->second.cancelled) send(worker.connection, Cancel{id});
  if (!known) return;
  TaskRecord& task = found->second;
  take(worker.taken, kinds_[task.needs].needs.resources);
  if (!std::ranges::count(task.holders, index)) task.holders.push_back(index);
  if (task.state == State::given && task.worker != index) {
    if (!begun) send(worker.connection, Recall{id});  // otherwise they race
    return;
  }
  leave_queue(id, task);
  set_state(task, State::given);
  task.worker = index;
  task.recalled = false;
  if (std::exchange(task.for_free_slot, false)) --recalls_;
  if (worker.given.size() <= worker.info.slots) watch_begun(worker, worker.given.size() - 1, now);
}

// A worker has a task that nobody knows. After a scheduler's start, its program may not have come back yet.
inline bool HeadState::keep_unclaimed(WorkerIndex index, TaskId id, Time now) {
  if (!claims_until_) return false;
  return unclaimed_.emplace(id, UnclaimedTask{index, {}, now}).first->second.worker == index;
}

inline void HeadState::forget_unclaimed(WorkerIndex index, TaskId id) {
  const auto found = unclaimed_.find(id);
  if (found != unclaimed_.end() && found->second.worker == index && !found->second.result) unclaimed_.erase(found);
}

inline void HeadState::end_claims() {
  claims_until_.reset();
  for (const auto& [id, task] : std::exchange(unclaimed_, {})) {
    if (task.result) ++counters_.duplicates;
    const auto worker = workers_.find(task.worker);
    if (worker == workers_.end()) continue;
    if (task.result)
      send(worker->second.connection, Ack{id});
    else
      send(worker->second.connection, Cancel{id});
  }
}

// `why` is for people, and the reason of trials that fail with the worker.
inline void HeadState::remove_worker(WorkerIndex index, Notice::Kind how, std::string_view why, Time now) {
  const auto found = workers_.find(index);
  WorkerRecord worker = std::move(found->second);
  workers_.erase(found);
  by_id_.erase(worker.info.id);
  if (!worker.info.scheduler) numbers_.give_back(worker.info.first_slot, worker.info.slots);
  if (!worker.info.draining) slots_ -= worker.info.slots;
  free_total_ -= worker.free_counted;
  if (worker.backlog > 0) backlogs_.erase({worker.backlog, index});
  for (std::size_t kind = 0; kind < worker.ready.size(); ++kind)
    if (worker.ready[kind]) kinds_[kind].ready.erase({*worker.ready[kind], index});
  if (how == Notice::Kind::lost) ++counters_.lost_workers;
  if (worker.connection != 0) close(worker.connection);
  for (std::size_t i = 0; i < worker.given.size(); ++i) {
    const auto task = tasks_.find(worker.given[i].id);
    drop_given(worker.given[i]);
    if (task == tasks_.end()) {
      forget_unclaimed(index, worker.given[i].id);
      continue;
    }
    const bool blamed = how == Notice::Kind::lost && i < worker.info.slots && !worker.info.scheduler;
    const std::string reason = "worker " + worker.info.name + ": " + std::string{why};
    drop(index, worker.given[i].id, task->second, blamed, reason, now);
  }
  notify(how, worker.info.name, why);
  slots_changed();
  assign(now);
}

inline void HeadState::use_space(std::uint64_t fingerprint, Time now) {
  if (options_.space == fingerprint) return;
  options_.space = fingerprint;
  std::vector<std::pair<WorkerIndex, ConnectionId>> strange;
  Program program = options_.program;
  program.space = fingerprint;
  for (const auto& [index, worker] : workers_) {
    if (worker.info.scheduler) send(worker.connection, program);
    if (worker.space && *worker.space != fingerprint) strange.emplace_back(index, worker.connection);
  }
  for (const auto& [index, connection] : strange) {
    const WorkerRecord& worker = workers_.at(index);
    Join join;
    join.space = worker.space;
    refuse(connection, "space", objection(join), worker.info.name);
    remove_worker(index, Notice::Kind::left, "searches another space", now);
  }
}

inline bool HeadState::drain(std::string_view worker_id, Time /*now*/) {
  const auto found = by_id_.find(std::string{worker_id});
  if (found == by_id_.end()) return false;
  WorkerRecord& worker = workers_.at(found->second);
  if (worker.info.scheduler) return false;
  if (!std::exchange(worker.info.draining, true)) {
    slots_ -= worker.info.slots;
    update_ready(found->second, worker);
    send(worker.connection, Drain{});
    slots_changed();
  }
  return true;
}

inline std::vector<WorkerInfo> HeadState::worker_infos() const {
  std::vector<WorkerInfo> infos;
  for (const auto& [index, worker] : workers_) {
    infos.push_back(worker.info);
    infos.back().running = std::min(worker.given.size(), worker.info.slots);
    infos.back().queued = worker.given.size() - infos.back().running;
  }
  std::ranges::sort(infos, {}, &WorkerInfo::first_slot);
  return infos;
}

inline std::map<std::optional<std::uint64_t>, std::size_t> HeadState::slots_by_space() const {
  std::map<std::optional<std::uint64_t>, std::size_t> slots;
  for (const auto& [index, worker] : workers_)
    if (!worker.info.draining) slots[worker.space] += worker.info.slots;
  return slots;
}

}  // namespace hposearch::inline v0::cluster
