/// \file
/// The Launcher concept: whatever starts a cluster's workers somewhere and keeps them alive.
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace hposearch::inline v0 {

/// What a launcher starts for each worker.
struct WorkerProgram {
  std::vector<std::string> arguments;  ///< the program first, for example {"./train", "--worker", "tcp://head:8786"}
  std::vector<std::pair<std::string, std::string>> environment{};  ///< set for all of them
};

/// With which status a worker ends, so that a launcher knows whether another one would do better.
enum class WorkerStatus : int {
  finished = 0,  ///< it was drained, or the head is gone for good: not started again
  refused = 2,   ///< the head will never take it (token, version, space): not started again
};

/// Starts workers, and keeps as many alive as are wanted.
///
/// - `scale(n)`: from now on, n workers are wanted, between the launcher's own least and most. Returns at once.
///   More are started; the surplus is asked to finish.
/// - `alive()`: how many there are now.
/// - `stop(grace)`: asks all to end, waits for that long, then kills what is left. None is alive afterwards, and none
/// is
///   started again until scale() is called.
///
/// A worker that dies is started again, later and later if it dies at once, and not for ever. The destructor leaves no
/// worker behind. One thread calls all of these.
template <class L>
concept Launcher = requires(L launcher, const L& constant, std::size_t n, std::chrono::nanoseconds grace) {
  launcher.scale(n);
  { constant.alive() } -> std::convertible_to<std::size_t>;
  launcher.stop(grace);
};

}  // namespace hposearch::inline v0
