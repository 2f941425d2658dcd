/// \file
/// How the processes of trials are run.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <hposearch/executor/slot_options.hpp>

namespace hposearch::inline v0 {

/// Where the standard output and error of a trial's process go.
enum class ProcessOutput : std::uint8_t {
  inherit,  ///< where those of this program go
  capture,  ///< nowhere, but a failure's message ends with the last lines
  discard
};

struct ProcessPoolOptions {
  /// How long a trial that was asked to stop may take to return, before its process is killed.
  std::chrono::nanoseconds grace = std::chrono::seconds{1};
  /// Bytes of data (heap, stacks and other private memory) that a trial's process may hold, what it has from this
  /// program included. An allocation beyond fails with std::bad_alloc, and the trial with it.
  std::optional<std::size_t> memory_limit{};
  ProcessOutput output = ProcessOutput::inherit;
  std::size_t output_lines = 20;     ///< how many lines are kept where output is captured
  std::vector<SlotOptions> slots{};  ///< none, or one for each worker
};

}  // namespace hposearch::inline v0
