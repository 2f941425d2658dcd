/// \file
/// How a head treats its workers, and what it says about them.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <hposearch/cluster/authentication.hpp>
#include <hposearch/cluster/bytes.hpp>
#include <hposearch/cluster/frame.hpp>
#include <hposearch/cluster/message.hpp>
#include <hposearch/error.hpp>
#include <hposearch/executor.hpp>
#include <hposearch/executor/event.hpp>
#include <hposearch/executor/trial_needs.hpp>
#include <hposearch/text.hpp>

namespace hposearch::inline v0::cluster {

using Time = std::chrono::steady_clock::time_point;

/// Names a connection; never used again.
using ConnectionId = std::uint64_t;

/// The state machine's settings.
struct HeadOptions {
  /// A worker sends something at least that often.
  std::chrono::milliseconds heartbeat{1000};
  /// A worker that was not heard of for so long is taken for dead, and its trials are given to others.
  std::chrono::milliseconds lease{5000};
  /// How long a worker whose connection broke may take to come back before its trials are given to others.
  std::chrono::milliseconds reconnect{75};
  /// How long the two sides may take to prove themselves to each other.
  std::chrono::milliseconds handshake{2000};
  /// How long after its cancellation, or its time limit, a trial may go on before the head goes on without it.
  std::chrono::milliseconds patience{10'000};
  /// A trial that was running on so many workers that were lost fails.
  std::uint32_t max_losses = 3;
  /// Trials that each slot may have at hand beyond the one it runs.
  std::size_t prefetch = 1;
  std::uint32_t max_body = default_frame_limit;  ///< of a message
  std::size_t max_strangers = 256;               ///< connections that have not proven themselves yet
  std::optional<std::uint64_t> space{};          ///< fingerprint that workers must have, if they have one
  std::uint32_t incarnation = 0;                 ///< the upper half of the ids of this head's tasks
  bool takes_programs = false;                   ///< it is a scheduler: others submit trials to it
  Program program{};                             ///< what a scheduler is told of this one
  std::function<Nonce()> nonce = random_nonce;

  /// \throws InvalidArgument
  void validate() const {
    if (heartbeat.count() < 1)
      throw InvalidArgument("heartbeat", to_text(heartbeat.count()) + " ms", "must be positive");
    if (lease < 2 * heartbeat)
      throw InvalidArgument("lease", to_text(lease.count()) + " ms", "must be at least two heartbeats");
    if (reconnect.count() < 0)
      throw InvalidArgument("reconnect", to_text(reconnect.count()) + " ms", "must not be negative");
    if (max_losses < 1) throw InvalidArgument("max_losses", "0", "must be at least 1");
    if (max_body < unauthenticated_frame_limit)
      throw InvalidArgument("max_body", to_text(max_body), "must be at least " + to_text(unauthenticated_frame_limit));
  }
};

/// What happened to a worker or a program, for logs and dashboards.
struct Notice {
  enum class Kind : std::uint8_t {
    joined,
    returned,  ///< after its connection had broken
    left,      ///< in good order
    lost,      ///< `text` says why
    refused,   ///< `text` says why
    broken     ///< its connection ended; it may come back
  };
  Kind kind{};
  std::string worker;  ///< its name, as far as it is known
  std::string text;
  bool program = false;  ///< it is no worker but a program, of a scheduler
};

/// What has been counted since the head began.
struct HeadCounters {
  std::uint64_t results = 0;     ///< that ended a trial
  std::uint64_t duplicates = 0;  ///< results of trials that had ended, or of another head's
  std::uint64_t requeued = 0;    ///< trials taken from a worker and given to another
  std::uint64_t lost_workers = 0;
  std::uint64_t refused = 0;    ///< connections refused
  std::uint64_t malformed = 0;  ///< of those, for what was no message
};

/// A worker as others see it.
struct WorkerInfo {
  std::string id, name, host;
  std::uint64_t process = 0;
  std::size_t slots = 0;
  std::size_t first_slot = 0;
  std::size_t running = 0, queued = 0;
  std::uint64_t ended = 0;  ///< trials
  std::vector<std::string> devices, labels;
  Resources resources;
  bool connected = false;
  bool draining = false;
  bool scheduler = false;  ///< stands for the workers of a scheduler; not all slots may be this program's
  Time joined{}, last_heard{};
};

/// Who has a trial run: 0 is this process, others are programs of a scheduler.
using Owner = std::uint32_t;

/// A trial that a program has given to a scheduler.
struct Submission {
  TaskId task = 0;  ///< the program's
  Owner owner = 0;
  std::optional<std::uint64_t> space{};  ///< fingerprint that a worker must have, if it has one
  TrialId trial = 0;                     ///< the program's number
  Bytes point{};
  StartOptions options{};
  bool again = false;  ///< a worker may have it from an earlier scheduler
};

/// A program that has proven itself.
struct ProgramArrival {
  ConnectionId connection = 0;
  std::string id;
};

/// An event, and whose.
struct HeadEvent {
  ExecutorEvent event;
  TaskId task = 0;
};

}  // namespace hposearch::inline v0::cluster
