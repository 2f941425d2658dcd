// A head among workers that do anything at all, as a script says. Used by the fuzzer and by what makes its first
// inputs.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <hposearch/cluster/authentication.hpp>
#include <hposearch/cluster/codec.hpp>
#include <hposearch/cluster/head_state.hpp>
#include <hposearch/cluster/message.hpp>
#include <hposearch/cluster/token.hpp>

#include "require.hpp"
#include "script.hpp"

/// What a script's first byte of each step may say.
enum class HeadStep : unsigned {
  connect,
  hello,
  join,
  result,
  report,
  raw,
  disconnect,
  wait,
  start,
  cancel,
  recall,
  events,
  drain,
  malformed,
  restore,
  count
};

class HeadPlay {
 public:
  void step(Script& script) {
    using enum HeadStep;
    switch (static_cast<HeadStep>(script.below(static_cast<unsigned>(count)))) {
      case connect:
        open();
        break;
      case hello:
        say_hello(script);
        break;
      case join:
        say_join(script);
        break;
      case result:
        say_result(script);
        break;
      case report:
        say_report(script);
        break;
      case raw:
        say_anything(script);
        break;
      case disconnect:
        head_.closed(connection(script), now_);
        break;
      case wait:
        pass(std::chrono::milliseconds{script.byte() * script.byte()});
        break;
      case start:
        begin(script);
        break;
      case cancel:
        head_.cancel(trial(script), now_);
        break;
      case recall:
        head_.recall(trial(script), now_);
        break;
      case events:
        take_events();
        break;
      case drain:
        static_cast<void>(head_.drain(worker(script), now_));
        break;
      case malformed:
        head_.malformed(connection(script), "it is no frame", now_);
        break;
      case restore:
        bring_back(script);
        break;
      case count:
        break;
    }
    collect();
  }

  /// Everybody leaves, nothing is wanted any more: every trial must end, once.
  void finish() {
    for (const auto& [id, outgoing] : connections_) head_.closed(id, now_);
    for (std::uint64_t id = 0; id < next_trial_; ++id) head_.cancel(id, now_);
    live_on(std::chrono::minutes{100});
    take_events();
    require(head_.in_flight() == 0 && head_.workers() == 0 && head_.slots() == 0);
    for (const auto& [id, ends] : ends_) require(ends == 1);
    head_.shut_down("over");
    collect();
  }

 private:
  using Connection = hposearch::cluster::ConnectionId;

  static hposearch::cluster::HeadOptions options() {
    hposearch::cluster::HeadOptions options;
    options.max_strangers = 4;
    options.max_body = 1 << 16;
    options.nonce = [] { return hposearch::cluster::Nonce{1, 2, 3}; };
    return options;
  }

  template <class M>
  void receive(Connection id, const M& message) {
    hposearch::cluster::Bytes bytes;
    write_message(bytes, message);
    const auto parsed = hposearch::cluster::parse_frame(bytes, std::numeric_limits<std::uint32_t>::max());
    head_.received(id, parsed.frame, now_);
  }

  void open() {
    if (connections_.size() > 64) return;
    head_.connected(++last_connection_, now_);
    connections_[last_connection_] = 0;
  }
  // One that exists, or existed, or not.
  Connection connection(Script& script) { return script.below(8) + (last_connection_ > 8 ? last_connection_ - 7 : 0); }
  std::uint64_t trial(Script& script) { return script.below(16) + (next_trial_ > 16 ? next_trial_ - 16 : 0); }
  static std::string worker(Script& script) { return std::string(1, static_cast<char>('a' + script.below(4))); }
  std::uint64_t task(Script& script) {
    return tasks_.empty() ? script.byte() : tasks_[tasks_.size() - 1 - script.byte() % tasks_.size()];
  }

  void say_hello(Script& script) {
    hposearch::cluster::Hello hello;
    const Connection id = connection(script);
    hello.worker = worker(script);
    hello.nonce = {4, 5};
    hello.proof = make_proof(token_.bytes(), hposearch::cluster::Side::worker, {1, 2, 3}, hello.nonce, hello.worker);
    receive(id, hello);
  }
  void say_join(Script& script) {
    hposearch::cluster::Join join;
    const Connection id = connection(script);
    join.slots = 1 + script.below(3);
    if (script.below(4) == 0) join.labels.emplace_back("fast");
    if (script.below(4) == 0) join.resources.emplace_back("gpu", 2);
    for (auto* list : {&join.running, &join.queued, &join.finished})
      for (unsigned i = script.below(3); i > 0; --i) list->push_back(task(script));
    receive(id, join);
  }
  void say_result(Script& script) {
    hposearch::cluster::Result result;
    const Connection id = connection(script);
    result.task = task(script);
    result.status = static_cast<hposearch::cluster::ResultStatus>(script.below(4));
    result.slot = script.below(4);
    result.run_ns = script.byte() < 200 ? 1'000'000 : std::numeric_limits<std::uint64_t>::max();
    result.finished_ns = result.run_ns;
    receive(id, result);
  }
  void say_report(Script& script) {
    hposearch::cluster::Report report;
    const Connection id = connection(script);
    report.task = task(script);
    report.slot = script.byte();
    receive(id, report);
  }
  void say_anything(Script& script) {
    const Connection id = connection(script);
    const auto kind = static_cast<hposearch::cluster::FrameKind>(1 + script.below(16));
    head_.received(id, {kind, script.bytes()}, now_);
  }

  hposearch::StartOptions start_options(Script& script) {
    hposearch::StartOptions options;
    if (script.below(4) == 0) options.timeout = std::chrono::milliseconds{1 + script.byte()};
    return options;
  }
  void begin(Script& script) {
    if (ends_.size() > 1000) return;
    tasks_.push_back(head_.start(next_trial_, {0xA0}, start_options(script), now_));
    ends_[next_trial_++] = 0;
  }
  // A task of another head.
  void bring_back(Script& script) {
    if (ends_.size() > 1000) return;
    const std::uint64_t task = (std::uint64_t{7} << 32U) + next_trial_;
    head_.restore(task, next_trial_, {0xA0}, start_options(script), now_);
    tasks_.push_back(task);
    ends_[next_trial_++] = 0;
  }

  void pass(std::chrono::steady_clock::duration time) {
    now_ += time;
    int ticks = 0;
    while (head_.next_tick() <= now_) {
      head_.tick(now_);
      require(++ticks < 100'000);
    }
    collect();
  }
  /// As pass(), but the head is awake all the time.
  void live_on(std::chrono::steady_clock::duration time) {
    const auto end = now_ + time;
    while (head_.next_tick() <= end) pass(std::max(head_.next_tick(), now_) - now_);
    pass(end - now_);
  }
  void take_events() {
    while (head_.has_event()) {
      const auto event = head_.take_event();
      if (!event.event.final()) continue;
      require(++ends_.at(event.event.trial) == 1);
      head_.consumed(event.task);
    }
    collect();
  }
  // Whatever is sent is a row of whole frames.
  void collect() {
    for (const Connection id : head_.take_written()) {
      auto& outgoing = head_.outgoing(id);
      hposearch::cluster::ByteView bytes{outgoing};
      while (!bytes.empty()) {
        const auto parsed = hposearch::cluster::parse_frame(bytes, 1U << 20);
        require(parsed.status == hposearch::cluster::ParsedFrame::Status::complete);
        bytes = bytes.subspan(parsed.size);
      }
      outgoing.clear();
    }
    for (const Connection id : head_.take_closed()) head_.closed(id, now_);
    static_cast<void>(head_.take_notices());
    require(head_.worker_infos().size() == head_.workers());
  }

  hposearch::Token token_{std::string(32, 'k')};
  hposearch::cluster::HeadState head_{token_, options()};
  std::chrono::steady_clock::time_point now_{std::chrono::hours{1}};
  std::map<Connection, int> connections_;
  Connection last_connection_ = 0;
  std::uint64_t next_trial_ = 0;
  std::vector<std::uint64_t> tasks_;
  std::map<std::uint64_t, int> ends_;  // of each trial
};
