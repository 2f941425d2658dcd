/// \file
/// Counts SIGINT while a search runs.
#pragma once

#include <atomic>
#include <csignal>

namespace hposearch::inline v0 {

/// While one exists, SIGINT is counted instead of ending the program; the handler from before comes back afterwards.
///
/// A signal can only reach what is global, so the count is shared: searches in several threads all see each SIGINT
/// that arrives during their time, and the last guard to go restores the handler.
class InterruptGuard {
 public:
  explicit InterruptGuard(bool active) : active_(active), before_(count_.load()) {
    if (active_ && guards_++ == 0) previous_ = std::signal(SIGINT, [](int) { ++count_; });
  }
  ~InterruptGuard() {
    if (active_ && --guards_ == 0) std::signal(SIGINT, previous_ == SIG_ERR ? SIG_DFL : previous_);
  }
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  /// How many SIGINTs came since this guard was made.
  [[nodiscard]] int count() const noexcept { return active_ ? count_.load() - before_ : 0; }

 private:
  using Handler = void (*)(int);
  static_assert(std::atomic<int>::is_always_lock_free, "a signal handler may touch lock-free atomics only");

  static inline std::atomic<int> count_{0};
  static inline std::atomic<int> guards_{0};
  static inline Handler previous_ = SIG_DFL;

  bool active_;
  int before_;
};

}  // namespace hposearch::inline v0
