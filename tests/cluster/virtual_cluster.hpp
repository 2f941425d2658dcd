// A head and its workers on a virtual clock and a virtual network: the state machines without sockets, with every
// fault on demand.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <support/catch.hpp>

#include <hposearch/cluster/head_state.hpp>
#include <hposearch/cluster/worker_state.hpp>
#include <hposearch/numeric/random.hpp>

namespace virtual_cluster {

using namespace hposearch;
using namespace hposearch::cluster;
using namespace std::chrono_literals;

inline const Token& token() {
  static const Token made{"0123456789abcdef0123456789abcdef"};
  return made;
}

/// An empty point.
inline Bytes no_point() { return {0xa0}; }

class Net {
 public:
  using Evaluation = hposearch::detail::Evaluation;

  /// What a trial does when it runs.
  struct Behaviour {
    std::chrono::nanoseconds duration = 10ms;
    Evaluation result{true, 1, {}};
    bool kills_worker = false;      // when it would end
    bool heeds_stop = true;         // ends at once when it is asked to stop
    std::vector<double> reports{};  // sent when it begins
  };

  explicit Net(HeadOptions options = {}) : options_(std::move(options)) { start_head(); }

  // -- the head and the search -------------------------------------------------------------------------------------

  HeadState& head() { return *head_; }
  Time now() const { return now_; }

  TaskId start(TrialId trial, StartOptions options = {}) {
    const TaskId id = head_->start(trial, no_point(), options, now_);
    started_[trial] = {id, options};
    settle();
    return id;
  }
  /// Of each trial, how it behaves wherever it runs.
  std::function<Behaviour(TrialId)> behaviour = [](TrialId) { return Behaviour{}; };

  /// The final events and reports so far, in order.
  std::vector<ExecutorEvent> events;
  std::size_t finals(TrialId trial) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        events, [trial](const ExecutorEvent& event) { return event.trial == trial && event.final(); }));
  }
  const ExecutorEvent& final_of(TrialId trial) const {
    const auto found = std::ranges::find_if(
        events, [trial](const ExecutorEvent& event) { return event.trial == trial && event.final(); });
    REQUIRE(found != events.end());
    return *found;
  }
  std::size_t executions(TrialId trial) const {
    const auto found = executions_.find(trial);
    return found == executions_.end() ? 0 : found->second;
  }

  /// The head's process dies: what it had not told is forgotten, and a new one is told what was under way.
  void restart_head() {
    for (auto& link : links_) break_link(*link);
    start_head();
    for (const auto& [trial, started] : started_)
      if (finals(trial) == 0) head_->restore(started.task, trial, no_point(), started.options, now_);
  }

  /// As by SIGSTOP: what comes waits.
  bool head_stopped = false;

  // -- workers -----------------------------------------------------------------------------------------------------

  struct Worker {
    std::optional<WorkerState> state;
    struct Run {
      TaskId task = 0;
      TrialId trial = 0;
      Behaviour behaviour;
      Time began{}, ends{};
    };
    std::map<std::size_t, Run> runs;  // by slot
    bool stopped = false;             // as by SIGSTOP
    std::optional<Departure> departure;
  };

  /// \returns its number
  std::size_t add_worker(WorkerSettings settings = {}) {
    if (settings.id.empty()) settings.id = "worker " + std::to_string(next_id_++);
    settings.seed = next_id_;
    auto worker = std::make_unique<Worker>();
    worker->state.emplace(token(), std::move(settings), now_);
    workers_.push_back(std::move(worker));
    settle();
    return workers_.size() - 1;
  }
  Worker& worker(std::size_t i) { return *workers_[i]; }
  std::size_t workers() const { return workers_.size(); }
  bool alive(std::size_t i) const { return workers_[i]->state.has_value(); }

  void kill(std::size_t i) {
    workers_[i]->state.reset();
    workers_[i]->runs.clear();
    if (Link* link = link_of(i)) {
      link->worker_open = false;
      send_end(*link, false);
    }
    settle();
  }
  /// The connection breaks, and both sides are told.
  void disconnect(std::size_t i) {
    if (Link* link = link_of(i)) break_link(*link);
    settle();
  }
  /// Nothing gets through for a while, and nobody is told.
  void partition(std::size_t i, std::chrono::nanoseconds duration) {
    if (Link* link = link_of(i)) link->frozen_until = now_ + duration;
  }
  /// All results are sent twice.
  bool doubles_results = false;
  /// How long bytes take.
  std::function<std::chrono::nanoseconds()> latency = [] { return 100us; };

  // -- time --------------------------------------------------------------------------------------------------------

  /// Lets time pass.
  void run_for(std::chrono::nanoseconds duration) {
    const Time end = now_ + duration;
    settle();
    while (step(end)) continue;
    now_ = end;
    settle();
  }
  /// Lets time pass until `done()`. \returns whether that was before `limit`
  template <class Done>
  bool run_until(const Done& done, std::chrono::nanoseconds limit = 10min) {
    const Time end = now_ + limit;
    settle();
    while (!done())
      if (!step(end)) return false;
    return true;
  }

 private:
  struct Started {
    TaskId task = 0;
    StartOptions options;
  };
  struct Piece {
    Time arrives{};
    Bytes bytes;
    bool end = false;    // of the stream
    bool begin = false;  // of one that the head has not accepted yet
  };
  struct Link {
    ConnectionId id = 0;
    std::size_t worker = 0;
    bool head_open = true, worker_open = true;
    std::deque<Piece> to_head, to_worker;
    FrameBuffer head_frames, worker_frames;
    Time frozen_until = Time::min();
  };

  void start_head() {
    ++options_.incarnation;
    options_.nonce = [this] {
      Nonce nonce{};
      nonce[0] = static_cast<unsigned char>(++nonces_);
      return nonce;
    };
    head_.emplace(token(), options_);
    told_.clear();
  }

  Link* link_of(std::size_t worker) {
    for (auto& link : links_)
      if (link->worker == worker && link->worker_open) return link.get();
    return nullptr;
  }
  Link* link_by_id(ConnectionId id) {
    for (auto& link : links_)
      if (link->id == id) return link.get();
    return nullptr;
  }
  void send(Link& link, bool to_head, Bytes bytes) {
    auto& queue = to_head ? link.to_head : link.to_worker;
    const Time earliest = queue.empty() ? now_ : queue.back().arrives;
    queue.push_back({std::max(earliest, now_ + latency()), std::move(bytes)});
  }
  void send_end(Link& link, bool to_worker) {
    send(link, !to_worker, {});
    (to_worker ? link.to_worker : link.to_head).back().end = true;
  }
  void break_link(Link& link) {
    if (std::exchange(link.head_open, false)) head_->closed(link.id, now_);
    if (std::exchange(link.worker_open, false) && workers_[link.worker]->state) {
      if (workers_[link.worker]->stopped)
        late_news_.push_back(link.worker);
      else
        workers_[link.worker]->state->closed(now_);
    }
  }

  template <class Receive, class Broken, class Limit>
  static void feed(FrameBuffer& frames, const Bytes& bytes, const Receive& receive, const Broken& broken,
                   const Limit& limit) {
    std::size_t fed = 0;
    while (fed < bytes.size()) {
      const auto room = frames.room();
      const std::size_t count = std::min(room.size(), bytes.size() - fed);
      std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(fed), count, room.begin());
      frames.commit(count);
      fed += count;
      for (;;) {
        frames.set_limit(limit());
        const ParsedFrame parsed = frames.next();
        if (parsed.status == ParsedFrame::Status::incomplete) break;
        if (parsed.status == ParsedFrame::Status::broken) return broken(parsed.error);
        receive(parsed.frame);
      }
    }
  }

  // Does what the state machines want done, until they want nothing more.
  void settle() {
    bool again = true;
    while (again) {
      again = settle_head();
      for (std::size_t i = 0; i < workers_.size(); ++i) again = settle_worker(i) || again;
    }
    std::erase_if(links_, [](const auto& link) { return !link->head_open && !link->worker_open; });
  }

  bool settle_head() {
    if (head_stopped) return false;
    bool did = false;
    for (const ConnectionId id : head_->take_written()) {
      Bytes bytes = std::exchange(head_->outgoing(id), {});
      if (Link* link = link_by_id(id)) send(*link, false, std::move(bytes));
      did = true;
    }
    for (const ConnectionId id : head_->take_closed()) {
      Link* link = link_by_id(id);
      if (link == nullptr) continue;
      if (std::exchange(link->head_open, false)) send_end(*link, true);
      head_->closed(id, now_);
      did = true;
    }
    // The search deals with each event before it asks for the next.
    while (head_->has_event()) {
      for (const TaskId task : std::exchange(told_, {})) head_->consumed(task);
      HeadEvent event = head_->take_event();
      if (event.event.kind != ExecutorEvent::Kind::slots_changed) events.push_back(event.event);
      if (event.event.final()) {
        told_.push_back(event.task);
        started_.erase(event.event.trial);
      }
      did = true;
    }
    for (const TaskId task : std::exchange(told_, {})) {
      head_->consumed(task);
      did = true;
    }
    return did;
  }

  bool settle_worker(std::size_t i) {
    Worker& worker = *workers_[i];
    if (!worker.state || worker.stopped) return false;
    bool did = false;
    for (auto& order : worker.state->take_orders()) {
      using Kind = WorkerState::Order::Kind;
      did = true;
      if (order.kind == Kind::run) {
        ++executions_[order.task.trial];
        Worker::Run run{order.task.task, order.task.trial, behaviour(order.task.trial), now_, now_};
        run.ends = now_ + run.behaviour.duration;
        worker.runs[order.slot] = run;
        for (std::size_t step = 0; step < run.behaviour.reports.size(); ++step)
          worker.state->reported(run.task, static_cast<std::int64_t>(step), run.behaviour.reports[step], now_);
      } else if (order.kind == Kind::abandon) {
        worker.runs.erase(order.slot);
      } else if (const auto run = worker.runs.find(order.slot); run != worker.runs.end()) {
        if (run->second.behaviour.heeds_stop) run->second.ends = now_;
      }
    }
    Link* link = link_of(i);
    if (!worker.state->outgoing().empty()) {
      Bytes bytes = std::exchange(worker.state->outgoing(), {});
      if (link != nullptr) send(*link, true, doubles_results ? double_results(bytes) : bytes);
      did = true;
    }
    if (worker.state->take_close()) {
      if (link != nullptr) {
        link->worker_open = false;
        send_end(*link, false);
      }
      worker.state->closed(now_);
      did = true;
    }
    if (worker.state->departure()) {
      worker.departure = worker.state->departure();
      worker.state.reset();
      worker.runs.clear();
      return true;
    }
    if (worker.state->take_connect()) {
      auto made = std::make_unique<Link>();
      made->id = next_link_++;
      made->worker = i;
      links_.push_back(std::move(made));
      worker.state->connected(now_);
      if (head_stopped)
        links_.back()->to_head.push_back({now_, {}, false, true});
      else
        head_->connected(links_.back()->id, now_);
      did = true;
    }
    return did;
  }

  static Bytes double_results(const Bytes& bytes) {
    Bytes doubled;
    ByteView rest = bytes;
    while (!rest.empty()) {
      const ParsedFrame parsed = parse_frame(rest, default_frame_limit);
      append(doubled, rest.first(parsed.size));
      if (parsed.frame.kind == FrameKind::result) append(doubled, rest.first(parsed.size));
      rest = rest.subspan(parsed.size);
    }
    return doubled;
  }

  // The next thing that happens, if it happens before `end`.
  bool step(Time end) {
    Time next = head_stopped ? Time::max() : head_->next_tick();
    for (const auto& link : links_) {
      if (!head_stopped && !link->to_head.empty())
        next = std::min(next, std::max(link->to_head.front().arrives, link->frozen_until));
      if (!link->to_worker.empty() && !workers_[link->worker]->stopped)
        next = std::min(next, std::max(link->to_worker.front().arrives, link->frozen_until));
    }
    for (const auto& worker : workers_) {
      if (!worker->state || worker->stopped) continue;
      next = std::min(next, worker->state->next_tick());
      for (const auto& [slot, run] : worker->runs) next = std::min(next, run.ends);
    }
    if (next > end) return false;
    now_ = std::max(now_, next);
    // As a head does: what has arrived in time is not late.
    const bool tick = !head_stopped && now_ >= head_->next_tick();
    for (std::size_t i = 0; i < links_.size(); ++i) deliver(*links_[i]);
    if (tick) head_->tick(now_);
    for (std::size_t i = 0; i < workers_.size(); ++i) live(i);
    settle();
    return true;
  }

  void deliver(Link& link) {
    if (now_ < link.frozen_until) return;
    while (!head_stopped && !link.to_head.empty() && link.to_head.front().arrives <= now_) {
      const Piece piece = std::move(link.to_head.front());
      link.to_head.pop_front();
      if (!link.head_open) continue;
      if (piece.begin) head_->connected(link.id, now_);
      if (piece.end) {
        link.head_open = false;
        head_->closed(link.id, now_);
        continue;
      }
      feed(
          link.head_frames, piece.bytes, [&](const Frame& frame) { head_->received(link.id, frame, now_); },
          [&](const char* why) { head_->malformed(link.id, why, now_); }, [&] { return head_->frame_limit(link.id); });
    }
    Worker& worker = *workers_[link.worker];
    while (!worker.stopped && !link.to_worker.empty() && link.to_worker.front().arrives <= now_) {
      const Piece piece = std::move(link.to_worker.front());
      link.to_worker.pop_front();
      if (!link.worker_open || !worker.state) continue;
      if (piece.end) {
        link.worker_open = false;
        worker.state->closed(now_);
        continue;
      }
      feed(
          link.worker_frames, piece.bytes, [&](const Frame& frame) { worker.state->received(frame, now_); },
          [&](const char* why) { worker.state->malformed(why, now_); }, [&] { return worker.state->frame_limit(); });
    }
  }

  void live(std::size_t i) {
    Worker& worker = *workers_[i];
    if (!worker.state || worker.stopped) return;
    if (std::erase(late_news_, i) > 0) worker.state->closed(now_);
    for (auto run = worker.runs.begin(); run != worker.runs.end();) {
      if (run->second.ends > now_) {
        ++run;
        continue;
      }
      const Worker::Run ended = run->second;
      run = worker.runs.erase(run);
      if (ended.behaviour.kills_worker) return kill(i);
      worker.state->finished(ended.task, ended.behaviour.result, ended.began, now_, now_);
    }
    if (now_ >= worker.state->next_tick()) worker.state->tick(now_);
  }

  HeadOptions options_;
  Time now_{};
  std::optional<HeadState> head_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<std::unique_ptr<Link>> links_;
  std::vector<std::size_t> late_news_;  // workers that were stopped when their connection broke
  std::vector<TaskId> told_;
  std::map<TrialId, Started> started_;
  std::map<TrialId, std::size_t> executions_;
  ConnectionId next_link_ = 1;
  std::size_t next_id_ = 0;
  std::uint64_t nonces_ = 0;
};

}  // namespace virtual_cluster
