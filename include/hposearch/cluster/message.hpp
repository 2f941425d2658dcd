/// \file
/// The messages of the protocol. Each lists its fields with their names on the wire; docs/protocol.md explains them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <hposearch/cluster/bytes.hpp>
#include <hposearch/cluster/frame.hpp>
#include <hposearch/executor/trial_needs.hpp>
#include <hposearch/trial/state.hpp>

namespace hposearch::inline v0::cluster {

/// Of the protocol. Between head and worker both versions are the same; schedulers and programs need the second.
inline constexpr std::uint32_t protocol_version = 2;
inline constexpr std::uint32_t min_protocol_version = 1;

/// Names one run of one trial, among all heads: a head draws the upper 32 bits when it starts and counts the lower.
using TaskId = std::uint64_t;

using Nonce = std::array<unsigned char, 32>;
using Proof = std::array<unsigned char, 32>;

/// An item that stays encoded: whoever has the space makes something of it.
struct RawItem {
  Bytes bytes;
  friend bool operator==(const RawItem&, const RawItem&) = default;
};

// In each message, `fields(self, visit)` calls `visit.required(name, member)` or `visit.optional(name, member)` for
// each field. An optional one is left out where it has the value of a message just made.

struct Challenge {
  static constexpr FrameKind kind = FrameKind::challenge;
  std::string protocol = "hposearch";
  std::uint32_t min_version = min_protocol_version;
  std::uint32_t max_version = protocol_version;
  Nonce nonce{};

  static void fields(auto& self, auto& visit) {
    visit.required("protocol", self.protocol);
    visit.required("min_version", self.min_version);
    visit.required("max_version", self.max_version);
    visit.required("nonce", self.nonce);
  }
};

struct Hello {
  static constexpr FrameKind kind = FrameKind::hello;
  std::uint32_t version = protocol_version;
  std::string worker;  ///< its id: random, the same for as long as it lives
  Nonce nonce{};
  Proof proof{};
  std::string role;  ///< "program" of one that submits trials to a scheduler; empty: a worker

  static void fields(auto& self, auto& visit) {
    visit.required("version", self.version);
    visit.required("worker", self.worker);
    visit.required("nonce", self.nonce);
    visit.required("proof", self.proof);
    visit.optional("role", self.role);
  }
};

struct Welcome {
  static constexpr FrameKind kind = FrameKind::welcome;
  Proof proof{};

  static void fields(auto& self, auto& visit) { visit.required("proof", self.proof); }
};

struct Join {
  static constexpr FrameKind kind = FrameKind::join;
  std::uint32_t slots = 1;
  std::optional<std::uint64_t> space;  ///< fingerprint; a worker that takes any point has none
  std::string name;                    ///< for people
  std::string host;
  std::uint64_t process = 0;
  std::vector<std::string> devices;  ///< for people, such as the value of CUDA_VISIBLE_DEVICES
  std::vector<std::string> labels;
  Resources resources;
  std::vector<TaskId> running;   ///< begun, no result yet
  std::vector<TaskId> queued;    ///< not begun
  std::vector<TaskId> finished;  ///< results that were not acknowledged; they follow on acceptance

  static void fields(auto& self, auto& visit) {
    visit.required("slots", self.slots);
    visit.optional("space", self.space);
    visit.optional("name", self.name);
    visit.optional("host", self.host);
    visit.optional("process", self.process);
    visit.optional("devices", self.devices);
    visit.optional("labels", self.labels);
    visit.optional("resources", self.resources);
    visit.optional("running", self.running);
    visit.optional("queued", self.queued);
    visit.optional("finished", self.finished);
  }
};

struct Accept {
  static constexpr FrameKind kind = FrameKind::accept;
  std::uint64_t heartbeat_ms = 0;  ///< send something at least that often
  std::uint64_t lease_ms = 0;      ///< after that long without a word the other side is taken for dead
  std::uint64_t first_slot = 0;    ///< the cluster's number of this worker's slot 0
  std::uint32_t max_body = default_frame_limit;

  static void fields(auto& self, auto& visit) {
    visit.required("heartbeat_ms", self.heartbeat_ms);
    visit.required("lease_ms", self.lease_ms);
    visit.required("first_slot", self.first_slot);
    visit.required("max_body", self.max_body);
  }
};

struct Refuse {
  static constexpr FrameKind kind = FrameKind::refuse;
  std::string code;    ///< "version", "token", "space", "role", "protocol", "replaced", "full"
  std::string reason;  ///< for people

  static void fields(auto& self, auto& visit) {
    visit.required("code", self.code);
    visit.optional("reason", self.reason);
  }
};

struct Task {
  static constexpr FrameKind kind = FrameKind::task;
  TaskId task = 0;
  TrialId trial = 0;
  std::uint32_t attempt = 1;
  RawItem point;                            ///< a map from names to values
  std::optional<std::uint64_t> timeout_ns;  ///< from the beginning of its run
  Resources resources;                      ///< what it takes
  std::vector<std::string> labels;          ///< that its worker must have; to schedulers only
  bool again = false;                       ///< an earlier scheduler may have had it; to schedulers only

  static void fields(auto& self, auto& visit) {
    visit.required("task", self.task);
    visit.required("trial", self.trial);
    visit.required("attempt", self.attempt);
    visit.required("point", self.point);
    visit.optional("timeout_ns", self.timeout_ns);
    visit.optional("resources", self.resources);
    visit.optional("labels", self.labels);
    visit.optional("again", self.again);
  }
};

/// How a task ended.
enum class ResultStatus : std::uint8_t {
  completed,  ///< has a value
  failed,     ///< has a message
  cancelled,  ///< stopped as it was asked to
  released    ///< given back: it was not begun, or the worker stopped it for its own reasons
};

struct Result {
  static constexpr FrameKind kind = FrameKind::result;
  TaskId task = 0;
  ResultStatus status = ResultStatus::completed;
  double value = 0;
  std::string message;
  std::uint32_t slot = 0;         ///< of the worker
  std::uint64_t run_ns = 0;       ///< how long it ran
  std::uint64_t finished_ns = 0;  ///< how long before this message was sent

  static void fields(auto& self, auto& visit) {
    visit.required("task", self.task);
    visit.required("status", self.status);
    visit.optional("value", self.value);
    visit.optional("message", self.message);
    visit.optional("slot", self.slot);
    visit.optional("run_ns", self.run_ns);
    visit.optional("finished_ns", self.finished_ns);
  }
};

struct Report {
  static constexpr FrameKind kind = FrameKind::report;
  TaskId task = 0;
  std::int64_t step = 0;
  double value = 0;
  std::uint32_t slot = 0;
  std::uint64_t sequence = 0;  ///< 1 for the first of a run; 0: not numbered

  static void fields(auto& self, auto& visit) {
    visit.required("task", self.task);
    visit.required("step", self.step);
    visit.required("value", self.value);
    visit.optional("slot", self.slot);
    visit.optional("sequence", self.sequence);
  }
};

/// The messages that only name a task.
template <FrameKind Kind>
struct TaskMessage {
  static constexpr FrameKind kind = Kind;
  TaskId task = 0;

  static void fields(auto& self, auto& visit) { visit.required("task", self.task); }
};
using Ack = TaskMessage<FrameKind::ack>;
using Cancel = TaskMessage<FrameKind::cancel>;
using Recall = TaskMessage<FrameKind::recall>;

/// The messages that say nothing more.
template <FrameKind Kind>
struct EmptyMessage {
  static constexpr FrameKind kind = Kind;

  static void fields(auto&, auto&) {}
};
using Ping = EmptyMessage<FrameKind::ping>;
using Pong = EmptyMessage<FrameKind::pong>;
using Drain = EmptyMessage<FrameKind::drain>;

struct Bye {
  static constexpr FrameKind kind = FrameKind::bye;
  std::string reason;

  static void fields(auto& self, auto& visit) { visit.optional("reason", self.reason); }
};

/// What a scheduler may offer to one program.
inline constexpr std::uint32_t max_scheduler_slots = 1'000'000;

/// How many slots a program has of a scheduler now.
struct Slots {
  static constexpr FrameKind kind = FrameKind::slots;
  std::uint32_t slots = 0;

  static void fields(auto& self, auto& visit) { visit.required("slots", self.slots); }
};

/// What a program is, and what it searches from now on.
struct Program {
  static constexpr FrameKind kind = FrameKind::program;
  std::optional<std::uint64_t> space;  ///< fingerprint; none: any worker will do
  std::string name;                    ///< for people
  std::string host;
  std::uint64_t process = 0;

  static void fields(auto& self, auto& visit) {
    visit.optional("space", self.space);
    visit.optional("name", self.name);
    visit.optional("host", self.host);
    visit.optional("process", self.process);
  }
};

}  // namespace hposearch::inline v0::cluster
