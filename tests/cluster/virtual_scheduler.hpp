// A scheduler, its workers and the programs that submit to it, on a virtual clock and a virtual network.
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
#include <hposearch/cluster/scheduler_link.hpp>
#include <hposearch/cluster/scheduler_state.hpp>
#include <hposearch/cluster/worker_state.hpp>

namespace virtual_scheduler {

using namespace hposearch;
using namespace hposearch::cluster;
using namespace std::chrono_literals;

inline const Token& token() {
  static const Token made{"0123456789abcdef0123456789abcdef"};
  return made;
}

/// Whoever connects to the scheduler.
class Peer {
 public:
  virtual ~Peer() = default;
  virtual void connected(Time now) = 0;
  virtual void received(const Frame& frame, Time now) = 0;
  virtual void closed(Time now) = 0;
  virtual void tick(Time now) = 0;
  virtual Time next_tick() const = 0;
  virtual std::uint32_t frame_limit() const = 0;
  /// What is to be sent now.
  virtual Bytes take_outgoing() = 0;
  virtual bool take_connect() = 0;
  virtual bool take_close() = 0;
  /// Does what it does beside talking. \returns whether there was something
  virtual bool act(Time now) = 0;

  bool alive = true, stopped = false;
};

/// A worker, whose trials take the time that `duration` says.
class WorkerPeer final : public Peer {
 public:
  WorkerPeer(WorkerSettings settings, Time now) : state(token(), std::move(settings), now) {}

  void connected(Time now) override { state.connected(now); }
  void received(const Frame& frame, Time now) override { state.received(frame, now); }
  void closed(Time now) override { state.closed(now); }
  std::uint32_t frame_limit() const override { return state.frame_limit(); }
  Bytes take_outgoing() override { return std::exchange(state.outgoing(), {}); }
  bool take_connect() override { return state.take_connect(); }
  bool take_close() override { return state.take_close(); }
  Time next_tick() const override {
    Time next = state.next_tick();
    for (const auto& [slot, run] : runs) next = std::min(next, run.ends);
    return next;
  }
  void tick(Time now) override {
    for (auto run = runs.begin(); run != runs.end();) {
      if (run->second.ends > now) {
        ++run;
        continue;
      }
      const Run ended = run->second;
      run = runs.erase(run);
      state.finished(ended.task, {true, static_cast<double>(ended.trial), {}}, ended.began, now, now);
    }
    if (now >= state.next_tick()) state.tick(now);
  }
  bool act(Time now) override {
    bool did = false;
    for (auto& order : state.take_orders()) {
      using Kind = WorkerState::Order::Kind;
      did = true;
      if (order.kind == Kind::run) {
        runs[order.slot] = {order.task.task, order.task.trial, now, now + duration(order.task.trial)};
        state.reported(order.task.task, 0, static_cast<double>(order.task.attempt), now);
        ++begun;
      } else if (order.kind == Kind::abandon) {
        runs.erase(order.slot);
      } else if (const auto run = runs.find(order.slot); run != runs.end()) {
        run->second.ends = now;
      }
    }
    if (state.departure()) alive = false;
    return did;
  }

  struct Run {
    TaskId task = 0;
    TrialId trial = 0;
    Time began{}, ends{};
  };
  WorkerState state;
  std::map<std::size_t, Run> runs;
  std::size_t begun = 0;
  std::function<std::chrono::nanoseconds(TrialId)> duration = [](TrialId) { return 10ms; };
};

/// A program with as many trials as it is told.
class ProgramPeer final : public Peer {
 public:
  ProgramPeer(const std::string& id, HeadOptions head_options, Time now)
      : head(token(), std::move(head_options)), link(token(), {.id = id, .seed = std::hash<std::string>{}(id)}, now) {}

  void connected(Time now) override { link.connected(now); }
  void received(const Frame& frame, Time now) override {
    if (connection_ != 0) return head.received(connection_, frame, now);
    link.received(frame, now);
    if (link.proven()) head.adopt(connection_ = ++last_connection_, "scheduler", now);
  }
  void closed(Time now) override {
    if (connection_ != 0) head.closed(std::exchange(connection_, 0), now);
    link.closed(now);
  }
  std::uint32_t frame_limit() const override {
    return connection_ != 0 ? head.frame_limit(connection_) : unauthenticated_frame_limit;
  }
  Bytes take_outgoing() override {
    Bytes bytes = std::exchange(link.outgoing(), {});
    static_cast<void>(head.take_written());
    if (connection_ != 0) append(bytes, std::exchange(head.outgoing(connection_), {}));
    return bytes;
  }
  bool take_connect() override { return link.take_connect(); }
  bool take_close() override { return !head.take_closed().empty() || link.take_close(); }
  Time next_tick() const override { return std::min(head.next_tick(), link.next_tick()); }
  void tick(Time now) override {
    link.tick(now);
    if (now >= head.next_tick()) head.tick(now);
  }
  // The search: deals with each event before it asks for the next, and keeps all slots busy.
  bool act(Time now) override {
    bool did = false;
    for (;;) {
      for (const TaskId task : std::exchange(told_, {})) {
        head.consumed(task);
        did = true;
      }
      if (!head.has_event()) break;
      const HeadEvent event = head.take_event();
      did = true;
      if (event.event.kind == ExecutorEvent::Kind::report) {
        CHECK(ends[event.event.trial] == 0);
        ++reports;
      }
      if (!event.event.final()) continue;
      told_.push_back(event.task);
      ++ends[event.event.trial];
      ++ended;
      last_event = event.event;
      if (event.event.kind == ExecutorEvent::Kind::completed)
        CHECK(event.event.value == static_cast<double>(event.event.trial));
      else
        ++not_completed;
    }
    while (started < trials && head.in_flight() < std::min(at_once, head.slots() * (1 + head.options().prefetch))) {
      head.start(started++, {0xa0}, options, now);
      did = true;
    }
    return did;
  }
  bool done() const { return ended >= trials; }

  HeadState head;
  SchedulerLink link;
  StartOptions options{};
  std::size_t trials = 0, started = 0, ended = 0, reports = 0, not_completed = 0;
  std::size_t at_once = 1'000'000;
  std::map<TrialId, int> ends;
  ExecutorEvent last_event;

 private:
  ConnectionId connection_ = 0, last_connection_ = 0;
  std::vector<TaskId> told_;
};

class Net {
 public:
  explicit Net(HeadOptions options = {}) : options_(std::move(options)) { start_scheduler(); }

  SchedulerState& scheduler() { return *scheduler_; }
  Time now() const { return now_; }
  std::function<std::chrono::nanoseconds()> latency = [] { return 100us; };

  WorkerPeer& add_worker(WorkerSettings settings = {}) {
    settings.id = "worker " + std::to_string(++last_peer_);
    settings.seed = last_peer_;
    return add(std::make_unique<WorkerPeer>(std::move(settings), now_));
  }
  ProgramPeer& add_program(std::size_t trials, std::optional<std::uint64_t> space = {}) {
    const std::string id = "program " + std::to_string(++last_peer_);
    HeadOptions options = options_;
    options.incarnation = static_cast<std::uint32_t>(last_peer_);
    options.space = space;
    options.program.name = id;
    auto& program = add(std::make_unique<ProgramPeer>(id, std::move(options), now_));
    program.trials = trials;
    settle();
    return program;
  }
  std::vector<std::unique_ptr<Peer>>& peers() { return peers_; }

  void kill(Peer& peer) {
    peer.alive = false;
    if (Link* link = link_of(peer)) {
      link->peer_open = false;
      link->to_scheduler.push_back({now_ + 100us, {}, true});
    }
    settle();
  }
  void disconnect(Peer& peer) {
    if (Link* link = link_of(peer)) break_link(*link);
    settle();
  }
  void partition(Peer& peer, std::chrono::nanoseconds duration) {
    if (Link* link = link_of(peer)) link->frozen_until = now_ + duration;
  }
  /// Its process dies; another one starts after a while.
  void kill_scheduler(std::chrono::nanoseconds pause = 0s) {
    for (auto& link : links_) break_link(*link);
    links_.clear();
    scheduler_.reset();
    if (pause > 0s) run_for(pause);
    start_scheduler();
    settle();
  }

  void run_for(std::chrono::nanoseconds duration) {
    const Time end = now_ + duration;
    settle();
    while (step(end)) continue;
    now_ = end;
    settle();
  }
  template <class Done>
  bool run_until(const Done& done, std::chrono::nanoseconds limit = 10min) {
    const Time end = now_ + limit;
    settle();
    while (!done())
      if (!step(end)) return false;
    return true;
  }

 private:
  struct Piece {
    Time arrives{};
    Bytes bytes;
    bool end = false;
  };
  struct Link {
    ConnectionId id = 0;
    Peer* peer = nullptr;
    bool scheduler_open = true, peer_open = true;
    std::deque<Piece> to_scheduler, to_peer;
    FrameBuffer scheduler_frames, peer_frames;
    Time frozen_until = Time::min();
  };

  template <class P>
  P& add(std::unique_ptr<P> peer) {
    P& added = *peer;
    peers_.push_back(std::move(peer));
    return added;
  }
  void start_scheduler() { scheduler_.emplace(token(), options_, now_); }
  Link* link_of(const Peer& peer) {
    for (auto& link : links_)
      if (link->peer == &peer && link->peer_open) return link.get();
    return nullptr;
  }
  Link* link_by_id(ConnectionId id) {
    for (auto& link : links_)
      if (link->id == id) return link.get();
    return nullptr;
  }
  void send(std::deque<Piece>& queue, Bytes bytes, bool end) {
    const Time earliest = queue.empty() ? now_ : queue.back().arrives;
    queue.push_back({std::max(earliest, now_ + latency()), std::move(bytes), end});
  }
  void break_link(Link& link) {
    if (std::exchange(link.scheduler_open, false) && scheduler_) scheduler_->closed(link.id, now_);
    if (std::exchange(link.peer_open, false) && link.peer->alive) {
      if (link.peer->stopped)
        late_news_.push_back(link.peer);
      else
        link.peer->closed(now_);
    }
  }
  template <class Receive, class Limit>
  static void feed(FrameBuffer& frames, const Bytes& bytes, const Receive& receive, const Limit& limit) {
    for (std::size_t fed = 0; fed < bytes.size();) {
      const auto room = frames.room();
      const std::size_t count = std::min(room.size(), bytes.size() - fed);
      std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(fed), count, room.begin());
      frames.commit(count);
      fed += count;
      for (;;) {
        frames.set_limit(limit());
        const ParsedFrame parsed = frames.next();
        if (parsed.status == ParsedFrame::Status::incomplete) break;
        REQUIRE(parsed.status == ParsedFrame::Status::complete);
        receive(parsed.frame);
      }
    }
  }

  void settle() {
    for (bool again = true; again;) {
      again = settle_scheduler();
      for (std::size_t i = 0; i < peers_.size(); ++i) again = settle_peer(*peers_[i]) || again;
    }
    std::erase_if(links_, [](const auto& link) { return !link->scheduler_open && !link->peer_open; });
  }
  bool settle_scheduler() {
    if (!scheduler_) return false;
    bool did = false;
    for (const ConnectionId id : scheduler_->take_written()) {
      Bytes bytes = std::exchange(scheduler_->outgoing(id), {});
      if (Link* link = link_by_id(id)) send(link->to_peer, std::move(bytes), false);
      did = true;
    }
    for (const ConnectionId id : scheduler_->take_closed()) {
      if (Link* link = link_by_id(id)) {
        if (std::exchange(link->scheduler_open, false)) send(link->to_peer, {}, true);
      }
      scheduler_->closed(id, now_);
      did = true;
    }
    for (const Notice& notice : scheduler_->take_notices()) notices.push_back(notice);
    return did;
  }
  bool settle_peer(Peer& peer) {
    if (!peer.alive || peer.stopped) return false;
    bool did = peer.act(now_);
    Link* link = link_of(peer);
    if (Bytes bytes = peer.take_outgoing(); !bytes.empty()) {
      if (link != nullptr) send(link->to_scheduler, std::move(bytes), false);
      did = true;
    }
    if (peer.take_close()) {
      if (link != nullptr) {
        link->peer_open = false;
        send(link->to_scheduler, {}, true);
      }
      peer.closed(now_);
      did = true;
    }
    if (peer.alive && peer.take_connect()) {
      did = true;
      if (!scheduler_) {
        peer.closed(now_);
      } else {
        links_.push_back(std::make_unique<Link>());
        links_.back()->id = ++last_link_;
        links_.back()->peer = &peer;
        peer.connected(now_);
        scheduler_->connected(last_link_, now_);
      }
    }
    return did;
  }

  bool step(Time end) {
    Time next = scheduler_ ? scheduler_->next_tick() : Time::max();
    for (const auto& link : links_) {
      if (!link->to_scheduler.empty())
        next = std::min(next, std::max(link->to_scheduler.front().arrives, link->frozen_until));
      if (!link->to_peer.empty() && !link->peer->stopped)
        next = std::min(next, std::max(link->to_peer.front().arrives, link->frozen_until));
    }
    for (const auto& peer : peers_)
      if (peer->alive && !peer->stopped) next = std::min(next, peer->next_tick());
    if (next > end) return false;
    now_ = std::max(now_, next);
    if (scheduler_ && now_ >= scheduler_->next_tick()) scheduler_->tick(now_);
    for (std::size_t i = 0; i < links_.size(); ++i) deliver(*links_[i]);
    for (std::size_t i = 0; i < peers_.size(); ++i) {
      Peer& peer = *peers_[i];
      if (!peer.alive || peer.stopped) continue;
      if (std::erase(late_news_, &peer) > 0) peer.closed(now_);
      if (now_ >= peer.next_tick()) peer.tick(now_);
    }
    settle();
    return true;
  }
  void deliver(Link& link) {
    if (now_ < link.frozen_until) return;
    while (!link.to_scheduler.empty() && link.to_scheduler.front().arrives <= now_) {
      const Piece piece = std::move(link.to_scheduler.front());
      link.to_scheduler.pop_front();
      if (!link.scheduler_open || !scheduler_) continue;
      if (piece.end) {
        link.scheduler_open = false;
        scheduler_->closed(link.id, now_);
        continue;
      }
      feed(
          link.scheduler_frames, piece.bytes, [&](const Frame& frame) { scheduler_->received(link.id, frame, now_); },
          [&] { return scheduler_->frame_limit(link.id); });
    }
    Peer& peer = *link.peer;
    while (!peer.stopped && !link.to_peer.empty() && link.to_peer.front().arrives <= now_) {
      const Piece piece = std::move(link.to_peer.front());
      link.to_peer.pop_front();
      if (!link.peer_open || !peer.alive) continue;
      if (piece.end) {
        link.peer_open = false;
        peer.closed(now_);
        continue;
      }
      feed(
          link.peer_frames, piece.bytes, [&](const Frame& frame) { peer.received(frame, now_); },
          [&] { return peer.frame_limit(); });
    }
  }

 public:
  std::vector<Notice> notices;

 private:
  HeadOptions options_;
  Time now_{};
  std::optional<SchedulerState> scheduler_;
  std::vector<std::unique_ptr<Peer>> peers_;
  std::vector<std::unique_ptr<Link>> links_;
  std::vector<Peer*> late_news_;
  ConnectionId last_link_ = 0;
  std::size_t last_peer_ = 0;
};

}  // namespace virtual_scheduler
