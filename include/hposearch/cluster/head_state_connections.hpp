/// \file
/// The head's state machine: connections and workers.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <hposearch/cluster/head_state_class.hpp>

namespace hposearch::inline v0::cluster {

template <class M>
void HeadState::send(ConnectionId id, const M& message) {
  const auto found = connections_.find(id);
  if (found == connections_.end() || found->second.phase == Phase::closing) return;
  write_message(found->second.outgoing, message);
  if (!std::exchange(found->second.listed, true)) written_.push_back(id);
}

inline void HeadState::close(ConnectionId id) {
  const auto found = connections_.find(id);
  if (found == connections_.end()) return;
  ConnectionRecord& connection = found->second;
  if (connection.phase == Phase::challenged || connection.phase == Phase::welcomed) --strangers_;
  if (std::exchange(connection.phase, Phase::closing) != Phase::closing) closed_.push_back(id);
}

inline void HeadState::refuse(ConnectionId id, std::string code, std::string reason, std::string_view worker) {
  ++counters_.refused;
  notify(Notice::Kind::refused, std::string{worker}, reason);
  send(id, Refuse{std::move(code), std::move(reason)});
  close(id);
}

inline void HeadState::refuse_malformed(ConnectionId id, std::string_view why, Time now) {
  const auto found = connections_.find(id);
  if (found == connections_.end() || found->second.phase == Phase::closing) return;
  ++counters_.malformed;
  const bool joined = found->second.phase == Phase::joined;
  const WorkerIndex worker = found->second.worker;
  refuse(id, "protocol", std::string{why}, joined ? workers_.at(worker).info.name : std::string{});
  if (joined) remove_worker(worker, Notice::Kind::lost, why, now);
}

inline void HeadState::connected(ConnectionId id, Time now) {
  listen(now);
  ConnectionRecord& connection = connections_[id];
  ++strangers_;
  if (strangers_ > options_.max_strangers) {
    ++counters_.refused;
    return close(id);  // without a word: a flood is not worth one
  }
  connection.nonce = options_.nonce();
  Challenge challenge;
  challenge.nonce = connection.nonce;
  send(id, challenge);
  watch(now + options_.handshake, Deadline::Kind::handshake, id, 0);
}

inline void HeadState::closed(ConnectionId id, Time now) {
  listen(now);
  const auto found = connections_.find(id);
  if (found == connections_.end()) return;
  const Phase phase = found->second.phase;
  const WorkerIndex index = found->second.worker;
  if (phase == Phase::challenged || phase == Phase::welcomed) --strangers_;
  connections_.erase(found);
  if (phase != Phase::joined) return;
  WorkerRecord& worker = workers_.at(index);
  worker.connection = 0;
  worker.info.connected = false;
  worker.stamp = ++next_stamp_;
  update_ready(index, worker);
  watch(std::max(now + options_.reconnect, listening_since_ + options_.lease), Deadline::Kind::reconnect, index,
        worker.stamp);
  notify(Notice::Kind::broken, worker.info.name);
}

inline void HeadState::received(ConnectionId id, const Frame& frame, Time now) {
  listen(now);
  const auto found = connections_.find(id);
  if (found == connections_.end() || found->second.phase == Phase::closing) return;
  try {
    dispatch(id, found->second, frame, now);
  } catch (const MalformedMessage& error) {
    refuse_malformed(id, error.what(), now);
  }
}

// `connection` is not used after what may remove it.
inline void HeadState::dispatch(ConnectionId id, ConnectionRecord& connection, const Frame& frame, Time now) {
  if (connection.phase == Phase::challenged) {
    if (frame.kind != FrameKind::hello) throw MalformedMessage("a hello must come first");
    return greet(id, connection, read_message<Hello>(frame.body));
  }
  if (connection.phase == Phase::welcomed) {
    if (frame.kind == FrameKind::refuse) return close(id);
    if (frame.kind != FrameKind::join) throw MalformedMessage("a join must come after the hello");
    return join(id, connection, read_message<Join>(frame.body), now);
  }
  const WorkerIndex index = connection.worker;
  WorkerRecord& worker = workers_.at(index);
  worker.info.last_heard = now;
  switch (frame.kind) {
    case FrameKind::result:
      return take_result(index, read_message<Result>(frame.body), now);
    case FrameKind::report:
      return take_report(index, read_message<Report>(frame.body));
    case FrameKind::ping:
      static_cast<void>(read_message<Ping>(frame.body));
      return send(id, Pong{});
    case FrameKind::drain:
      static_cast<void>(read_message<Drain>(frame.body));
      if (!std::exchange(worker.info.draining, true)) {
        slots_ -= worker.info.slots;
        update_ready(index, worker);
        slots_changed();
      }
      return;
    case FrameKind::bye:
      return remove_worker(index, Notice::Kind::left, read_message<Bye>(frame.body).reason, now);
    case FrameKind::refuse:
      return remove_worker(index, Notice::Kind::lost, read_message<Refuse>(frame.body).reason, now);
    default:
      throw MalformedMessage("a worker does not send this kind of message");
  }
}

inline void HeadState::greet(ConnectionId id, ConnectionRecord& connection, const Hello& hello) {
  if (hello.version != protocol_version) {
    return refuse(id, "version",
                  "speaks version " + to_text(hello.version) + " of the protocol, and the head speaks " +
                      to_text(protocol_version),
                  {});
  }
  if (hello.worker.empty() || hello.worker.size() > max_name) throw MalformedMessage("a worker's id must not be empty");
  const Proof expected = make_proof(token_.bytes(), Side::worker, connection.nonce, hello.nonce, hello.worker);
  if (!same_proof(expected, hello.proof)) return refuse(id, "token", "has another token than the head", {});
  connection.worker_id = hello.worker;
  connection.phase = Phase::welcomed;
  send(id, Welcome{make_proof(token_.bytes(), Side::head, connection.nonce, hello.nonce, hello.worker)});
}

// Why a worker cannot join; empty if it can.
inline std::string HeadState::objection(const Join& join) const {
  if (options_.space && join.space && *options_.space != *join.space)
    return "searches another space (fingerprint " + to_text(*join.space) + ", the head's is " +
           to_text(*options_.space) + "): it was built from another version of the program";
  return {};
}

inline void HeadState::join(ConnectionId id, ConnectionRecord& connection, Join join, Time now) {
  if (join.slots < 1 || join.slots > max_worker_slots)
    throw MalformedMessage("a worker must have 1 to " + to_text(max_worker_slots) + " slots");
  join.name.resize(std::min(join.name.size(), max_name));
  join.host.resize(std::min(join.host.size(), max_name));
  if (join.name.empty()) join.name = connection.worker_id;
  if (std::string reason = objection(join); !reason.empty()) return refuse(id, "space", reason, join.name);

  const std::string worker_id = connection.worker_id;
  --strangers_;
  connection.phase = Phase::joined;
  const WorkerIndex index = enlist(worker_id, join, now);
  connection.worker = index;
  WorkerRecord& worker = workers_.at(index);
  const ConnectionId before = std::exchange(worker.connection, id);
  if (before != 0) refuse(before, "replaced", "the worker has connected anew", worker.info.name);
  Accept accept;
  accept.heartbeat_ms = static_cast<std::uint64_t>(options_.heartbeat.count());
  accept.lease_ms = static_cast<std::uint64_t>(options_.lease.count());
  accept.first_slot = worker.info.first_slot;
  accept.max_body = options_.max_body;
  send(id, accept);
  if (worker.info.draining) send(id, Drain{});
  settle_claims(index, worker, join, now);
  assign(now);
}

// The record of a worker that joins: a new one, or the one that it had.
inline WorkerIndex HeadState::enlist(const std::string& id, const Join& join, Time now) {
  auto found = by_id_.find(id);
  if (found != by_id_.end() && workers_.at(found->second).info.slots != join.slots) {
    remove_worker(found->second, Notice::Kind::left, "came back with another number of slots", now);
    found = by_id_.end();
  }
  const bool known = found != by_id_.end();
  const WorkerIndex index = known ? found->second : next_worker_++;
  WorkerRecord& worker = workers_[index];
  if (!known) {
    by_id_.emplace(id, index);
    worker.info.id = id;
    worker.info.slots = join.slots;
    worker.info.first_slot = numbers_.take(join.slots);
    worker.info.joined = now;
    worker.slot_free.assign(join.slots, Time::min());
    slots_ += join.slots;
    slots_changed();
  }
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
    if (claimed.contains(given.id)) continue;
    const auto task = tasks_.find(given.id);
    if (task != tasks_.end()) drop(index, given.id, task->second, false, {}, now);
  }
  update_ready(index, worker);
}

// A worker has a task, begun or not. It stops those that nobody wants.
inline void HeadState::claim(WorkerIndex index, WorkerRecord& worker, TaskId id, bool begun, Time now) {
  const auto found = tasks_.find(id);
  const bool known = found != tasks_.end() && found->second.state != State::ended;
  worker.given.push_back({id, known ? found->second.needs : 0});
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
  task.state = State::given;
  task.worker = index;
  task.recalled = false;
  if (std::exchange(task.for_free_slot, false)) --recalls_;
  if (worker.given.size() <= worker.info.slots) watch_begun(worker, worker.given.size() - 1, now);
}

// `why` is for people, and the reason of trials that fail with the worker.
inline void HeadState::remove_worker(WorkerIndex index, Notice::Kind how, std::string_view why, Time now) {
  const auto found = workers_.find(index);
  WorkerRecord worker = std::move(found->second);
  workers_.erase(found);
  by_id_.erase(worker.info.id);
  numbers_.give_back(worker.info.first_slot, worker.info.slots);
  if (!worker.info.draining) slots_ -= worker.info.slots;
  free_total_ -= worker.free_counted;
  if (worker.backlog > 0) backlogs_.erase({worker.backlog, index});
  for (std::size_t kind = 0; kind < worker.ready.size(); ++kind)
    if (worker.ready[kind]) kinds_[kind].ready.erase({*worker.ready[kind], index});
  if (how == Notice::Kind::lost) ++counters_.lost_workers;
  if (worker.connection != 0) close(worker.connection);
  for (std::size_t i = 0; i < worker.given.size(); ++i) {
    const auto task = tasks_.find(worker.given[i].id);
    if (task == tasks_.end()) continue;
    const bool blamed = how == Notice::Kind::lost && i < worker.info.slots;
    const std::string reason = "worker " + worker.info.name + ": " + std::string{why};
    drop(index, worker.given[i].id, task->second, blamed, reason, now);
  }
  notify(how, worker.info.name, why);
  slots_changed();
  assign(now);
}

inline void HeadState::tick(Time now) {
  listen(now);
  while (!deadlines_.empty() && deadlines_.top().when <= now) {
    const Deadline due = deadlines_.top();
    deadlines_.pop();
    if (due.when < listening_since_) {  // nobody could be heard
      watch(listening_since_ + options_.lease, due.kind, due.id, due.stamp);
      continue;
    }
    if (due.kind == Deadline::Kind::handshake) {
      const auto found = connections_.find(due.id);
      if (found == connections_.end()) continue;
      if (found->second.phase == Phase::challenged || found->second.phase == Phase::welcomed)
        refuse(due.id, "protocol", "has not proven itself in time", {});
    } else if (due.kind == Deadline::Kind::task || due.kind == Deadline::Kind::hold) {
      const auto found = tasks_.find(due.id);
      if (found == tasks_.end() || found->second.stamp != due.stamp) continue;
      if (due.kind == Deadline::Kind::task)
        overdue(due.id, now);
      else if (found->second.state == State::held)
        enqueue(due.id, found->second);
    } else {
      const auto index = static_cast<WorkerIndex>(due.id);
      const auto found = workers_.find(index);
      if (found == workers_.end() || found->second.stamp != due.stamp) continue;
      const Time expiry = std::max(found->second.info.last_heard, listening_since_) + options_.lease;
      if (due.kind == Deadline::Kind::reconnect)
        remove_worker(index, Notice::Kind::lost, "its connection broke", now);
      else if (expiry > now)
        watch(expiry, Deadline::Kind::lease, index, due.stamp);
      else
        remove_worker(index, Notice::Kind::lost, "not heard of for " + to_text(options_.lease.count()) + " ms", now);
    }
  }
  assign(now);
}

inline void HeadState::use_space(std::uint64_t fingerprint, Time now) {
  if (options_.space == fingerprint) return;
  options_.space = fingerprint;
  std::vector<std::pair<WorkerIndex, ConnectionId>> strange;
  for (const auto& [index, worker] : workers_)
    if (worker.space && *worker.space != fingerprint) strange.emplace_back(index, worker.connection);
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
  if (!std::exchange(worker.info.draining, true)) {
    slots_ -= worker.info.slots;
    update_ready(found->second, worker);
    send(worker.connection, Drain{});
    slots_changed();
  }
  return true;
}

inline void HeadState::shut_down(std::string_view reason) {
  for (const auto& [index, worker] : workers_) {
    send(worker.connection, Bye{std::string{reason}});
    close(worker.connection);
  }
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

}  // namespace hposearch::inline v0::cluster
