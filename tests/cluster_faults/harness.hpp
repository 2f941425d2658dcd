// Heads and worker processes of the fault tests, and a play that holds every trial to exactly one end.
#pragma once

#include <chrono>
#include <csignal>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <support/catch.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include <hposearch/cluster.hpp>
#include <hposearch/executor/posix.hpp>
#include <hposearch/executor/spawn.hpp>
#include <hposearch/objective.hpp>

#include "harness_options.hpp"
#include "space.hpp"

namespace faults {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using hpo::TrialId;
using Kind = hpo::ExecutorEvent::Kind;

using Environment = std::vector<std::pair<std::string, std::string>>;

/// A worker, or another program, in a process of its own, killed with this at the latest.
class WorkerProcess {
 public:
  explicit WorkerProcess(const std::string& head, const std::vector<std::string>& more = {},
                         const hpo::Token& own_token = token)
      : WorkerProcess(joined({HPOSEARCH_TEST_WORKER, head}, more), own_token) {}
  /// Any program.
  WorkerProcess(std::vector<std::string> arguments, const hpo::Token& own_token, Environment environment = {})
      : nothing_(::open("/dev/null", O_RDONLY | O_CLOEXEC)) {
    const std::string text{own_token.bytes().begin(), own_token.bytes().end()};
    environment.emplace_back("HPOSEARCH_TOKEN", text);
    program_ = std::unique_ptr<hpo::detail::Program>{new hpo::detail::Program(
        hpo::detail::spawn(std::move(arguments), hpo::detail::changed_environment(environment), nothing_))};
  }

  [[nodiscard]] pid_t id() const { return program_->id(); }
  void signal(int number) const { ::kill(id(), number); }
  /// With SIGKILL.
  void kill() { program_.reset(); }
  [[nodiscard]] bool has_ended() const { return !program_ || program_->has_ended(); }
  /// What it has printed so far.
  [[nodiscard]] const std::string& output() {
    if (program_) {
      for (auto* pipe : {&program_->output, &program_->errors})
        hpo::detail::drain(*pipe, [&](std::string_view text) { output_ += text; });
    }
    return output_;
  }
  /// Waits for its own end. \returns its exit status
  [[nodiscard]] int status() {
    const auto end = Clock::now() + 60s;
    while (!program_->has_ended()) {
      if (Clock::now() > end) FAIL("the worker does not end; it says: " << output());
      ::usleep(1000);
    }
    static_cast<void>(output());
    const int status = program_->finish();
    program_.reset();
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

 private:
  static std::vector<std::string> joined(std::vector<std::string> list, const std::vector<std::string>& more) {
    list.insert(list.end(), more.begin(), more.end());
    return list;
  }

  hpo::detail::UniqueFd nothing_;
  std::unique_ptr<hpo::detail::Program> program_;
  std::string output_;
};

/// Trials on a cluster.
class Play {
 public:
  explicit Play(hpo::Cluster& cluster) : cluster_(cluster) {}

  /// Begins a trial as soon as there is a slot for it.
  void start(TrialId id, const P& point, hpo::StartOptions options = {}) {
    waiting_.push_back({id, point, std::move(options)});
    ++started_;
    begin();
  }
  /// Takes events until `enough` says so, for a minute at most.
  void until(const std::function<bool()>& enough) {
    const auto end = Clock::now() + 60s;
    while (!enough()) {
      if (Clock::now() > end) FAIL("it did not happen; " << ends_.size() << " of " << started_ << " trials have ended");
      look(5ms);
    }
  }
  /// Begins trials where there is room, and takes the next event, if there is one so soon.
  void look(std::chrono::milliseconds patience) {
    begin();
    if (const auto event = cluster_.next_event(Clock::now() + patience)) take(*event);
  }
  void until_slots(std::size_t count) {
    until([&] { return cluster_.slots() == count; });
  }
  void until_running(TrialId id) {
    until([&] { return runs_in_.contains(id); });
  }
  /// Until all have ended; then, for a while, no event of a trial may come.
  void finish() {
    until([&] { return ends_.size() == started_; });
    const auto end = Clock::now() + 20ms;
    while (Clock::now() < end)
      if (const auto event = cluster_.next_event(end)) take(*event);
  }

  [[nodiscard]] const hpo::ExecutorEvent& end_of(TrialId id) const { return ends_.at(id); }
  [[nodiscard]] bool ended(TrialId id) const { return ends_.contains(id); }
  [[nodiscard]] std::size_t ended() const { return ends_.size(); }
  /// In which process a trial has begun last.
  [[nodiscard]] pid_t process_of(TrialId id) const { return runs_in_.at(id); }
  /// How often a trial was begun, as far as the head was told.
  [[nodiscard]] int begun(TrialId id) const { return begun_.contains(id) ? begun_.at(id) : 0; }
  [[nodiscard]] std::size_t count(Kind kind) const {
    std::size_t found = 0;
    for (const auto& [id, event] : ends_) found += event.kind == kind;
    return found;
  }

 private:
  struct Waiting {
    TrialId id;
    P point;
    hpo::StartOptions options;
  };

  void begin() {
    while (!waiting_.empty() && cluster_.free_slots() + cluster_.queue_room() > 0) {
      const Waiting next = std::move(waiting_.front());
      waiting_.pop_front();
      if (cluster_.free_slots() > 0) {
        cluster_.start(next.id, objective_, next.point, next.options);
      } else {
        cluster_.queue(next.id, objective_, next.point, next.options);
      }
    }
  }
  void take(const hpo::ExecutorEvent& event) {
    if (event.kind == Kind::report) {
      runs_in_[event.trial] = static_cast<pid_t>(event.value);
      ++begun_[event.trial];
    }
    if (!event.final()) return;
    INFO("trial " << event.trial);
    REQUIRE(ends_.emplace(event.trial, event).second);
  }

  static double not_here(const P&) { throw std::logic_error("the head evaluates nothing"); }

  hpo::Cluster& cluster_;
  std::shared_ptr<const hpo::Objective<double (*)(const P&), P>> objective_ = hpo::bind_objective(space, &not_here);
  std::deque<Waiting> waiting_;
  std::size_t started_ = 0;
  std::map<TrialId, hpo::ExecutorEvent> ends_;
  std::map<TrialId, pid_t> runs_in_;
  std::map<TrialId, int> begun_;
};

}  // namespace faults
