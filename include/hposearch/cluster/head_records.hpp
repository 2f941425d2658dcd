/// \file
/// What a head remembers of its connections, workers and tasks.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <hposearch/cluster/bytes.hpp>
#include <hposearch/cluster/head_options.hpp>
#include <hposearch/cluster/message.hpp>
#include <hposearch/executor/trial_needs.hpp>

namespace hposearch::inline v0::cluster {

using WorkerIndex = std::uint32_t;

/// One connection, from its acceptance to its end.
struct ConnectionRecord {
  enum class Phase : std::uint8_t {
    challenged,  ///< a hello must come
    welcomed,    ///< a join must come: both sides are proven
    joined,
    program,  ///< a program's, which is not dealt with here
    closing   ///< nothing that comes is looked at
  };
  Phase phase = Phase::challenged;
  Nonce nonce{};
  std::string worker_id;
  WorkerIndex worker = 0;  ///< once joined
  Bytes outgoing;          ///< not taken by the caller yet
  bool scheduler = false;  ///< made by this side, to a scheduler
  bool listed = false;     ///< as having outgoing bytes
};

/// One run of a trial, until the search has taken its end.
struct TaskRecord {
  enum class State : std::uint8_t {
    pending,  ///< for any worker
    given,    ///< to `worker`
    held,     ///< a worker from before this head's start may have it
    ended     ///< its final event waits to be taken
  };
  TrialId trial = 0;  ///< what it is known by here
  TrialId shown = 0;  ///< what its worker is told
  Owner owner = 0;
  std::uint32_t attempt = 1;
  Bytes point;
  std::optional<std::chrono::nanoseconds> timeout;
  std::size_t needs = 0;    ///< index among the kinds of needs
  std::uint64_t order = 0;  ///< smaller goes first
  State state = State::pending;
  WorkerIndex worker = 0;            ///< that it was given to, or that has ended it
  std::vector<WorkerIndex> holders;  ///< all that may be running it
  std::uint32_t losses = 0;          ///< workers that were lost while they ran it
  std::uint64_t stamp = 0;           ///< outdates earlier deadlines
  std::uint64_t reports = 0;         ///< the last number of a report taken from this run
  bool cancelled = false;            ///< the search does not want it any more
  bool recalled = false;             ///< its worker was asked for it, in case that it was not begun
  bool for_free_slot = false;        ///< and that because a slot is free elsewhere, or another owner has too few
  bool withdrawn = false;            ///< the search does not want it unless it was begun
  bool begun = false;                ///< by `worker`, as far as the head can tell
  bool again = false;                ///< some worker was given it before
  bool reported = false;             ///< `worker` waits for the acknowledgement
};

/// A task that a worker has, known to the head or not.
struct GivenTask {
  TaskId id = 0;
  std::size_t needs = 0;  ///< index among the kinds of needs
};

/// A task that a worker has from before this scheduler's start, and that no program has submitted again so far.
struct UnclaimedTask {
  WorkerIndex worker = 0;
  std::optional<Result> result{};  ///< once it has come
  Time arrived{};
};

/// How many of an owner's tasks workers have.
struct OwnerLoad {
  std::size_t running = 0, queued = 0;
};

/// A worker, for as long as it belongs to the cluster.
struct WorkerRecord {
  WorkerInfo info;
  std::optional<std::uint64_t> space;  ///< fingerprint
  ConnectionId connection = 0;         ///< 0: broken, and it may come back
  std::uint64_t stamp = 0;             ///< outdates earlier deadlines
  /// What it has, in the order in which it begins them: the first `slots` are running.
  std::vector<GivenTask> given;
  Resources taken;                           ///< by those
  std::vector<std::optional<double>> ready;  ///< its keys among the ready, for each kind of needs
  std::size_t backlog = 0;                   ///< its key among those with tasks that can be recalled
  std::size_t free_counted = 0;              ///< its part of all free slots
  std::vector<Time> slot_free;               ///< since when each slot is

  [[nodiscard]] bool takes_tasks() const noexcept { return connection != 0 && !info.draining; }
  [[nodiscard]] std::size_t free_slots() const noexcept {
    return given.size() < info.slots ? info.slots - given.size() : 0;
  }
};

/// Tasks with the same needs, and the workers that would take one.
struct NeedsQueue {
  TrialNeeds needs;
  std::optional<std::uint64_t> space{};                                 ///< fingerprint
  std::map<Owner, std::set<std::pair<std::uint64_t, TaskId>>> pending;  ///< by order; none is empty
  std::set<std::pair<double, WorkerIndex>> ready;                       ///< by load; below 1: a slot is free
  std::size_t uses = 0;                                                 ///< by tasks, and by what workers have
};

/// When to look at something again.
struct Deadline {
  enum class Kind : std::uint8_t { handshake, lease, reconnect, task, hold, claims };
  Time when{};
  Kind kind{};
  std::uint64_t id = 0;     ///< of a connection, worker or task
  std::uint64_t stamp = 0;  ///< must be the record's still
  friend bool operator>(const Deadline& a, const Deadline& b) noexcept { return a.when > b.when; }
};

/// Since when one has been listening without a pause. Whoever stood still itself, stopped, starved or asleep, cannot
/// tell who else was silent: from then on everyone has a lease's time to be heard of.
class Attention {
 public:
  explicit Attention(std::chrono::milliseconds heartbeat) : heartbeat_(heartbeat) {}

  /// To be called with whatever happens. \param awaited whether there is anyone to be heard
  void listen(Time now, bool awaited) noexcept {
    if (awaited && now > last_ + heartbeat_ * 3 / 2) since_ = now;
    last_ = now;
  }
  [[nodiscard]] Time since() const noexcept { return since_; }
  /// When listen() must be called again.
  [[nodiscard]] Time next() const noexcept { return last_ + heartbeat_; }

 private:
  std::chrono::milliseconds heartbeat_;
  Time last_ = Time::min(), since_ = Time::min();
};

/// Numbers of slots: a worker's are in a row.
class SlotNumbers {
 public:
  [[nodiscard]] std::size_t take(std::size_t count) {
    const auto found = free_.find(count);
    if (found == free_.end()) return std::exchange(next_, next_ + count);
    return free_.extract(found).mapped();
  }
  void give_back(std::size_t first, std::size_t count) { free_.emplace(count, first); }

 private:
  std::multimap<std::size_t, std::size_t> free_;  // first numbers by count
  std::size_t next_ = 0;
};

}  // namespace hposearch::inline v0::cluster
