/// \file
/// The scheduler's state machine: programs, their connections and their shares.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <hposearch/cluster/scheduler_state_class.hpp>

namespace hposearch::inline v0::cluster {

inline SchedulerState::SchedulerState(Token token, HeadOptions options, Time now)
    : head_(std::move(token), with_programs(std::move(options))), attention_(head_.options().heartbeat) {
  // Workers and programs of an earlier scheduler may be about to come back.
  head_.expect_claims(now + head_.options().lease);
}

inline void SchedulerState::connected(ConnectionId id, Time now) {
  head_.connected(id, now);
  settle(now);
}

inline void SchedulerState::received(ConnectionId id, const Frame& frame, Time now) {
  attention_.listen(now, !programs_.empty());
  if (const auto found = by_connection_.find(id); found != by_connection_.end()) {
    const Owner owner = found->second;
    ProgramRecord& program = programs_.at(owner);
    program.last_heard = now;
    try {
      dispatch(owner, program, frame, now);
    } catch (const MalformedMessage& error) {
      malformed(id, error.what(), now);
    }
  } else {
    head_.received(id, frame, now);
  }
  settle(now);
}

inline void SchedulerState::malformed(ConnectionId id, std::string_view why, Time now) {
  const auto found = by_connection_.find(id);
  head_.malformed(id, why, now);
  if (found != by_connection_.end()) forget(found->second, Notice::Kind::lost, why, now);
  settle(now);
}

inline void SchedulerState::closed(ConnectionId id, Time now) {
  attention_.listen(now, !programs_.empty());
  if (ProgramRecord* const program = program_of(id)) {
    hang_up(*program);
    if (program->introduced) notify(Notice::Kind::broken, *program);
  }
  head_.closed(id, now);
  settle(now);
}

// The connection is of no use any more; the program may make another.
inline void SchedulerState::hang_up(ProgramRecord& program) {
  by_connection_.erase(program.connection);
  program.connection = 0;
  program.accepted = false;
  program.info.connected = false;
  program.reports.connection_ended();
}

inline void SchedulerState::tick(Time now) {
  attention_.listen(now, !programs_.empty());
  head_.tick(now);
  for (auto next = programs_.begin(); next != programs_.end();) {
    const auto program = next++;
    if (!attend(program->second, now)) continue;
    forget(program->first, Notice::Kind::lost, "not heard of for too long", now);
  }
  settle(now);
}

// What a program's time has come for. \returns whether it is dead
inline bool SchedulerState::attend(ProgramRecord& program, Time now) {
  const Time heard = std::max(program.last_heard, attention_.since());
  if (now >= heard + std::max(program.lease, options().lease)) {
    if (program.connection != 0) head_.close(program.connection);
    return true;
  }
  if (program.connection != 0 && !program.accepted && now >= program.connected + options().handshake) {
    head_.refuse(program.connection, "protocol", "has not accepted the scheduler in time", program.info.name, true);
    hang_up(program);
  } else if (program.accepted && now >= heard + program.lease) {
    head_.close(program.connection);
    hang_up(program);
    notify(Notice::Kind::broken, program, "not heard of");
  } else if (program.accepted && now >= program.next_ping()) {
    ping(program, now);
  }
  if (program.not_full && now >= *program.not_full + options().heartbeat) {
    program.hungry = false;
    program.not_full.reset();
    if (program.info.unfinished > 0) program.not_full = now;
    shares_changed_ = true;
  }
  return false;
}

inline Time SchedulerState::next_tick() const {
  Time next = head_.next_tick();
  if (!programs_.empty()) next = std::min(next, attention_.next());
  for (const auto& [owner, program] : programs_) {
    const Time heard = std::max(program.last_heard, attention_.since());
    next = std::min(next, heard + (program.accepted ? program.lease : std::max(program.lease, options().lease)));
    if (program.accepted) next = std::min(next, program.next_ping());
    if (program.connection != 0 && !program.accepted) next = std::min(next, program.connected + options().handshake);
    if (program.not_full) next = std::min(next, *program.not_full + options().heartbeat);
  }
  return next;
}

inline void SchedulerState::ping(ProgramRecord& program, Time now) {
  send(program, Ping{}, now);
  program.reports.asked();
  program.last_ping = now;
}

// A program has proven itself: it is told what this scheduler is to it.
inline void SchedulerState::admit(const ProgramArrival& arrival, Time now) {
  auto known = by_id_.find(arrival.id);
  if (known == by_id_.end() && programs_.size() >= max_programs)
    return head_.refuse(arrival.connection, "protocol", "there are too many programs", {}, true);
  const bool returned = known != by_id_.end();
  if (!returned) known = by_id_.emplace(arrival.id, next_owner_++).first;
  ProgramRecord& program = programs_[known->second];
  if (program.connection != 0) {
    head_.refuse(program.connection, "replaced", "the program has connected anew", program.info.name, true);
    hang_up(program);
  }
  if (!returned) program.info.id = program.info.name = arrival.id;
  program.returned = returned;
  program.introduced = false;
  program.connection = arrival.connection;
  by_connection_[arrival.connection] = known->second;
  program.connected = program.last_heard = program.last_ping = now;
  shares_changed_ = true;
  update_shares(now);

  Join join;
  join.slots = static_cast<std::uint32_t>(program.info.slots);
  program.told_slots = program.info.slots;
  join.name = options().program.name;
  join.host = options().program.host;
  join.process = options().program.process;
  for (const auto& [id, task] : program.tasks)
    (task.result ? join.finished : head_.is_given(id) ? join.running : join.queued).push_back(id);
  send(program, join, now);
}

inline void SchedulerState::dispatch(Owner owner, ProgramRecord& program, const Frame& frame, Time now) {
  if (frame.kind == FrameKind::refuse) {
    static_cast<void>(read_message<Refuse>(frame.body));
    head_.close(program.connection);
    return hang_up(program);
  }
  if (!program.accepted) {
    if (frame.kind != FrameKind::accept) throw MalformedMessage("an accept must come after the join");
    return accepted(program, read_message<Accept>(frame.body), now);
  }
  switch (frame.kind) {
    case FrameKind::program:
      return introduce(program, read_message<Program>(frame.body));
    case FrameKind::task:
      return take_task(owner, program, read_message<Task>(frame.body), now);
    case FrameKind::ack:
      return acknowledge(owner, program, read_message<Ack>(frame.body).task);
    case FrameKind::cancel:
      return cancel(program, read_message<Cancel>(frame.body).task, now);
    case FrameKind::recall:
      return recall(program, read_message<Recall>(frame.body).task, now);
    case FrameKind::pong:
      static_cast<void>(read_message<Pong>(frame.body));
      return program.reports.answered();
    case FrameKind::bye: {
      const Bye bye = read_message<Bye>(frame.body);
      head_.close(program.connection);
      return forget(owner, Notice::Kind::left, bye.reason, now);
    }
    default:
      throw MalformedMessage("a program does not send this kind of message");
  }
}

inline void SchedulerState::accepted(ProgramRecord& program, const Accept& accept, Time now) {
  program.accepted = true;
  program.info.connected = true;
  program.heartbeat = std::chrono::milliseconds{std::clamp<std::uint64_t>(accept.heartbeat_ms, 1, 3'600'000)};
  program.lease = std::chrono::milliseconds{std::clamp<std::uint64_t>(accept.lease_ms, 2, 7'200'000)};
  program.max_body = std::max(accept.max_body, unauthenticated_frame_limit);
  program.last_ping = now;
  program.reports.for_each([&](const Report& report) { send(program, report, now); });
  for (auto& [id, task] : program.tasks)
    if (task.result) transmit(program, task, now);
  shares_changed_ = true;
}

inline void SchedulerState::introduce(ProgramRecord& program, Program message) {
  constexpr std::size_t longest = 256;
  message.name.resize(std::min(message.name.size(), longest));
  message.host.resize(std::min(message.host.size(), longest));
  program.info.name = message.name.empty() ? program.info.id : message.name;
  program.info.host = message.host;
  program.info.process = message.process;
  if (program.info.space != message.space) shares_changed_ = true;
  program.info.space = message.space;
  if (std::exchange(program.introduced, true)) return;
  notify(program.returned ? Notice::Kind::returned : Notice::Kind::joined, program);
}

// Nobody waits for its trials any more.
inline void SchedulerState::forget(Owner owner, Notice::Kind how, std::string_view why, Time now) {
  const auto found = programs_.find(owner);
  ProgramRecord program = std::move(found->second);
  programs_.erase(found);
  by_id_.erase(program.info.id);
  by_connection_.erase(program.connection);
  head_.forget_share(owner);
  for (const auto& [id, task] : program.tasks) {
    if (const auto later = postponed_.find(id); later != postponed_.end() && later->second.owner == owner)
      postponed_.erase(later);
    const auto of = owner_of_.find(id);
    if (of == owner_of_.end() || of->second != owner) continue;
    if (task.result)
      consumed(id, now);
    else
      head_.cancel(id, now);
  }
  notify(how, program, why);
  shares_changed_ = true;
}

inline std::vector<Notice> SchedulerState::take_notices() {
  std::vector<Notice> notices = head_.take_notices();
  for (Notice& notice : std::exchange(notices_, {})) notices.push_back(std::move(notice));
  return notices;
}

inline void SchedulerState::shut_down(std::string_view reason) {
  for (auto& [owner, program] : programs_) {
    if (program.connection == 0) continue;
    head_.send(program.connection, Bye{std::string{reason}});
    head_.close(program.connection);
  }
  head_.shut_down(reason);
}

inline std::vector<ProgramInfo> SchedulerState::program_infos() const {
  std::vector<ProgramInfo> infos;
  for (const auto& [owner, program] : programs_) infos.push_back(program.info);
  return infos;
}

// -- shares ----------------------------------------------------------------------------------------------------------

// To be called at the end of whatever happens.
inline void SchedulerState::settle(Time now) {
  for (const ProgramArrival& arrival : head_.take_programs()) admit(arrival, now);
  while (head_.has_event()) take_event(head_.take_event(), now);
  update_shares(now);
}

// A program that has a task for each of its slots may want more of them. One that has fewer for a while leaves them to
// others.
inline void SchedulerState::note_load(ProgramRecord& program, Time now) {
  const std::size_t load = program.info.unfinished;
  if (load == 0 || load < program.info.slots) {
    if (!program.not_full && (program.hungry || load > 0)) program.not_full = now;
    return;
  }
  program.not_full.reset();
  if (!std::exchange(program.hungry, true)) shares_changed_ = true;
}

inline void SchedulerState::update_shares(Time now) {
  if (!std::exchange(shares_changed_, false)) return;
  std::vector<ShareWish> wishes;
  for (const auto& [owner, program] : programs_)
    wishes.push_back({program.info.space, program.hungry ? ShareWish::everything : program.info.unfinished});
  const SlotsBySpace pools = head_.slots_by_space();
  const auto suiting = [&](const std::optional<std::uint64_t>& space) {
    std::size_t count = 0;
    for (const auto& [own, slots] : pools) count += !space || !own || *space == *own ? slots : 0;
    return std::min<std::size_t>(count, max_scheduler_slots);
  };
  const auto shares = fair_shares(pools, wishes);
  auto share = shares.begin();
  for (auto& [owner, program] : programs_) {
    // Through one slot more than it uses, it can tell that it wants more.
    const std::size_t room = program.hungry ? 0 : 1;
    program.info.slots =
        std::min(std::max(*share++, program.info.unfinished * room + room), suiting(program.info.space));
    head_.set_share(owner, program.info.slots);
    if (!program.accepted || program.told_slots == program.info.slots) continue;
    program.told_slots = program.info.slots;
    send(program, Slots{static_cast<std::uint32_t>(program.info.slots)}, now);
  }
}

}  // namespace hposearch::inline v0::cluster
