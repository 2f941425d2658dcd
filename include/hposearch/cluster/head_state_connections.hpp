/// \file
/// The head's state machine: connections and time.
#pragma once

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

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

inline void HeadState::refuse(ConnectionId id, std::string code, std::string reason, std::string_view who,
                              bool program) {
  ++counters_.refused;
  notify(Notice::Kind::refused, std::string{who}, reason, program);
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

inline void HeadState::adopt(ConnectionId id, std::string scheduler, Time now) {
  listen(now);
  ConnectionRecord& connection = connections_[id];
  ++strangers_;
  connection.phase = Phase::welcomed;
  connection.worker_id = std::move(scheduler);
  connection.scheduler = true;
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
  watch(std::max(now + options_.reconnect, attention_.since() + options_.lease), Deadline::Kind::reconnect, index,
        worker.stamp);
  notify(Notice::Kind::broken, worker.info.name);
}

inline void HeadState::received(ConnectionId id, const Frame& frame, Time now) {
  listen(now);
  const auto found = connections_.find(id);
  if (found == connections_.end() || found->second.phase == Phase::closing || found->second.phase == Phase::program)
    return;
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
    case FrameKind::slots: {
      const Slots slots = read_message<Slots>(frame.body);
      if (!worker.info.scheduler || slots.slots > max_scheduler_slots)
        throw MalformedMessage("only a scheduler says how many slots it has, up to " + to_text(max_scheduler_slots));
      change_slots(index, worker, slots.slots);
      return assign(now);
    }
    case FrameKind::bye:
      return remove_worker(index, Notice::Kind::left, read_message<Bye>(frame.body).reason, now);
    case FrameKind::refuse:
      return remove_worker(index, Notice::Kind::lost, read_message<Refuse>(frame.body).reason, now);
    default:
      throw MalformedMessage("a worker does not send this kind of message");
  }
}

inline void HeadState::greet(ConnectionId id, ConnectionRecord& connection, const Hello& hello) {
  if (hello.version < min_protocol_version || hello.version > protocol_version) {
    return refuse(id, "version",
                  "speaks version " + to_text(hello.version) + " of the protocol, and the head speaks " +
                      to_text(min_protocol_version) + " to " + to_text(protocol_version),
                  {});
  }
  if (hello.worker.empty() || hello.worker.size() > max_name) throw MalformedMessage("a worker's id must not be empty");
  const bool program = hello.role == "program" && hello.version > 1;
  if (!program && !hello.role.empty() && hello.role != "worker")
    throw MalformedMessage("its role must be worker or, from version 2 on, program");
  const Proof expected =
      make_proof(token_.bytes(), program ? Side::program : Side::worker, connection.nonce, hello.nonce, hello.worker);
  if (!same_proof(expected, hello.proof)) return refuse(id, "token", "has another token than the head", {});
  if (program && !options_.takes_programs)
    return refuse(id, "role", "this is the head of another program: it takes workers, and programs need a scheduler",
                  {}, true);
  connection.worker_id = hello.worker;
  connection.phase = Phase::welcomed;
  send(id, Welcome{make_proof(token_.bytes(), Side::head, connection.nonce, hello.nonce, hello.worker)});
  if (!program) return;
  --strangers_;
  connection.phase = Phase::program;
  programs_.push_back({id, hello.worker});
}

inline void HeadState::join(ConnectionId id, ConnectionRecord& connection, Join join, Time now) {
  const bool scheduler = connection.scheduler;
  if (scheduler ? join.slots > max_scheduler_slots : join.slots < 1 || join.slots > max_worker_slots)
    throw MalformedMessage("a worker must have 1 to " + to_text(max_worker_slots) + " slots");
  join.name.resize(std::min(join.name.size(), max_name));
  join.host.resize(std::min(join.host.size(), max_name));
  if (join.name.empty()) join.name = connection.worker_id;
  if (std::string reason = objection(join); !reason.empty()) return refuse(id, "space", reason, join.name);

  const std::string worker_id = connection.worker_id;
  --strangers_;
  connection.phase = Phase::joined;
  const WorkerIndex index = enlist(worker_id, join, scheduler, now);
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
  if (scheduler) {
    Program program = options_.program;
    program.space = options_.space;
    send(id, program);
  }
  if (worker.info.draining) send(id, Drain{});
  settle_claims(index, worker, join, now);
  assign(now);
}

inline void HeadState::tick(Time now) {
  listen(now);
  while (!deadlines_.empty() && deadlines_.top().when <= now) {
    const Deadline due = deadlines_.top();
    deadlines_.pop();
    if (due.when < attention_.since()) {  // nobody could be heard
      watch(attention_.since() + options_.lease, due.kind, due.id, due.stamp);
      continue;
    }
    if (due.kind == Deadline::Kind::handshake) {
      const auto found = connections_.find(due.id);
      if (found == connections_.end()) continue;
      if (found->second.phase == Phase::challenged || found->second.phase == Phase::welcomed)
        refuse(due.id, "protocol", "has not proven itself in time", {});
    } else if (due.kind == Deadline::Kind::claims) {
      end_claims();
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
      const Time expiry = std::max(found->second.info.last_heard, attention_.since()) + options_.lease;
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

inline void HeadState::shut_down(std::string_view reason) {
  for (const auto& [index, worker] : workers_) {
    send(worker.connection, Bye{std::string{reason}});
    close(worker.connection);
  }
}

}  // namespace hposearch::inline v0::cluster
