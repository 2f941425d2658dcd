/// \file
/// What a running search shows of itself.
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <optional>
#include <string>

namespace hposearch::inline v0 {

/// A snapshot of a running search, without types, for whatever displays it.
struct SearchStatus {
  std::size_t ended = 0;                     ///< trials ended in this search, in whatever state
  std::optional<std::size_t> planned;        ///< how many it will have, where that is known
  std::size_t completed = 0;                 ///< of the ended ones, those with a value
  std::size_t failed = 0;                    ///< of the ended ones, those without
  std::size_t pruned = 0;                    ///< of the ended ones, those stopped early
  std::size_t cancelled = 0;                 ///< of the ended ones, those given up
  std::size_t running = 0;                   ///< slots that are busy
  std::size_t slots = 0;                     ///< slots that there are
  std::chrono::duration<double> elapsed{0};  ///< since the search began
  std::optional<double> best_value;          ///< the optimizer's best, in the user's direction
  std::string best_point;                    ///< and where it was found, as text
  std::string executor;                      ///< what the executor says of its places, if it says anything
  bool stopping = false;                     ///< nothing new is started; what runs is finished
  bool over = false;                         ///< the last snapshot of this search
};

/// Whatever can be shown snapshots: it is called by the search's thread after every event and about ten times a second
/// between them.
template <class O>
concept ProgressObserver = std::invocable<O&, const SearchStatus&>;

}  // namespace hposearch::inline v0
