/// \file
/// The head's state machine, declared; head_state.hpp is what to include.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <queue>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <hposearch/cluster/authentication.hpp>
#include <hposearch/cluster/bytes.hpp>
#include <hposearch/cluster/codec.hpp>
#include <hposearch/cluster/frame.hpp>
#include <hposearch/cluster/head_options.hpp>
#include <hposearch/cluster/head_records.hpp>
#include <hposearch/cluster/message.hpp>
#include <hposearch/cluster/token.hpp>
#include <hposearch/error.hpp>
#include <hposearch/executor.hpp>
#include <hposearch/executor/evaluate.hpp>
#include <hposearch/text.hpp>

namespace hposearch::inline v0::cluster {

/// No socket, thread or clock: it is told what happens and when, and its outputs are read after each call.
///
/// Inputs: connected, adopt, received, closed, tick; start, submit, cancel, recall, consumed, drain, shut_down.
/// Outputs: take_written() with outgoing(), take_closed(), take_event(), take_programs(), take_notices(), next_tick().
/// Each input costs O(log workers), but for work that is proportional to what one worker has.
class HeadState {
 public:
  /// \throws InvalidArgument
  explicit HeadState(Token token, HeadOptions options = {})
      : token_(std::move(token)), options_(std::move(options)), attention_(options_.heartbeat) {
    options_.validate();
    kinds_.emplace_back();
    next_task_ = TaskId{options_.incarnation} << 32U;
  }

  // -- connections --------------------------------------------------------------------------------------------------

  /// A connection was made. \param id not used before, not 0
  void connected(ConnectionId id, Time now);
  /// A frame has arrived; whatever it is.
  void received(ConnectionId id, const Frame& frame, Time now);
  /// What has arrived is no frame.
  void malformed(ConnectionId id, std::string_view why, Time now) { refuse_malformed(id, why, now); }
  /// A connection has ended, from either side. Unknown ids are ignored.
  void closed(ConnectionId id, Time now);
  /// Time has passed. To be called at next_tick(), and not much later.
  void tick(Time now);
  /// When tick() has something to do.
  [[nodiscard]] Time next_tick() const noexcept {
    const Time due = deadlines_.empty() ? Time::max() : deadlines_.top().when;
    return workers_.empty() ? due : std::min(due, attention_.next());
  }

  /// The longest body that may arrive on a connection.
  [[nodiscard]] std::uint32_t frame_limit(ConnectionId id) const {
    const auto found = connections_.find(id);
    const bool proven = found != connections_.end() && found->second.phase != ConnectionRecord::Phase::challenged;
    return proven ? options_.max_body : unauthenticated_frame_limit;
  }

  /// The connections whose outgoing bytes have grown since the last call.
  [[nodiscard]] std::vector<ConnectionId> take_written() { return std::exchange(written_, {}); }
  /// What is to be sent on a connection. Whoever sends it clears it.
  [[nodiscard]] Bytes& outgoing(ConnectionId id) {
    const auto found = connections_.find(id);
    if (found == connections_.end()) return nothing_;
    found->second.listed = false;
    return found->second.outgoing;
  }
  /// The connections to be closed once their outgoing bytes are sent. They are to be reported as closed() then.
  [[nodiscard]] std::vector<ConnectionId> take_closed() { return std::exchange(closed_, {}); }

  // -- trials -------------------------------------------------------------------------------------------------------

  /// A trial is to be run.
  /// \param point its values, encoded
  /// \throws InvalidArgument for a bad timeout or a trial that is running already
  TaskId start(TrialId trial, Bytes point, const StartOptions& start_options, Time now);
  /// A task from before this head's start, which a worker may be running or hold the result of: it is given to another
  /// only when none has claimed it within a lease.
  void restore(TaskId task, TrialId trial, Bytes point, const StartOptions& start_options, Time now);
  /// As start(), for a program. It is known by its task's id, as if that were the trial's number.
  /// \throws InvalidArgument for a bad timeout, too many kinds of needs, or an id that is in use
  void submit(Submission submission, Time now);
  /// A trial is not wanted any more. Its final event comes all the same. Unknown ones are ignored.
  void cancel(TrialId trial, Time now);
  /// A trial is not wanted any more if it was not begun yet. If so, its final event says that it was cancelled.
  /// \returns whether that may be
  bool recall(TrialId trial, Time now);
  /// The search has dealt with a final event: the worker may forget the result.
  void consumed(TaskId task);

  [[nodiscard]] bool has_event() const noexcept { return !events_.empty(); }
  /// A trial's number may be used again once its final event was taken. \pre has_event()
  [[nodiscard]] HeadEvent take_event() {
    HeadEvent event = std::move(events_.front());
    events_.pop_front();
    if (event.event.final()) by_trial_.erase(event.event.trial);
    return event;
  }

  // -- programs and schedulers --------------------------------------------------------------------------------------

  /// This side has made a connection, and has proven itself to the scheduler there and the scheduler to it.
  void adopt(ConnectionId id, std::string scheduler, Time now);
  /// Programs that have proven themselves since the last call. Their connections are the caller's to deal with.
  [[nodiscard]] std::vector<ProgramArrival> take_programs() { return std::exchange(programs_, {}); }
  template <class M>
  void send(ConnectionId id, const M& message);
  void refuse(ConnectionId id, std::string code, std::string reason, std::string_view who, bool program = false);
  void close(ConnectionId id);
  /// Until then, what workers have from before this head's start is neither taken from them nor given to others.
  void expect_claims(Time until) {
    claims_until_ = until;
    watch(until, Deadline::Kind::claims, 0, 0);
  }
  /// An owner's tasks wait at workers for at most so many slots to fall free: more would leave it too many of these.
  void set_share(Owner owner, std::size_t slots) { shares_[owner] = slots; }
  void forget_share(Owner owner) { shares_.erase(owner); }
  [[nodiscard]] bool knows(TaskId task) const { return tasks_.contains(task); }
  /// Whether a worker has it.
  [[nodiscard]] bool is_given(TaskId task) const {
    const auto found = tasks_.find(task);
    return found != tasks_.end() && found->second.state == State::given;
  }
  /// Of workers that take tasks, by the fingerprint of their space.
  [[nodiscard]] std::map<std::optional<std::uint64_t>, std::size_t> slots_by_space() const;

  // -- workers ------------------------------------------------------------------------------------------------------

  /// From now on workers must have this space, if they have any; others are refused.
  void use_space(std::uint64_t fingerprint, Time now);
  /// A worker finishes what runs, gives back the rest, and leaves. \returns whether there is such a worker
  bool drain(std::string_view worker_id, Time now);
  /// Workers are sent home.
  void shut_down(std::string_view reason);

  [[nodiscard]] std::size_t slots() const noexcept { return slots_; }
  /// Started, and their final event not taken.
  [[nodiscard]] std::size_t in_flight() const noexcept { return by_trial_.size(); }
  [[nodiscard]] bool runs(TrialId trial) const { return by_trial_.contains(trial); }
  [[nodiscard]] std::size_t workers() const noexcept { return workers_.size(); }
  [[nodiscard]] std::vector<WorkerInfo> worker_infos() const;
  [[nodiscard]] const HeadCounters& counters() const noexcept { return counters_; }
  [[nodiscard]] std::vector<Notice> take_notices() { return std::exchange(notices_, {}); }
  [[nodiscard]] const HeadOptions& options() const noexcept { return options_; }

 private:
  using Phase = ConnectionRecord::Phase;
  using State = TaskRecord::State;
  static constexpr double no_slot_free = 1e6;  // added to the load of workers that would let a task wait
  static constexpr std::size_t max_worker_slots = 4096;
  static constexpr std::size_t max_name = 256;

  void listen(Time now) noexcept { attention_.listen(now, !workers_.empty()); }
  void refuse_malformed(ConnectionId id, std::string_view why, Time now);
  void dispatch(ConnectionId id, ConnectionRecord& connection, const Frame& frame, Time now);
  void greet(ConnectionId id, ConnectionRecord& connection, const Hello& hello);
  void join(ConnectionId id, ConnectionRecord& connection, Join join, Time now);
  [[nodiscard]] std::string objection(const Join& join) const;
  void change_slots(WorkerIndex index, WorkerRecord& worker, std::size_t slots);
  WorkerIndex enlist(const std::string& id, const Join& join, bool scheduler, Time now);
  void settle_claims(WorkerIndex index, WorkerRecord& worker, const Join& join, Time now);
  void claim(WorkerIndex index, WorkerRecord& worker, TaskId id, bool begun, Time now);
  bool keep_unclaimed(WorkerIndex index, TaskId id, Time now);
  void forget_unclaimed(WorkerIndex index, TaskId id);
  void end_claims();
  void resume(TaskId id, TaskRecord& task, UnclaimedTask unclaimed, Time now);
  void take_result(WorkerIndex index, const Result& result, Time now);
  void conclude(WorkerIndex index, const Result& result, TaskRecord& task, Time arrived);
  [[nodiscard]] static std::size_t own_slot(WorkerRecord& worker, std::size_t slot);
  void take_report(WorkerIndex index, const Report& report);
  void remove_worker(WorkerIndex index, Notice::Kind how, std::string_view why, Time now);
  void drop(WorkerIndex index, TaskId id, TaskRecord& task, bool blamed, std::string_view why, Time now);
  void let_go(WorkerIndex index, WorkerRecord& worker, TaskId id, Time now);
  void watch_begun(const WorkerRecord& worker, std::size_t position, Time now);
  void overdue(TaskId id, Time now);

  std::size_t kind_of(const TrialNeeds& needs, std::optional<std::uint64_t> space);
  [[nodiscard]] std::size_t free_kind();
  TaskRecord& add(TaskId id, TrialId trial, Bytes point, const StartOptions& start_options,
                  std::optional<std::uint64_t> space = {});
  void set_state(TaskRecord& task, State state);
  void keep_given(WorkerRecord& worker, GivenTask given);
  void drop_given(const GivenTask& given) { --kinds_[given.needs].uses; }
  void set_begun(TaskRecord& task);
  [[nodiscard]] OwnerLoad load_of(Owner owner) const {
    const auto found = loads_.find(owner);
    return found == loads_.end() ? OwnerLoad{} : found->second;
  }
  [[nodiscard]] bool may_wait(Owner owner) const {
    const auto share = shares_.find(owner);
    return share == shares_.end() || load_of(owner).queued < share->second;
  }
  void enqueue(TaskId id, TaskRecord& task);
  void leave_queue(TaskId id, TaskRecord& task);
  void assign(Time now);
  void give(TaskId id, TaskRecord& task, WorkerIndex index, Time now);
  void recall_for_free_slots();
  void recall_for_shares();
  bool recall_for_share(const NeedsQueue& kind, Owner owner);
  [[nodiscard]] static bool suits(const WorkerRecord& worker, const NeedsQueue& kind);
  void update_ready(WorkerIndex index, WorkerRecord& worker);
  [[nodiscard]] std::optional<double> readiness(const WorkerRecord& worker, const NeedsQueue& kind) const;
  void end(TaskId id, TaskRecord& task, ExecutorEvent event);
  void end_without_result(TaskId id, TaskRecord& task, ExecutorEvent::Kind kind, std::string message, Time now);
  void slots_changed();
  void notify(Notice::Kind kind, std::string worker, std::string_view text = {}, bool program = false) {
    notices_.push_back({kind, std::move(worker), std::string{text}, program});
  }
  void watch(Time when, Deadline::Kind kind, std::uint64_t id, std::uint64_t stamp) {
    deadlines_.push({when, kind, id, stamp});
  }

  Token token_;
  HeadOptions options_;
  std::unordered_map<ConnectionId, ConnectionRecord> connections_;
  std::unordered_map<WorkerIndex, WorkerRecord> workers_;
  std::unordered_map<std::string, WorkerIndex> by_id_;
  std::unordered_map<TaskId, TaskRecord> tasks_;
  std::unordered_map<TrialId, TaskId> by_trial_;
  std::unordered_map<Owner, std::size_t> shares_;
  std::unordered_map<Owner, OwnerLoad> loads_;  // none has nothing
  std::unordered_map<TaskId, UnclaimedTask> unclaimed_;
  std::optional<Time> claims_until_;
  std::vector<ProgramArrival> programs_;
  std::vector<NeedsQueue> kinds_;                           // the first: no needs
  std::set<std::pair<std::size_t, WorkerIndex>> backlogs_;  // workers with tasks that were not begun
  std::priority_queue<Deadline, std::vector<Deadline>, std::greater<>> deadlines_;
  std::deque<HeadEvent> events_;
  std::vector<ConnectionId> written_, closed_;
  std::vector<Notice> notices_;
  HeadCounters counters_;
  SlotNumbers numbers_;
  Bytes nothing_;
  std::size_t strangers_ = 0;
  std::size_t slots_ = 0;
  std::size_t free_total_ = 0;  // free slots of workers that take tasks
  std::size_t recalls_ = 0;     // asked for by recall_for_free_slots and not answered
  TaskId next_task_ = 0;
  std::uint64_t next_order_ = 0;
  std::uint64_t next_stamp_ = 0;
  Attention attention_;
  WorkerIndex next_worker_ = 1;
};

}  // namespace hposearch::inline v0::cluster
