// A cluster whose workers are threads of the test: a head and workers over loopback.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include <support/catch.hpp>

#include <hposearch/cluster/executor.hpp>
#include <hposearch/cluster/scheduler.hpp>
#include <hposearch/cluster/worker.hpp>
#include <hposearch/executor/map.hpp>

namespace loopback {

using namespace hposearch;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

inline const Token& token() {
  static const Token made = Token::random();
  return made;
}

/// A worker in a thread of its own.
class ThreadWorker {
 public:
  ThreadWorker(const Token& key, WorkerOptions options, cluster::Evaluator evaluator)
      : worker_(std::make_unique<Worker>(key, std::move(options), std::move(evaluator))),
        thread_([this] { departure_ = worker_->run(); }) {}
  ThreadWorker(ThreadWorker&&) = delete;
  ~ThreadWorker() {
    worker_->stop();
    join();
  }
  Worker& operator*() { return *worker_; }
  /// Waits until it has left.
  cluster::Departure join() {
    if (thread_.joinable()) thread_.join();
    return departure_;
  }

 private:
  std::unique_ptr<Worker> worker_;
  cluster::Departure departure_;
  std::thread thread_;
};

/// Waits until the cluster has so many slots.
inline void wait_for_slots(Cluster& cluster, std::size_t slots) {
  for (const auto end = Clock::now() + 60s; cluster.slots() != slots;) {
    REQUIRE(Clock::now() < end);
    static_cast<void>(cluster.next_event(Clock::now() + 1ms));
  }
  while (cluster.next_event(Clock::time_point::min())) continue;
}

/// An executor that takes any objective, as the conformance tests need it: its workers find the objective of a trial
/// where start() has put it, since all are in one process.
class LoopbackCluster : public TrialMapping<LoopbackCluster> {
 public:
  LoopbackCluster(std::size_t slots, WorkerOptions worker, ClusterOptions options = {},
                  bool through_scheduler = false) {
    options.port = 0;
    options.token = token();
    if (through_scheduler) {
      SchedulerOptions scheduler;
      scheduler.port = 0;
      scheduler.token = token();
      scheduler_ = std::make_unique<Scheduler>(std::move(scheduler));
      options.scheduler = scheduler_->url();
    }
    cluster_ = std::make_unique<Cluster>(std::move(options));
    worker.head = parse_head_address(cluster_->url());
    cluster::Evaluator evaluator{[objectives = objectives_](cluster::ByteView, TrialContext& context) {
      return objectives->find(context.trial())(context);
    }};
    // A worker for the first slot, and another for the rest.
    worker.slots = 1;
    workers_.push_back(std::make_unique<ThreadWorker>(token(), worker, evaluator));
    if (slots > 1) {
      worker.slots = slots - 1;
      workers_.push_back(std::make_unique<ThreadWorker>(token(), worker, evaluator));
    }
    wait_for_slots(*cluster_, slots);
  }
  LoopbackCluster(LoopbackCluster&&) = default;
  ~LoopbackCluster() {
    cluster_.reset();
    scheduler_.reset();
    workers_.clear();
  }

  [[nodiscard]] std::size_t slots() const { return cluster_->slots(); }
  [[nodiscard]] std::size_t free_slots() const { return cluster_->free_slots(); }

  template <class F, class P>
    requires BoundObjective<F, P>
  void start(TrialId id, std::shared_ptr<const F> objective, const P& point, StartOptions options = {}) {
    const auto nothing = std::make_shared<const Nothing>();
    objectives_->put(id, [objective = std::move(objective), point](TrialContext& context) -> double {
      return static_cast<double>((*objective)(point, context));
    });
    try {
      cluster_->start(id, nothing, NoPoint{}, options);
    } catch (const NoFreeSlot&) {
      objectives_->take(id);
      throw;
    }
  }

  [[nodiscard]] std::optional<ExecutorEvent> next_event(Clock::time_point deadline) {
    for (;;) {
      auto event = cluster_->next_event(deadline);
      if (event && event->kind == ExecutorEvent::Kind::slots_changed) continue;
      if (event && event->final()) objectives_->take(event->trial);
      return event;
    }
  }
  void cancel(TrialId id) { cluster_->cancel(id); }
  [[nodiscard]] Cluster& operator*() { return *cluster_; }

 private:
  struct NoPoint {
    friend void write_point(cluster::CborWriter& out, const NoPoint&) { out.map(0); }
  };
  struct Nothing {
    double operator()(const NoPoint&, TrialContext&) const { return 0; }
  };

  class Objectives {
   public:
    using Objective = std::function<double(TrialContext&)>;
    void put(TrialId id, Objective objective) {
      const std::lock_guard lock{mutex_};
      by_trial_.emplace(id, std::move(objective));
    }
    void take(TrialId id) {
      const std::lock_guard lock{mutex_};
      by_trial_.erase(id);
    }
    Objective find(TrialId id) {
      const std::lock_guard lock{mutex_};
      const auto found = by_trial_.find(id);
      if (found == by_trial_.end()) throw Error("trial is not known any more");
      return found->second;
    }

   private:
    std::mutex mutex_;
    std::unordered_map<TrialId, Objective> by_trial_;
  };

  std::shared_ptr<Objectives> objectives_ = std::make_shared<Objectives>();
  std::unique_ptr<Scheduler> scheduler_;
  std::unique_ptr<Cluster> cluster_;
  std::vector<std::unique_ptr<ThreadWorker>> workers_;
};

}  // namespace loopback
