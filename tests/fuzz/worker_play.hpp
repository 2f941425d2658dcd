// A worker with a head that says anything at all, as a script says.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <hposearch/cluster/authentication.hpp>
#include <hposearch/cluster/codec.hpp>
#include <hposearch/cluster/message.hpp>
#include <hposearch/cluster/token.hpp>
#include <hposearch/cluster/worker_state.hpp>

#include "require.hpp"
#include "script.hpp"

/// What a script's first byte of each step may say.
enum class WorkerStep : unsigned {
  connect,
  challenge,
  welcome,
  accept,
  task,
  acknowledge,
  cancel,
  recall,
  raw,
  disconnect,
  wait,
  report,
  finish,
  drain,
  bye,
  refuse,
  malformed,
  count
};

class WorkerPlay {
 public:
  void step(Script& script) {
    using enum WorkerStep;
    switch (static_cast<WorkerStep>(script.below(static_cast<unsigned>(count)))) {
      case connect:
        worker_.connected(now_);
        break;
      case challenge:
        receive(hposearch::cluster::Challenge{});
        break;
      case welcome:
        say_welcome();
        break;
      case accept:
        receive(hposearch::cluster::Accept{1000, 5000, script.byte(), 1 << 16});
        break;
      case task:
        say_task(script);
        break;
      case acknowledge:
        receive(hposearch::cluster::Ack{script.byte()});
        break;
      case cancel:
        receive(hposearch::cluster::Cancel{script.byte()});
        break;
      case recall:
        receive(hposearch::cluster::Recall{script.byte()});
        break;
      case raw:
        say_anything(script);
        break;
      case disconnect:
        worker_.closed(now_);
        break;
      case wait:
        pass(std::chrono::milliseconds{script.byte() * script.byte()});
        break;
      case report:
        worker_.reported(script.byte(), 1, 0.5, now_);
        break;
      case finish:
        finish_one(script);
        break;
      case drain:
        worker_.drain(now_);
        break;
      case bye:
        receive(hposearch::cluster::Bye{"over"});
        break;
      case refuse:
        receive(hposearch::cluster::Refuse{script.below(2) == 0 ? "full" : "space", "no"});
        break;
      case malformed:
        worker_.malformed("it is no frame", now_);
        break;
      case count:
        break;
    }
    collect();
  }

  /// The connection is lost for good: the worker leaves in the end.
  void finish() {
    worker_.closed(now_);
    for (int i = 0; i < 1000 && !worker_.departure(); ++i) {
      pass(std::chrono::minutes{1});
      worker_.closed(now_);
    }
    require(worker_.departure().has_value());
  }

 private:
  using Order = hposearch::cluster::WorkerState::Order;
  static constexpr std::size_t slots = 2;

  static hposearch::cluster::WorkerSettings settings() {
    hposearch::cluster::WorkerSettings settings;
    settings.id = "w";
    settings.slots = slots;
    settings.resources = {{"gpu", 2}};
    settings.nonce = [] { return hposearch::cluster::Nonce{4, 5}; };
    return settings;
  }

  template <class M>
  void receive(const M& message) {
    hposearch::cluster::Bytes bytes;
    write_message(bytes, message);
    const auto parsed = hposearch::cluster::parse_frame(bytes, std::numeric_limits<std::uint32_t>::max());
    worker_.received(parsed.frame, now_);
  }
  void say_welcome() {
    receive(hposearch::cluster::Welcome{make_proof(token_.bytes(), hposearch::cluster::Side::head, {}, {4, 5}, "w")});
  }
  void say_task(Script& script) {
    hposearch::cluster::Task task;
    task.task = script.byte();
    task.trial = task.task;
    task.point.bytes = {0xA0};
    const unsigned options = script.byte();
    if (options % 4 == 1) task.timeout_ns = 1'000'000'000;
    if (options % 4 == 2) task.timeout_ns = std::numeric_limits<std::uint64_t>::max();
    if (options / 4 % 4 > 0) task.resources = {{"gpu", options / 4 % 4}};
    receive(task);
  }
  void say_anything(Script& script) {
    const auto kind = static_cast<hposearch::cluster::FrameKind>(1 + script.below(16));
    worker_.received({kind, script.bytes()}, now_);
  }
  void finish_one(Script& script) {
    const std::size_t slot = script.below(slots);
    const bool completed = script.below(2) == 0;
    const auto task = running_[slot] ? *running_[slot] : 256 + script.byte();  // none has a number like that
    running_[slot].reset();
    worker_.finished(task, {completed, 0.5, "it failed"}, now_, now_, now_);
  }

  void pass(std::chrono::steady_clock::duration time) {
    now_ += time;
    // Where a connection is to be made or closed, time does not go on before that was reported.
    for (int ticks = 0; worker_.next_tick() <= now_ && !worker_.departure(); ++ticks) {
      require(ticks < 1000);
      worker_.tick(now_);
      collect();
    }
  }
  // Whatever is sent is a row of whole frames; a slot runs one task at a time.
  void collect() {
    hposearch::cluster::ByteView bytes{worker_.outgoing()};
    while (!bytes.empty()) {
      const auto parsed = hposearch::cluster::parse_frame(bytes, 1U << 20);
      require(parsed.status == hposearch::cluster::ParsedFrame::Status::complete);
      bytes = bytes.subspan(parsed.size);
    }
    worker_.outgoing().clear();
    for (const Order& order : worker_.take_orders()) {
      require(order.slot < slots);
      auto& slot = running_[order.slot];
      if (order.kind == Order::Kind::run) {
        require(!slot);
        slot = order.task.task;
      } else if (order.kind == Order::Kind::abandon) {
        slot.reset();
      }
    }
    require(worker_.running() <= slots);
    static_cast<void>(worker_.take_connect());
    if (worker_.take_close()) worker_.closed(now_);
  }

  std::chrono::steady_clock::time_point now_{std::chrono::hours{1}};
  hposearch::Token token_{std::string(32, 'k')};
  hposearch::cluster::WorkerState worker_{token_, settings(), now_};
  std::array<std::optional<std::uint64_t>, slots> running_{};
};
