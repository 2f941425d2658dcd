/// \file
/// The head's state machine: which worker gets which task.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <tuple>
#include <utility>

#include <hposearch/cluster/head_state_class.hpp>

namespace hposearch::inline v0::cluster {

// Those that nothing uses any more are forgotten only when there are many.
inline std::size_t HeadState::kind_of(const TrialNeeds& needs, std::optional<std::uint64_t> space) {
  const auto found =
      std::ranges::find_if(kinds_, [&](const NeedsQueue& kind) { return kind.space == space && kind.needs == needs; });
  if (found != kinds_.end()) return static_cast<std::size_t>(found - kinds_.begin());
  const std::size_t i = free_kind();
  kinds_[i].needs = needs;
  kinds_[i].space = space;
  for (auto& [index, worker] : workers_) update_ready(index, worker);
  return i;
}

inline std::size_t HeadState::free_kind() {
  constexpr std::size_t many = 64, most = 4096;
  for (std::size_t i = 1; kinds_.size() >= many && i < kinds_.size(); ++i) {
    if (kinds_[i].uses > 0) continue;
    kinds_[i] = {};
    for (auto& [index, worker] : workers_) worker.ready[i].reset();
    return i;
  }
  if (kinds_.size() == most)
    throw InvalidArgument("needs", "another kind", "must be of " + to_text(most) + " kinds at once");
  kinds_.emplace_back();
  return kinds_.size() - 1;
}

inline void HeadState::set_state(TaskRecord& task, State state) {
  if (task.state == State::given) {
    const auto found = loads_.find(task.owner);
    --(task.begun ? found->second.running : found->second.queued);
    if (found->second.running + found->second.queued == 0) loads_.erase(found);
  }
  task.state = state;
  task.begun = false;
  if (state == State::given) ++loads_[task.owner].queued;
}

inline void HeadState::set_begun(TaskRecord& task) {
  if (task.state != State::given || std::exchange(task.begun, true)) return;
  OwnerLoad& load = loads_.at(task.owner);
  --load.queued;
  ++load.running;
}

inline void HeadState::keep_given(WorkerRecord& worker, GivenTask given) {
  ++kinds_[given.needs].uses;
  worker.given.push_back(given);
}

inline void HeadState::enqueue(TaskId id, TaskRecord& task) {
  set_state(task, State::pending);
  task.stamp = ++next_stamp_;
  kinds_[task.needs].pending[task.owner].emplace(task.order, id);
}

inline void HeadState::leave_queue(TaskId id, TaskRecord& task) {
  if (task.state != State::pending) return;
  auto& pending = kinds_[task.needs].pending;
  const auto queue = pending.find(task.owner);
  if (queue == pending.end()) return;
  queue->second.erase({task.order, id});
  if (queue->second.empty()) pending.erase(queue);
}

// Gives tasks to workers, as long as there are both. Free slots are for the owner that has the fewest, and so is the
// room to wait for one; of the same owner, the oldest goes first.
inline void HeadState::assign(Time now) {
  for (;;) {
    NeedsQueue* best = nullptr;
    std::tuple<bool, std::size_t, std::pair<std::uint64_t, TaskId>> first;
    for (NeedsQueue& kind : kinds_) {
      if (kind.ready.empty()) continue;
      const bool waits = kind.ready.begin()->first >= 1;
      for (const auto& [owner, queue] : kind.pending) {
        if (waits && !may_wait(owner)) continue;
        const OwnerLoad load = load_of(owner);
        const std::tuple candidate{waits, waits ? load.queued : load.running, *queue.begin()};
        if (best != nullptr && candidate >= first) continue;
        best = &kind;
        first = candidate;
      }
    }
    if (best == nullptr) break;
    const TaskId id = std::get<2>(first).second;
    TaskRecord& task = tasks_.at(id);
    leave_queue(id, task);
    give(id, task, best->ready.begin()->second, now);
  }
  recall_for_free_slots();
  recall_for_shares();
}

inline void HeadState::give(TaskId id, TaskRecord& task, WorkerIndex index, Time now) {
  WorkerRecord& worker = workers_.at(index);
  const TrialNeeds& needs = kinds_[task.needs].needs;
  set_state(task, State::given);
  task.worker = index;
  task.holders.push_back(index);
  task.reports = 0;
  task.recalled = false;
  keep_given(worker, {id, task.needs});
  take(worker.taken, needs.resources);
  if (worker.given.size() <= worker.info.slots) watch_begun(worker, worker.given.size() - 1, now);
  update_ready(index, worker);

  Task message;
  message.task = id;
  message.trial = task.shown;
  message.attempt = task.attempt + task.losses;
  std::swap(message.point.bytes, task.point);  // lent for the writing
  if (task.timeout) message.timeout_ns = static_cast<std::uint64_t>(task.timeout->count());
  message.resources = needs.resources;
  if (worker.info.scheduler) {
    message.labels = needs.labels;
    message.again = task.again;
  }
  task.again = true;
  send(worker.connection, message);
  std::swap(message.point.bytes, task.point);
}

// The task at a position has, as far as the head can tell, begun: its time limit counts from now.
inline void HeadState::watch_begun(const WorkerRecord& worker, std::size_t position, Time now) {
  const TaskId id = worker.given[position].id;
  const auto found = tasks_.find(id);
  if (found == tasks_.end()) return;
  TaskRecord& task = found->second;
  set_begun(task);
  if (std::exchange(task.for_free_slot, false)) --recalls_;
  if (worker.info.scheduler || !task.timeout || task.state != State::given || task.cancelled) return;
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

// Tasks that wait at a worker make room for those of an owner that has fewer.
inline void HeadState::recall_for_shares() {
  if (backlogs_.empty()) return;
  for (const NeedsQueue& kind : kinds_)
    for (const auto& [owner, queue] : kind.pending)
      if (recall_for_share(kind, owner)) return;  // the next with the next event
}

inline bool HeadState::recall_for_share(const NeedsQueue& kind, Owner owner) {
  if (!may_wait(owner) || (loads_.size() == 1 && loads_.contains(owner))) return false;
  constexpr int most = 8;  // workers to look at
  int looked = 0;
  for (auto backlog = backlogs_.rbegin(); backlog != backlogs_.rend() && looked < most; ++backlog, ++looked) {
    const WorkerIndex index = backlog->second;
    WorkerRecord& worker = workers_.at(index);
    if (!suits(worker, kind)) continue;
    for (std::size_t i = worker.given.size(); i-- > worker.info.slots;) {
      const auto found = tasks_.find(worker.given[i].id);
      if (found == tasks_.end() || found->second.recalled || found->second.state != State::given) continue;
      if (load_of(found->second.owner).queued <= load_of(owner).queued + 1 + recalls_) continue;
      found->second.recalled = found->second.for_free_slot = true;
      ++recalls_;
      send(worker.connection, Recall{found->first});
      update_ready(index, worker);
      return true;
    }
  }
  return false;
}

// Whether a worker has what tasks of a kind need, in use or not.
inline bool HeadState::suits(const WorkerRecord& worker, const NeedsQueue& kind) {
  if (worker.info.scheduler) return true;  // which knows its workers
  if (kind.space && worker.space && *kind.space != *worker.space) return false;
  return std::ranges::all_of(kind.needs.labels,
                             [&](const auto& label) { return std::ranges::count(worker.info.labels, label) > 0; }) &&
         suffices(worker.info.resources, {}, kind.needs.resources);
}

// How much a worker has to do in relation to its slots; nothing where it takes no more tasks of a kind.
inline std::optional<double> HeadState::readiness(const WorkerRecord& worker, const NeedsQueue& kind) const {
  const std::size_t slots = worker.info.slots;
  if (!worker.takes_tasks() || worker.given.size() >= slots * (1 + options_.prefetch)) return {};
  const double load = static_cast<double>(worker.given.size()) / static_cast<double>(slots);
  if (!suits(worker, kind)) return {};
  const bool now = worker.given.size() < slots &&
                   (worker.info.scheduler || suffices(worker.info.resources, worker.taken, kind.needs.resources));
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
  drop_given(*found);
  worker.given.erase(found);
  if (position < worker.info.slots && worker.given.size() >= worker.info.slots)
    watch_begun(worker, worker.info.slots - 1, now);
  update_ready(index, worker);
}

}  // namespace hposearch::inline v0::cluster
