/// \file
/// What a worker is, and how it behaves towards its head.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <hposearch/cluster/authentication.hpp>
#include <hposearch/cluster/head_options.hpp>
#include <hposearch/error.hpp>
#include <hposearch/executor/trial_needs.hpp>
#include <hposearch/text.hpp>

namespace hposearch::inline v0::cluster {

/// The state machine's settings.
struct WorkerSettings {
  std::string id = {};    ///< random, the same for as long as it lives
  std::string name = {};  ///< for people
  std::string host = {};
  std::uint64_t process = 0;
  std::size_t slots = 1;
  std::vector<std::string> devices = {};  ///< for people
  std::vector<std::string> labels = {};
  Resources resources = {};
  std::optional<std::uint64_t> space{};                      ///< fingerprint; none: takes any point
  std::chrono::nanoseconds grace = std::chrono::seconds{1};  ///< how long a trial may take to stop
  std::chrono::milliseconds handshake{5000};                 ///< how long a connection may take to be made and accepted
  std::chrono::milliseconds first_wait{20};                  ///< before the second attempt to connect, at most
  std::chrono::milliseconds longest_wait{2000};              ///< before any attempt
  std::chrono::milliseconds orphan{300'000};                 ///< after so long without a head the worker leaves
  bool stay = false;                                         ///< wait for the next head when one has ended
  std::uint64_t seed = 0;                                    ///< of the waits
  std::function<Nonce()> nonce = random_nonce;

  /// \throws InvalidArgument
  void validate() const {
    if (slots < 1 || slots > 4096) throw InvalidArgument("slots", to_text(slots), "must be 1 to 4096");
    if (grace.count() < 0) throw InvalidArgument("grace", to_text(grace.count()) + " ns", "must not be negative");
    if (orphan.count() < 0) throw InvalidArgument("orphan", to_text(orphan.count()) + " ms", "must not be negative");
  }
};

/// How a worker ends.
struct Departure {
  static constexpr int finished = 0;  ///< drained, or the head is gone
  static constexpr int refused = 2;   ///< no head will ever take it
  int status = finished;
  std::string reason;
};

}  // namespace hposearch::inline v0::cluster
