/// \file
/// How a worker serves.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <hposearch/cluster/address.hpp>
#include <hposearch/cluster/certificates.hpp>
#include <hposearch/executor/process_options.hpp>
#include <hposearch/executor/slot_options.hpp>
#include <hposearch/executor/trial_needs.hpp>

namespace hposearch::inline v0 {

struct WorkerOptions {
  HeadAddress head{};
  std::optional<TlsFiles> tls{};  ///< needed where the head's address says tls://
  std::string name{};             ///< for people; if none is given: host:process
  std::size_t slots = 1;          ///< trials at once
  /// Each slot's devices; none, or one for each. Their environment matters to isolated trials only.
  std::vector<SlotOptions> slot_options{};
  std::vector<std::string> labels{};  ///< that trials may ask for
  Resources resources{};              ///< that trials may ask for, such as {{"gpu", 1}}
  /// Each trial in a process of its own, so that the worker survives whatever one does. See ProcessPool for what forked
  /// processes cannot do.
  bool isolate = false;
  std::optional<std::size_t> memory_limit{};                   ///< of an isolated trial, in bytes
  ProcessOutput output = ProcessOutput::inherit;               ///< of isolated trials
  std::chrono::nanoseconds grace = std::chrono::seconds{1};    ///< how long a trial may take to stop
  std::chrono::milliseconds orphan = std::chrono::minutes{5};  ///< after so long without a head it leaves
  bool stay = false;                                           ///< when a head ends, wait for the next one
  bool handle_signals = false;                                 ///< SIGINT and SIGTERM drain it, a second one stops it
};

}  // namespace hposearch::inline v0
