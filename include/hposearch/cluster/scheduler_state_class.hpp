/// \file
/// The scheduler's state machine, declared; scheduler_state.hpp is what to include.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <hposearch/cluster/bytes.hpp>
#include <hposearch/cluster/fair_shares.hpp>
#include <hposearch/cluster/frame.hpp>
#include <hposearch/cluster/head_state.hpp>
#include <hposearch/cluster/scheduler_records.hpp>
#include <hposearch/cluster/token.hpp>

namespace hposearch::inline v0::cluster {

/// No socket, thread or clock: it is told what happens and when, and its outputs are read after each call, as those of
/// HeadState.
///
/// Workers are dealt with by a HeadState, whose trials are the tasks of all programs, under the programs' ids. To a
/// program, a scheduler is what a worker is to its head: it keeps results until they are acknowledged, and names what
/// it has when the connection comes back. So a result goes from the worker to the program, and may be forgotten on the
/// way only when the program has dealt with it.
class SchedulerState {
 public:
  /// \throws InvalidArgument
  SchedulerState(Token token, HeadOptions options, Time now);

  void connected(ConnectionId id, Time now);
  void received(ConnectionId id, const Frame& frame, Time now);
  void malformed(ConnectionId id, std::string_view why, Time now);
  void closed(ConnectionId id, Time now);
  void tick(Time now);
  [[nodiscard]] Time next_tick() const;

  [[nodiscard]] std::uint32_t frame_limit(ConnectionId id) const { return head_.frame_limit(id); }
  [[nodiscard]] std::vector<ConnectionId> take_written() { return head_.take_written(); }
  [[nodiscard]] Bytes& outgoing(ConnectionId id) { return head_.outgoing(id); }
  [[nodiscard]] std::vector<ConnectionId> take_closed() { return head_.take_closed(); }
  [[nodiscard]] std::vector<Notice> take_notices();
  /// Events go to programs.
  [[nodiscard]] static constexpr bool has_event() noexcept { return false; }

  /// Workers are sent home, programs wait for another scheduler.
  void shut_down(std::string_view reason);
  [[nodiscard]] bool drain(std::string_view worker_id, Time now) {
    const bool found = head_.drain(worker_id, now);
    settle(now);
    return found;
  }

  [[nodiscard]] std::size_t slots() const noexcept { return head_.slots(); }
  [[nodiscard]] std::vector<WorkerInfo> worker_infos() const { return head_.worker_infos(); }
  /// In the order of their coming.
  [[nodiscard]] std::vector<ProgramInfo> program_infos() const;
  /// Tasks that workers have or that wait for one.
  [[nodiscard]] std::size_t in_flight() const noexcept { return head_.in_flight(); }
  [[nodiscard]] const HeadCounters& counters() const noexcept { return head_.counters(); }
  [[nodiscard]] const HeadOptions& options() const noexcept { return head_.options(); }

 private:
  static constexpr std::size_t max_programs = 256;
  static constexpr std::size_t least_task_limit = 65'536;  // of a program

  [[nodiscard]] static HeadOptions with_programs(HeadOptions options) {
    options.takes_programs = true;
    options.space.reset();
    return options;
  }
  [[nodiscard]] ProgramRecord* program_of(ConnectionId id) {
    const auto found = by_connection_.find(id);
    return found == by_connection_.end() ? nullptr : &programs_.at(found->second);
  }
  template <class M>
  void send(ProgramRecord& program, const M& message, Time now) {
    if (program.connection == 0) return;
    head_.send(program.connection, message);
    program.last_sent = now;
  }

  // Programs.
  void admit(const ProgramArrival& arrival, Time now);
  void dispatch(Owner owner, ProgramRecord& program, const Frame& frame, Time now);
  void accepted(ProgramRecord& program, const Accept& accept, Time now);
  void introduce(ProgramRecord& program, Program message);
  void hang_up(ProgramRecord& program);
  void forget(Owner owner, Notice::Kind how, std::string_view why, Time now);
  void ping(ProgramRecord& program, Time now);
  bool attend(ProgramRecord& program, Time now);
  void notify(Notice::Kind kind, const ProgramRecord& program, std::string_view why = {}) {
    notices_.push_back({kind, program.info.name, std::string{why}, true});
  }

  // Tasks.
  void take_task(Owner owner, ProgramRecord& program, Task task, Time now);
  void submit(Submission submission, Time now);
  void cancel(ProgramRecord& program, TaskId id, Time now);
  void recall(ProgramRecord& program, TaskId id, Time now);
  void acknowledge(Owner owner, ProgramRecord& program, TaskId id);
  void end_unsubmitted(ProgramRecord& program, TaskId id, ResultStatus status, std::string message, Time now);
  void store(ProgramRecord& program, SubmittedTask& task, Result result, Time finished, Time now);
  void transmit(ProgramRecord& program, SubmittedTask& task, Time now);
  void take_event(HeadEvent event, Time now);
  void take_end(const HeadEvent& event, Time now);
  void consumed(TaskId id, Time now);

  // Shares.
  void settle(Time now);
  void note_load(ProgramRecord& program, Time now);
  void update_shares(Time now);

  HeadState head_;
  std::map<Owner, ProgramRecord> programs_;
  std::unordered_map<std::string, Owner> by_id_;
  std::unordered_map<ConnectionId, Owner> by_connection_;
  std::unordered_map<TaskId, Owner> owner_of_;        // of tasks that the head knows; it may be gone
  std::unordered_map<TaskId, Submission> postponed_;  // until the same task of one who is gone has ended
  std::vector<Notice> notices_;
  Attention attention_;
  Owner next_owner_ = 1;
  bool shares_changed_ = false;
};

}  // namespace hposearch::inline v0::cluster
