// A search whose head is a process of its own, so that it can be killed and stopped, and what it left behind.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <support/catch.hpp>
#include <support/temporary_folder.hpp>
#include <unistd.h>

#include "harness.hpp"
#include "head_role.hpp"

namespace faults {

class SearchProcesses {
 public:
  /// \param trials that take `ms` milliseconds each
  SearchProcesses(std::size_t trials, int ms, std::chrono::milliseconds lease)
      : trials_(trials), ms_(ms), lease_(lease) {
    const hpo::Cluster probe{quick_options()};
    port_ = probe.port();
  }

  [[nodiscard]] WorkerProcess head(Environment environment = {}) const {
    return WorkerProcess{{HPOSEARCH_TEST_WORKER, "head", std::to_string(port_), history(), std::to_string(trials_),
                          std::to_string(ms_), std::to_string(lease_.count())},
                         token,
                         std::move(environment)};
  }
  [[nodiscard]] WorkerProcess worker(Environment environment = {}) const {
    return WorkerProcess{
        {HPOSEARCH_TEST_WORKER, "tcp://127.0.0.1:" + std::to_string(port_), "slots=2", "log=" + evaluations()},
        token,
        std::move(environment)};
  }
  /// Waits until so many trials have ended.
  void until_ended(std::size_t count) const {
    wait([&] { return ended() >= count; });
  }
  void until_begun(std::size_t count) const {
    wait([&] { return begun().size() >= count; });
  }
  [[nodiscard]] std::size_t ended() const {
    std::size_t count = 0;
    for (const auto& [x, known] : HistoryFile{history()}.trials) count += known.ends > 0;
    return count;
  }
  [[nodiscard]] std::string path(const std::string& name) const { return (folder_.path() / name).string(); }

  /// Each trial was told once, and evaluated once.
  void check_all_once() const {
    const HistoryFile told{history()};
    CHECK(told.trials.size() == trials_);
    for (const auto& [x, known] : told.trials) {
      INFO("trial at " << x);
      CHECK(known.ends == 1);
      CHECK(known.value == x);
    }
    const auto begun_count = begun();
    CHECK(begun_count.size() == trials_);
    for (const auto& [x, count] : begun_count) {
      INFO("trial at " << x);
      CHECK(count == 1);
    }
  }

 private:
  [[nodiscard]] std::string history() const { return path("history"); }
  [[nodiscard]] std::string evaluations() const { return path("evaluations"); }
  [[nodiscard]] std::map<double, int> begun() const {
    std::map<double, int> counts;
    std::ifstream file{evaluations()};
    for (double x = 0; file >> x;) ++counts[x];
    return counts;
  }
  template <class Done>
  static void wait(const Done& done) {
    for (const auto end = Clock::now() + 60s; !done(); ::usleep(2000))
      if (Clock::now() > end) FAIL("it did not happen");
  }

  support::TemporaryFolder folder_;
  std::size_t trials_;
  int ms_;
  std::chrono::milliseconds lease_;
  std::uint16_t port_ = 0;
};

}  // namespace faults
