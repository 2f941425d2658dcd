// What the programs of this benchmark share: percentiles, and the process's own use of the machine.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <sys/resource.h>

namespace benchmark {

using Clock = std::chrono::steady_clock;

[[nodiscard]] inline double seconds(Clock::duration time) { return std::chrono::duration<double>(time).count(); }

/// The value that a share of them does not exceed; 0 of none.
[[nodiscard]] inline double percentile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  const auto rank = static_cast<std::size_t>(share * static_cast<double>(values.size() - 1) + 0.5);
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(rank), values.end());
  return values[rank];
}

/// Processor time of this process so far, s.
[[nodiscard]] inline double processor_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto s = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return s(usage.ru_utime) + s(usage.ru_stime);
}

/// The most memory that this process has held, MiB.
[[nodiscard]] inline double peak_mebibytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

/// One line of the table that cluster.sh prints.
inline void print_row(const std::string& name, std::size_t outstanding, double per_second,
                      const std::vector<double>& round_trips_us) {
  fmt::print("{:<28} {:>11} {:>12.0f} {:>14.1f} {:>12.1f}\n", name, outstanding, per_second,
             percentile(round_trips_us, 0.5), percentile(round_trips_us, 0.99));
}

}  // namespace benchmark
