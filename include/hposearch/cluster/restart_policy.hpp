/// \file
/// When to start a worker again that has died.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <utility>

#include <hposearch/error.hpp>
#include <hposearch/text.hpp>

namespace hposearch::inline v0 {

/// How fast workers that die are started again.
struct RestartOptions {
  std::chrono::nanoseconds first_delay = std::chrono::milliseconds{100};  ///< doubles with each quick death
  std::chrono::nanoseconds longest_delay = std::chrono::seconds{30};
  std::chrono::nanoseconds healthy = std::chrono::seconds{10};  ///< who lived that long did not die quickly
  std::size_t quick_deaths = 8;  ///< after so many in a row it is not started again; at least 1
};

namespace detail {

/// Remembers how one worker fared. Knows no clock: it is told how long the worker lived.
class RestartPolicy {
 public:
  /// \throws InvalidArgument if a delay is negative or no death is allowed
  explicit RestartPolicy(const RestartOptions& options) : options_(options) {
    for (const auto& [name, delay] :
         {std::pair{"first_delay", options.first_delay}, std::pair{"longest_delay", options.longest_delay},
          std::pair{"healthy", options.healthy}}) {
      if (delay.count() < 0) throw InvalidArgument(name, to_text(delay.count()) + " ns", "must not be negative");
    }
    if (options.quick_deaths == 0) throw InvalidArgument("quick_deaths", "0", "must be at least 1");
  }

  /// To be told of each death. \returns how long to wait before the next start; nothing: do not start it again
  [[nodiscard]] std::optional<std::chrono::nanoseconds> died(std::chrono::nanoseconds lived) {
    quick_deaths_ = lived >= options_.healthy ? 1 : quick_deaths_ + 1;
    if (quick_deaths_ > options_.quick_deaths) return std::nullopt;
    auto delay = options_.first_delay;
    for (std::size_t i = 1; i < quick_deaths_ && delay < options_.longest_delay; ++i)
      delay = delay > options_.longest_delay / 2 ? options_.longest_delay : delay * 2;
    return std::min(delay, options_.longest_delay);
  }

 private:
  RestartOptions options_;
  std::size_t quick_deaths_ = 0;
};

}  // namespace detail
}  // namespace hposearch::inline v0
