/// \file
/// Lets a launcher keep as many workers as a cluster has use for.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>

#include <hposearch/cluster/elastic_policy.hpp>
#include <hposearch/cluster/launcher.hpp>

namespace hposearch::inline v0 {

/// Scales a launcher between a least and a most number of workers: up while all slots of the cluster are busy, down
/// when fewer workers would have done for a while.
///
///     hpo::LocalLauncher workers{{{argv[0], "--worker", cluster.url()}}};
///     hpo::Elastic elastic{cluster, workers, {.least = 1, .most = 8}};
///     auto result = hpo::minimize(evaluate, optimizer, cluster, {.trials = 1000});
///
/// Workers that are too many are asked to leave, and finish what they run first: give the launcher time for that, if it
/// kills those that take too long. Cluster and launcher must live longer than this, and nobody else may scale or stop
/// the launcher meanwhile. When it ends, the workers stay as they are.
///
/// \tparam C Cluster, Scheduler, or anything with their workers(), which may be called from another thread
template <class C, Launcher L>
class Elastic {
 public:
  /// \throws InvalidArgument
  Elastic(C& cluster, L& launcher, ElasticOptions options = {})
      : cluster_(cluster), launcher_(launcher), period_(options.period), policy_(options), wanted_(options.least) {
    thread_ = std::jthread{[this](const std::stop_token& stop) { keep(stop); }};
  }

  /// How many workers are wanted now.
  [[nodiscard]] std::size_t wanted() const noexcept { return wanted_.load(); }
  /// Why the launcher could not do what it was asked for last; empty if it could.
  [[nodiscard]] std::string trouble() const {
    const std::lock_guard lock{mutex_};
    return trouble_;
  }

 private:
  void keep(const std::stop_token& stop) {
    std::unique_lock lock{mutex_};
    while (!stop.stop_requested()) {
      lock.unlock();
      std::string trouble = adjust();
      lock.lock();
      trouble_ = std::move(trouble);
      stopped_.wait_for(lock, stop, period_, [] { return false; });
    }
  }
  std::string adjust() {
    try {
      WorkerLoad load;
      for (const auto& worker : cluster_.workers()) {
        if (worker.draining) continue;
        ++load.workers;
        load.slots += worker.slots;
        load.trials += worker.running + worker.queued;
      }
      wanted_ = policy_.look(load, std::chrono::steady_clock::now());
      launcher_.scale(wanted_);
      return {};
    } catch (const std::exception& error) {
      return error.what();
    }
  }

  C& cluster_;
  L& launcher_;
  std::chrono::nanoseconds period_;
  detail::ElasticPolicy policy_;
  std::atomic<std::size_t> wanted_;
  mutable std::mutex mutex_;
  std::condition_variable_any stopped_;
  std::string trouble_;
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace hposearch::inline v0
