/// \file
/// The threads in which a worker evaluates.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <hposearch/cluster/message.hpp>
#include <hposearch/cluster/worker_state.hpp>
#include <hposearch/executor/evaluate.hpp>

namespace hposearch::inline v0::cluster {

/// Who hears from slots. Called with SlotSink::mutex locked.
class SlotListener {
 public:
  virtual void slot_reported(TaskId task, std::int64_t step, double value) = 0;
  virtual void slot_finished(TaskId task, hposearch::detail::Evaluation evaluation, Time began, Time ended) = 0;
  /// A thread has woken up: what was put off until then is to be done.
  virtual void slot_awake() = 0;

 protected:
  ~SlotListener() = default;
};

/// What threads share with the worker, and keep when they outlive it.
struct SlotSink {
  std::mutex mutex;
  SlotListener* listener = nullptr;  ///< none once the worker is gone
};

/// One trial, ready to be evaluated.
struct SlotJob {
  using Report = std::function<void(std::int64_t, double)>;
  TaskId task = 0;
  std::function<double(std::stop_token, const Report&)> evaluate;  ///< may throw
};

/// As many threads as slots, made when they are first needed. All calls with the sink's mutex locked, but constructor
/// and destructor.
///
/// Waking a thread costs more than a short trial. So one thread at a time is woken, and wakes the next if there is
/// still something to do when it is there; until then those that are awake may have done it.
class SlotThreads {
 public:
  explicit SlotThreads(std::size_t slots, std::shared_ptr<SlotSink> sink)
      : crew_(std::make_shared<Crew>(slots, std::move(sink))), slots_(slots) {}
  /// Waits for those that run; abandon them before, or they may never return.
  ~SlotThreads() {
    std::list<Member> members;
    {
      const std::lock_guard lock{crew_->sink->mutex};
      crew_->leave = true;
      crew_->wake.notify_all();
      members.swap(crew_->members);
    }
    for (Member& member : members) member.thread.join();
  }
  SlotThreads(const SlotThreads&) = delete;
  SlotThreads& operator=(const SlotThreads&) = delete;

  /// To be followed by wake_called(), unless it comes from a SlotListener's function.
  /// \throws std::system_error if a thread is needed and there is none
  void run(std::size_t index, SlotJob job) {
    slots_[index] = std::make_shared<Run>(Run{std::move(job)});
    crew_->ready.push_back(slots_[index]);
    try {
      if (!crew_->taking) call_someone(crew_);
    } catch (const std::system_error&) {
      if (!crew_->members.empty()) return;  // those that are there will come to it
      crew_->ready.pop_back();
      throw;
    }
  }

  /// Wakes the thread that is to come. Without the mutex: whoever is woken wants it at once.
  void wake_called() noexcept { wake_called(*crew_); }

  /// Whether a thread will soon call SlotListener::slot_awake().
  [[nodiscard]] bool waking() const noexcept { return crew_->waking && !crew_->ready.empty(); }

  /// To request a stop with, without the mutex, since callbacks run in it.
  [[nodiscard]] std::stop_source stop_source(std::size_t index) const {
    return slots_[index] ? slots_[index]->stop : std::stop_source{std::nostopstate};
  }

  /// What runs in a slot goes on, if it does, without anyone caring; its thread is written off.
  void abandon(std::size_t index) {
    const std::shared_ptr<Run> run = std::move(slots_[index]);
    if (!run || std::erase(crew_->ready, run) > 0) return;
    const auto member = std::ranges::find(crew_->members, run.get(), &Member::run);
    if (member == crew_->members.end()) return;  // it has returned
    run->abandoned = true;
    member->thread.detach();
    crew_->members.erase(member);
  }

  /// Waits until nothing runs, or until then.
  void wait_idle(std::unique_lock<std::mutex>& lock, Time until) {
    crew_->rested.wait_until(lock, until, [this] {
      return crew_->ready.empty() && std::ranges::all_of(crew_->members, [](const Member& m) { return !m.run; });
    });
  }

 private:
  struct Run {
    SlotJob job;
    std::stop_source stop{};
    bool abandoned = false;
  };
  struct Member {
    std::thread thread{};
    const Run* run = nullptr;  // what it is at
  };
  // Guarded by the sink's mutex.
  struct Crew {
    Crew(std::size_t most_members, std::shared_ptr<SlotSink> shared) : most(most_members), sink(std::move(shared)) {}
    const std::size_t most;
    const std::shared_ptr<SlotSink> sink;
    std::list<Member> members;
    std::deque<std::shared_ptr<Run>> ready;
    std::condition_variable wake, rested;
    std::size_t idle = 0;
    bool waking = false;            // one has been called and is not there yet
    std::atomic<bool> call{false};  // it is still to be woken
    bool taking = false;            // a thread is about to take what is ready
    bool leave = false;
  };

  // Sees to it that someone takes what is ready.
  static void call_someone(const std::shared_ptr<Crew>& crew) {
    if (crew->waking) return;
    if (crew->idle > 0) {
      crew->waking = true;
      crew->call = true;
    } else if (crew->members.size() < crew->most) {
      const auto member = crew->members.emplace(crew->members.end());
      try {
        member->thread = std::thread{[crew, member] { work(crew, *member); }};
        crew->waking = true;
      } catch (...) {
        crew->members.erase(member);
        throw;
      }
    }
  }

  static void wake_called(Crew& crew) noexcept {
    if (crew.call.load(std::memory_order_relaxed) && crew.call.exchange(false)) crew.wake.notify_one();
  }
  static void work(const std::shared_ptr<Crew>& crew, Member& member);
  static void evaluate(Crew& crew, Run& run, std::unique_lock<std::mutex>& lock);

  std::shared_ptr<Crew> crew_;
  std::vector<std::shared_ptr<Run>> slots_;
};

// `member` is gone once what it ran was abandoned.
inline void SlotThreads::work(const std::shared_ptr<Crew>& crew, Member& member) {
  std::unique_lock lock{crew->sink->mutex};
  bool called = true;
  for (;;) {
    while (crew->ready.empty() && !crew->leave) {
      if (std::exchange(called, false)) crew->waking = false;
      ++crew->idle;
      crew->wake.wait(lock);
      --crew->idle;
      called = true;
    }
    if (std::exchange(called, false)) {
      crew->waking = false;
      if (crew->sink->listener) crew->sink->listener->slot_awake();
    }
    if (crew->ready.empty()) return;
    const std::shared_ptr<Run> run = std::move(crew->ready.front());
    crew->ready.pop_front();
    member.run = run.get();
    try {
      if (!crew->ready.empty()) call_someone(crew);
    } catch (const std::system_error&) {  // then this one does it all
    }
    evaluate(*crew, *run, lock);
    if (run->abandoned) return;
    member.run = nullptr;
    if (crew->ready.empty()) crew->rested.notify_all();
  }
}

inline void SlotThreads::evaluate(Crew& crew, Run& run, std::unique_lock<std::mutex>& lock) {
  SlotSink& sink = *crew.sink;
  lock.unlock();
  wake_called(crew);
  const TaskId task = run.job.task;
  const SlotJob::Report report = [&](std::int64_t step, double value) {
    const std::lock_guard guard{sink.mutex};
    if (sink.listener && !run.abandoned) sink.listener->slot_reported(task, step, value);
  };
  const Time began = std::chrono::steady_clock::now();
  auto evaluation = hposearch::detail::evaluate([&] { return run.job.evaluate(run.stop.get_token(), report); });
  const Time ended = std::chrono::steady_clock::now();
  run.job.evaluate = nullptr;  // whoever hears of the end may rely on the objective being let go
  lock.lock();
  if (!sink.listener || run.abandoned) return;
  crew.taking = true;
  sink.listener->slot_finished(task, std::move(evaluation), began, ended);
  crew.taking = false;
}

}  // namespace hposearch::inline v0::cluster
