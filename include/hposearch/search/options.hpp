/// \file
/// When a search ends, and what is called on the way.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

#include <hposearch/error.hpp>
#include <hposearch/search/needs.hpp>
#include <hposearch/search/status.hpp>
#include <hposearch/text.hpp>
#include <hposearch/trial/trial.hpp>

namespace hposearch::inline v0 {

/// Whether the next point is chosen while all slots are busy, so that a slot that falls free gets it at once. Such a
/// point does not know the result that freed the slot.
enum class AskAhead : std::uint8_t {
  automatic,  ///< where choosing takes more than half a percent of a trial's time
  never,
  always,
};

/// Options of minimize() and maximize(). Every limit that is set holds; the first one reached ends the search: no
/// trial is started any more, and those running are finished. An exhausted space ends it as well.
///
/// All functions are called by the thread that called minimize(). One that throws ends the search: running trials are
/// cancelled, everything told stays told, and the exception reaches the caller.
///
/// \tparam P the space's point type
template <class P>
struct SearchOptions {
  std::optional<std::size_t> trials = {};                   ///< start at most so many
  std::optional<std::chrono::duration<double>> time = {};   ///< start none after this
  std::optional<double> target = {};                        ///< a value this good or better is enough
  std::optional<std::size_t> patience = {};                 ///< so many completed trials in a row without improvement
  std::function<bool(const SearchStatus&)> stop_when = {};  ///< asked after every event

  bool batch = false;  ///< rounds of as many trials as there are slots, each waiting for its slowest
  AskAhead ask_ahead = AskAhead::automatic;
  std::size_t retries = 0;  ///< how often a trial that failed to run is tried again before it counts as failed
  std::optional<std::chrono::duration<double>> timeout = {};  ///< for each attempt at a trial
  SearchNeeds<P> needs = {};                                  ///< of each trial; for executors whose slots differ
  bool handle_interrupt = true;                               ///< first SIGINT: finish what runs; second: cancel it

  std::function<void(const Trial<P>&)> on_trial_start = {};  ///< before each attempt
  std::function<void(const Trial<P>&, std::int64_t step, double value)> on_report = {};
  std::function<bool(const Trial<P>&, std::int64_t step, double value)> prune_when =
      {};                                                     ///< true stops the trial early
  std::function<void(const Trial<P>&)> on_trial_end = {};     ///< after its result was told
  std::function<void(const Trial<P>&)> on_improvement = {};   ///< after on_trial_end, if it is the best so far
  std::function<void(const SearchStatus&)> on_progress = {};  ///< any ProgressObserver, for example Progress{}

  /// \throws InvalidArgument that names the option
  void validate() const {
    const auto positive = [](const char* name, const auto& limit) {
      if (limit && !(*limit > std::remove_cvref_t<decltype(*limit)>{})) {
        if constexpr (requires { limit->count(); }) {
          throw InvalidArgument(name, to_text(limit->count()) + " s", "must be above 0 s");
        } else {
          throw InvalidArgument(name, to_text(*limit), "must be at least 1");
        }
      }
    };
    positive("trials", trials);
    positive("time", time);
    positive("patience", patience);
    positive("timeout", timeout);
    if (target && *target != *target) throw InvalidArgument("target", "nan", "must be a number");
  }
};

}  // namespace hposearch::inline v0
