/// \file
/// How long to wait before connecting again.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include <hposearch/numeric/random.hpp>

namespace hposearch::inline v0::cluster {

/// Full jitter: a random time between nothing and `first` * 2^`failures`, at most `longest`.
[[nodiscard]] inline std::chrono::nanoseconds full_jitter(numeric::Random& random, unsigned failures,
                                                          std::chrono::milliseconds first,
                                                          std::chrono::milliseconds longest) {
  const auto most = std::min<std::chrono::nanoseconds>(longest, first * (1U << std::min(failures, 16U)));
  return std::chrono::nanoseconds{static_cast<std::int64_t>(random.uniform() * static_cast<double>(most.count()))};
}

}  // namespace hposearch::inline v0::cluster
