/// \file
/// What a scheduler remembers of the programs that submit to it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include <hposearch/cluster/frame.hpp>
#include <hposearch/cluster/head_options.hpp>
#include <hposearch/cluster/message.hpp>
#include <hposearch/cluster/unconfirmed_reports.hpp>

namespace hposearch::inline v0::cluster {

/// A program as others see it.
struct ProgramInfo {
  std::string id, name, host;
  std::uint64_t process = 0;
  std::optional<std::uint64_t> space{};  ///< fingerprint
  std::size_t slots = 0;                 ///< that are its own now
  std::size_t unfinished = 0;            ///< trials that it waits for
  bool connected = false;
};

/// A task of a program, until the program has acknowledged its result.
struct SubmittedTask {
  bool cancelled = false, recalled = false;  ///< as the program has asked
  std::uint64_t reports = 0;                 ///< sent so far
  std::optional<Result> result{};            ///< once it has ended
  Time finished{};
};

/// A program, for as long as it is not taken for dead.
struct ProgramRecord {
  ProgramInfo info;
  ConnectionId connection = 0;  ///< 0: broken, and it may come back
  bool accepted = false;        ///< on this connection
  bool introduced = false;      ///< has said its name
  bool returned = false;        ///< was there before this connection
  std::chrono::milliseconds heartbeat{1000}, lease{5000};
  std::uint32_t max_body = default_frame_limit;
  Time connected{}, last_heard{}, last_sent{}, last_ping{};
  std::size_t told_slots = 0;
  bool hungry = false;             ///< uses all of its slots, and might use more
  std::optional<Time> not_full{};  ///< since when it has fewer tasks than slots
  std::map<TaskId, SubmittedTask> tasks;
  UnconfirmedReports reports;

  /// A heartbeat after nothing was sent, or nothing has come; or after the last one, where reports wait for its answer.
  [[nodiscard]] Time next_ping() const {
    return (reports.empty() ? std::max(last_ping, std::min(last_sent, last_heard)) : last_ping) + heartbeat;
  }
};

}  // namespace hposearch::inline v0::cluster
