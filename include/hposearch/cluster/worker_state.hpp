/// \file
/// The worker's side of the protocol as a state machine: what runs in which slot, and what the head hears of it.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <hposearch/cluster/authentication.hpp>
#include <hposearch/cluster/backoff.hpp>
#include <hposearch/cluster/bytes.hpp>
#include <hposearch/cluster/codec.hpp>
#include <hposearch/cluster/frame.hpp>
#include <hposearch/cluster/message.hpp>
#include <hposearch/cluster/token.hpp>
#include <hposearch/cluster/unconfirmed_reports.hpp>
#include <hposearch/cluster/worker_settings.hpp>
#include <hposearch/executor/evaluate.hpp>
#include <hposearch/executor/trial_needs.hpp>
#include <hposearch/numeric/random.hpp>

namespace hposearch::inline v0::cluster {

/// No socket, thread or clock: it is told what happens and when, and its outputs are read after each call.
///
/// Inputs: connected, received, malformed, closed, tick; reported, finished; drain, quit.
/// Outputs: outgoing(), take_connect(), take_close(), take_orders(), departure(), next_tick().
///
/// One connection at a time: after take_connect(), connected() or closed() tells how the attempt went.
class WorkerState {
 public:
  WorkerState(Token token, WorkerSettings settings, Time now);

  // -- connection ---------------------------------------------------------------------------------------------------

  /// The connection asked for is there.
  void connected(Time now);
  void received(const Frame& frame, Time now);
  /// What has arrived is no frame.
  void malformed(std::string_view why, Time now);
  /// The connection has ended, or could not be made.
  /// \param why for people
  void closed(Time now, std::string_view why = {});
  /// The head is not who it should be.
  void distrust(std::string_view why) { leave(Departure::refused, why); }
  void tick(Time now);
  [[nodiscard]] Time next_tick() const;

  [[nodiscard]] std::uint32_t frame_limit() const noexcept {
    return phase_ == Phase::joining || phase_ == Phase::joined ? max_body_ : unauthenticated_frame_limit;
  }
  /// What is to be sent. Whoever sends it clears it.
  [[nodiscard]] Bytes& outgoing() noexcept { return outgoing_; }
  /// Whether a connection is to be made now.
  [[nodiscard]] bool take_connect() noexcept { return std::exchange(connect_, false); }
  /// Whether the connection is to be closed, once the outgoing bytes are sent.
  [[nodiscard]] bool take_close() noexcept { return std::exchange(close_, false); }

  // -- trials -------------------------------------------------------------------------------------------------------

  /// What the slots are to do.
  struct Order {
    enum class Kind : std::uint8_t {
      run,     ///< begin `task`
      stop,    ///< make the stop token of what runs ready
      abandon  ///< what runs has ended, as far as anyone else is concerned
    };
    Kind kind{};
    std::size_t slot = 0;
    Task task{};                  ///< to be run
    std::size_t global_slot = 0;  ///< the cluster's number of the slot
  };
  [[nodiscard]] std::vector<Order> take_orders() { return std::exchange(orders_, {}); }

  /// What runs in a slot has reported a value. Tasks that do not run are ignored.
  void reported(TaskId task, std::int64_t step, double value, Time now);
  /// What runs in a slot has returned. Tasks that do not run are ignored.
  void finished(TaskId task, hposearch::detail::Evaluation evaluation, Time began, Time ended, Time now);

  // -- end ----------------------------------------------------------------------------------------------------------

  /// Finishes what runs, gives back the rest, and leaves.
  void drain(Time now);
  /// Leaves now: what runs is given back.
  void quit(std::string_view reason, Time now) {
    send(Bye{std::string{reason}}, now);
    leave(Departure::finished, reason);
  }
  /// Why the worker is to end, if it is: once the outgoing bytes are sent.
  [[nodiscard]] const std::optional<Departure>& departure() const noexcept { return departure_; }

  [[nodiscard]] bool joined() const noexcept { return phase_ == Phase::joined; }
  [[nodiscard]] std::size_t running() const noexcept {
    return static_cast<std::size_t>(std::ranges::count_if(slots_, [](const auto& slot) { return slot.has_value(); }));
  }
  [[nodiscard]] std::size_t unacknowledged() const noexcept { return results_.size(); }

 private:
  using StopCause = hposearch::detail::StopCause;
  enum class Phase : std::uint8_t { waiting, connecting, greeting, proving, joining, joined, closing };

  struct Running {
    Task task;
    Time limit = Time::max();    // when it is asked to stop
    Time give_up = Time::max();  // when it is abandoned
    StopCause stopped = StopCause::none;
    Time began{};
    std::uint64_t reports = 0;
  };
  struct Stored {
    Result result;
    Time finished{};
  };

  template <class M>
  void send(const M& message, Time now) {
    if (phase_ == Phase::waiting || phase_ == Phase::connecting || phase_ == Phase::closing) return;
    write_message(outgoing_, message);
    last_sent_ = now;
  }
  void ping(Time now) {
    send(Ping{}, now);
    reports_.asked();
    last_ping_ = now;
  }
  // A heartbeat after nothing was sent, or nothing has come; or after the last one, where reports wait for its answer.
  [[nodiscard]] Time next_ping() const {
    return (reports_.empty() ? std::max(last_ping_, std::min(last_sent_, last_heard_)) : last_ping_) + heartbeat_;
  }
  void dispatch(const Frame& frame, Time now);
  void answer(const Challenge& challenge, Time now);
  void check(const Welcome& welcome, Time now);
  void accepted(const Accept& accept, Time now);
  void refused(const Refuse& refuse);
  void take_task(Task task, Time now);
  void cancel(TaskId id, Time now);
  void release(TaskId id, Time now);
  void begin_tasks(Time now);
  void stop(std::size_t slot, StopCause cause, Time now);
  void conclude(std::size_t slot, hposearch::detail::Evaluation evaluation, Time began, Time ended, Time now,
                std::string_view after_limit = {});
  void store(Result result, Time finished, Time now);
  void transmit(Stored& stored, Time now);
  void enforce_limits(Time now);
  void forget_head();
  void leave_if_done(Time now);
  void close() {
    phase_ = Phase::closing;
    close_ = true;
  }
  void leave(int status, std::string_view reason) {
    if (!departure_) departure_ = Departure{status, std::string{reason}};
    close();
  }
  [[nodiscard]] std::optional<std::size_t> slot_of(TaskId id) const {
    for (std::size_t i = 0; i < slots_.size(); ++i)
      if (slots_[i] && slots_[i]->task.task == id) return i;
    return {};
  }
  [[nodiscard]] static Refuse refusal(std::string code, std::string reason) {
    return {std::move(code), std::move(reason)};
  }

  Token token_;
  WorkerSettings settings_;
  numeric::Random random_;
  Phase phase_ = Phase::waiting;
  Nonce nonce_{}, head_nonce_{};
  Bytes outgoing_;
  bool connect_ = false, close_ = false, draining_ = false;
  bool belongs_ = false;  // was accepted on this connection
  std::optional<Departure> departure_;
  std::string trouble_;  // why the last connection ended
  std::vector<Order> orders_;

  std::vector<std::optional<Running>> slots_;
  std::deque<Task> queue_;
  Resources taken_;
  std::map<TaskId, Stored> results_;  // not acknowledged
  UnconfirmedReports reports_;

  std::chrono::milliseconds heartbeat_{1000}, lease_{5000};
  std::size_t first_slot_ = 0;
  std::uint32_t max_body_ = default_frame_limit;
  Time next_connect_, last_heard_, last_sent_, last_ping_, alone_since_;
  unsigned failures_ = 0;
};

inline WorkerState::WorkerState(Token token, WorkerSettings settings, Time now)
    : token_(std::move(token)),
      settings_(std::move(settings)),
      random_(settings_.seed),
      next_connect_(now),
      last_heard_(now),
      last_sent_(now),
      last_ping_(now),
      alone_since_(now) {
  settings_.validate();
  slots_.resize(settings_.slots);
}

inline void WorkerState::connected(Time now) {
  if (phase_ != Phase::connecting) return;
  phase_ = Phase::greeting;
  last_heard_ = now;
}

// Full jitter: the more attempts have failed, the longer the wait may be.
inline void WorkerState::closed(Time now, std::string_view why) {
  if (!why.empty()) trouble_ = why;
  if (std::exchange(belongs_, false)) alone_since_ = now;
  phase_ = Phase::waiting;
  close_ = false;
  outgoing_.clear();
  reports_.connection_ended();
  next_connect_ = now + full_jitter(random_, failures_++, settings_.first_wait, settings_.longest_wait);
}

inline void WorkerState::received(const Frame& frame, Time now) {
  if (phase_ == Phase::waiting || phase_ == Phase::closing) return;
  last_heard_ = now;
  try {
    dispatch(frame, now);
  } catch (const MalformedMessage& error) {
    malformed(error.what(), now);
  }
}

inline void WorkerState::malformed(std::string_view why, Time now) {
  if (phase_ == Phase::waiting || phase_ == Phase::closing) return;
  send(refusal("protocol", std::string{why}), now);
  close();
}

inline void WorkerState::dispatch(const Frame& frame, Time now) {
  if (frame.kind == FrameKind::refuse) return refused(read_message<Refuse>(frame.body));
  if (phase_ == Phase::greeting && frame.kind == FrameKind::challenge)
    return answer(read_message<Challenge>(frame.body), now);
  if (phase_ == Phase::proving && frame.kind == FrameKind::welcome)
    return check(read_message<Welcome>(frame.body), now);
  if (phase_ == Phase::joining && frame.kind == FrameKind::accept)
    return accepted(read_message<Accept>(frame.body), now);
  if (phase_ != Phase::joined) throw MalformedMessage("the head sends this kind of message at another time");
  switch (frame.kind) {
    case FrameKind::task:
      return take_task(read_message<Task>(frame.body), now);
    case FrameKind::ack: {
      const TaskId task = read_message<Ack>(frame.body).task;
      results_.erase(task);
      reports_.forget(task);
      return leave_if_done(now);
    }
    case FrameKind::cancel:
      return cancel(read_message<Cancel>(frame.body).task, now);
    case FrameKind::recall:
      return release(read_message<Recall>(frame.body).task, now);
    case FrameKind::pong:
      static_cast<void>(read_message<Pong>(frame.body));
      return reports_.answered();
    case FrameKind::drain:
      static_cast<void>(read_message<Drain>(frame.body));
      return drain(now);
    case FrameKind::bye: {
      const Bye bye = read_message<Bye>(frame.body);
      forget_head();
      if (settings_.stay) return close();
      return leave(Departure::finished, "the head has ended: " + bye.reason);
    }
    default:
      throw MalformedMessage("a head does not send this kind of message");
  }
}

inline void WorkerState::answer(const Challenge& challenge, Time now) {
  if (challenge.protocol != "hposearch") throw MalformedMessage("that is no head of hposearch");
  if (challenge.min_version > protocol_version || challenge.max_version < min_protocol_version) {
    const std::string reason = "the head speaks versions " + to_text(challenge.min_version) + " to " +
                               to_text(challenge.max_version) + " of the protocol, and this worker " +
                               to_text(min_protocol_version) + " to " + to_text(protocol_version);
    send(refusal("version", reason), now);
    return leave(Departure::refused, reason);
  }
  nonce_ = settings_.nonce();
  head_nonce_ = challenge.nonce;
  Hello hello;
  hello.version = std::min(challenge.max_version, protocol_version);
  hello.worker = settings_.id;
  hello.nonce = nonce_;
  hello.proof = make_proof(token_.bytes(), Side::worker, head_nonce_, nonce_, settings_.id);
  phase_ = Phase::proving;
  send(hello, now);
}

inline void WorkerState::check(const Welcome& welcome, Time now) {
  const Proof expected = make_proof(token_.bytes(), Side::head, head_nonce_, nonce_, settings_.id);
  if (!same_proof(expected, welcome.proof)) {
    send(refusal("token", "the head has another token"), now);
    return leave(Departure::refused, "the head has another token");
  }
  Join join;
  join.slots = static_cast<std::uint32_t>(settings_.slots);
  join.space = settings_.space;
  join.name = settings_.name;
  join.host = settings_.host;
  join.process = settings_.process;
  join.devices = settings_.devices;
  join.labels = settings_.labels;
  join.resources = settings_.resources;
  for (const auto& slot : slots_)
    if (slot) join.running.push_back(slot->task.task);
  for (const Task& task : queue_) join.queued.push_back(task.task);
  for (const auto& [id, stored] : results_) join.finished.push_back(id);
  phase_ = Phase::joining;
  send(join, now);
}

inline void WorkerState::accepted(const Accept& accept, Time now) {
  phase_ = Phase::joined;
  belongs_ = true;
  failures_ = 0;
  heartbeat_ = std::chrono::milliseconds{std::clamp<std::uint64_t>(accept.heartbeat_ms, 1, 3'600'000)};
  lease_ = std::chrono::milliseconds{std::clamp<std::uint64_t>(accept.lease_ms, 2, 7'200'000)};
  first_slot_ = static_cast<std::size_t>(accept.first_slot);
  max_body_ = std::max(accept.max_body, unauthenticated_frame_limit);
  last_ping_ = now;
  if (draining_) send(Drain{}, now);
  reports_.for_each([&](const Report& report) { send(report, now); });
  for (auto& [id, stored] : results_) transmit(stored, now);
  leave_if_done(now);
}

inline void WorkerState::refused(const Refuse& refuse) {
  const bool for_good =
      refuse.code == "version" || refuse.code == "token" || refuse.code == "space" || refuse.code == "replaced";
  if (for_good) return leave(Departure::refused, "refused by the head: " + refuse.reason);
  close();
}

// What the head has ordered is of no use without it.
inline void WorkerState::forget_head() {
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (!slots_[i]) continue;
    orders_.push_back({Order::Kind::stop, i});
    orders_.push_back({Order::Kind::abandon, i});
    slots_[i].reset();
  }
  queue_.clear();
  results_.clear();
  reports_.clear();
  taken_.clear();
}

inline void WorkerState::take_task(Task task, Time now) {
  const TaskId id = task.task;
  const bool queued = std::ranges::any_of(queue_, [id](const Task& other) { return other.task == id; });
  if (queued || slot_of(id)) return;  // sent twice
  if (const auto found = results_.find(id); found != results_.end()) return transmit(found->second, now);
  queue_.push_back(std::move(task));
  if (draining_) return release(id, now);
  begin_tasks(now);
}

inline void WorkerState::begin_tasks(Time now) {
  for (std::size_t i = 0; i < slots_.size() && !queue_.empty(); ++i) {
    if (slots_[i]) continue;
    const auto next = std::ranges::find_if(
        queue_, [&](const Task& task) { return suffices(settings_.resources, taken_, task.resources); });
    if (next == queue_.end()) return;
    Running& run = slots_[i].emplace();
    run.task = std::move(*next);
    queue_.erase(next);
    run.began = now;
    if (run.task.timeout_ns) {
      constexpr std::uint64_t longest = std::uint64_t{1} << 60U;
      const auto timeout = static_cast<std::int64_t>(std::min(*run.task.timeout_ns, longest));
      run.limit = hposearch::detail::after(now, std::chrono::nanoseconds{timeout});
    }
    take(taken_, run.task.resources);
    orders_.push_back({Order::Kind::run, i, run.task, first_slot_ + i});
  }
}

inline void WorkerState::cancel(TaskId id, Time now) {
  if (const auto slot = slot_of(id)) return stop(*slot, StopCause::cancelled, now);
  if (std::erase_if(queue_, [id](const Task& task) { return task.task == id; }) == 0) return;
  Result result;
  result.task = id;
  result.status = ResultStatus::cancelled;
  store(std::move(result), now, now);
}

inline void WorkerState::release(TaskId id, Time now) {
  if (std::erase_if(queue_, [id](const Task& task) { return task.task == id; }) == 0) return;
  Result result;
  result.task = id;
  result.status = ResultStatus::released;
  store(std::move(result), now, now);
}

inline void WorkerState::stop(std::size_t slot, StopCause cause, Time now) {
  Running& run = *slots_[slot];
  if (run.stopped != StopCause::none) return;
  run.stopped = cause;
  run.give_up = hposearch::detail::after(now, settings_.grace);
  orders_.push_back({Order::Kind::stop, slot});
}

inline void WorkerState::reported(TaskId task, std::int64_t step, double value, Time now) {
  const auto slot = slot_of(task);
  if (!slot) return;
  const Report report{task, step, value, static_cast<std::uint32_t>(*slot), ++slots_[*slot]->reports};
  reports_.add(report);
  if (joined()) send(report, now);
}

inline void WorkerState::finished(TaskId task, hposearch::detail::Evaluation evaluation, Time began, Time ended,
                                  Time now) {
  const auto slot = slot_of(task);
  if (slot) conclude(*slot, std::move(evaluation), began, ended, now);
}

inline void WorkerState::conclude(std::size_t slot, hposearch::detail::Evaluation evaluation, Time began, Time ended,
                                  Time now, std::string_view after_limit) {
  const Running run = *std::exchange(slots_[slot], std::nullopt);
  give_back(taken_, run.task.resources);
  Result result;
  result.task = run.task.task;
  result.slot = static_cast<std::uint32_t>(slot);
  result.run_ns = static_cast<std::uint64_t>(std::max<std::int64_t>(0, (ended - began) / std::chrono::nanoseconds{1}));
  ExecutorEvent event;
  std::string limit_message;
  if (run.stopped == StopCause::timed_out)
    limit_message = hposearch::detail::time_limit_message(run.limit - run.began) + std::string{after_limit};
  hposearch::detail::conclude(event, run.stopped, std::move(limit_message), std::move(evaluation));
  result.status = event.kind == ExecutorEvent::Kind::completed ? ResultStatus::completed
                  : event.kind == ExecutorEvent::Kind::failed  ? ResultStatus::failed
                                                               : ResultStatus::cancelled;
  if (event.kind == ExecutorEvent::Kind::completed) result.value = event.value;
  result.message = std::move(event.message);
  begin_tasks(now);
  store(std::move(result), ended, now);
}

inline void WorkerState::store(Result result, Time finished, Time now) {
  const std::size_t longest = max_body_ - unauthenticated_frame_limit / 2;  // the rest of a result takes less
  if (result.message.size() > longest) result.message.resize(longest);
  const TaskId id = result.task;
  Stored& stored = results_.insert_or_assign(id, Stored{std::move(result), finished}).first->second;
  if (joined()) transmit(stored, now);
}

inline void WorkerState::transmit(Stored& stored, Time now) {
  stored.result.finished_ns =
      static_cast<std::uint64_t>(std::max<std::int64_t>(0, (now - stored.finished) / std::chrono::nanoseconds{1}));
  send(stored.result, now);
}

inline void WorkerState::enforce_limits(Time now) {
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (slots_[i] && now >= slots_[i]->limit) stop(i, StopCause::timed_out, now);
    if (!slots_[i] || now < slots_[i]->give_up) continue;
    orders_.push_back({Order::Kind::abandon, i});
    conclude(i, {}, slots_[i]->began, now, now, " and did not stop");
  }
}

inline void WorkerState::tick(Time now) {
  enforce_limits(now);
  if (phase_ == Phase::joined) {
    if (now >= last_heard_ + lease_) return close();
    if (now >= next_ping()) ping(now);
  } else if (phase_ == Phase::waiting) {
    if (now >= alone_since_ + settings_.orphan) {
      return leave(Departure::finished, trouble_.empty() ? std::string{"no head for too long"}
                                                         : "no head for too long, at last: " + trouble_);
    }
    if (now < next_connect_ || departure_) return;
    phase_ = Phase::connecting;
    connect_ = true;
    last_heard_ = now;
  } else if (phase_ != Phase::closing && now >= last_heard_ + settings_.handshake) {
    close();
  }
}

inline Time WorkerState::next_tick() const {
  Time next = Time::max();
  if (phase_ == Phase::joined)
    next = std::min(last_heard_ + lease_, next_ping());
  else if (phase_ == Phase::waiting)
    next = std::min(next_connect_, alone_since_ + settings_.orphan);
  else if (phase_ != Phase::closing)
    next = last_heard_ + settings_.handshake;
  for (const auto& slot : slots_)
    if (slot) next = std::min(next, slot->stopped == StopCause::none ? slot->limit : slot->give_up);
  return next;
}

inline void WorkerState::drain(Time now) {
  if (!std::exchange(draining_, true) && joined()) send(Drain{}, now);
  while (!queue_.empty()) release(queue_.front().task, now);
  leave_if_done(now);
}

inline void WorkerState::leave_if_done(Time now) {
  if (!draining_ || !joined() || running() > 0 || !results_.empty()) return;
  quit("drained", now);
}

}  // namespace hposearch::inline v0::cluster
