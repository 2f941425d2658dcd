/// \file
/// The threads in which a worker evaluates.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
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

 protected:
  ~SlotListener() = default;
};

/// What threads share with the worker, and keep when they outlive it.
struct SlotSink {
  std::mutex mutex;
  SlotListener* listener = nullptr;  ///< none once the worker is gone
  std::condition_variable idle;      ///< notified when a slot has nothing more to do
};

/// One trial, ready to be evaluated.
struct SlotJob {
  using Report = std::function<void(std::int64_t, double)>;
  TaskId task = 0;
  std::function<double(std::stop_token, const Report&)> evaluate;  ///< may throw
};

/// A thread for each slot, made when it is first used. All calls with the sink's mutex locked, but the destructor.
class SlotThreads {
 public:
  explicit SlotThreads(std::size_t slots, std::shared_ptr<SlotSink> sink) : sink_(std::move(sink)), slots_(slots) {}
  /// Waits for those that run; abandon them before, or they may never return.
  ~SlotThreads() {
    {
      const std::lock_guard lock{sink_->mutex};
      for (Slot& slot : slots_) dismiss(slot);
    }
    for (Slot& slot : slots_)
      if (slot.thread.joinable()) slot.thread.join();
  }
  SlotThreads(const SlotThreads&) = delete;
  SlotThreads& operator=(const SlotThreads&) = delete;

  /// \throws std::system_error if a thread is needed and there is none
  void run(std::size_t index, SlotJob job) {
    Slot& slot = slots_[index];
    if (!slot.letters) {
      auto letters = std::make_shared<Letters>();
      slot.thread = std::thread{[sink = sink_, letters] { work(*sink, *letters); }};
      slot.letters = std::move(letters);
    }
    slot.stop = std::stop_source{};
    slot.letters->job.emplace(std::move(job));
    slot.letters->busy = true;
    slot.letters->stop = slot.stop.get_token();
    slot.letters->wake.notify_one();
  }

  /// Requests a stop without the mutex, since callbacks run in it.
  [[nodiscard]] std::stop_source stop_source(std::size_t index) const { return slots_[index].stop; }

  /// Waits until no slot has anything to do, or until then.
  void wait_idle(std::unique_lock<std::mutex>& lock, Time until) {
    sink_->idle.wait_until(lock, until, [this] {
      return std::ranges::none_of(slots_, [](const Slot& slot) { return slot.letters && slot.letters->busy; });
    });
  }

  /// The thread of a slot goes on, if it does, without anyone caring; the slot gets a new one.
  void abandon(std::size_t index) {
    Slot& slot = slots_[index];
    dismiss(slot);
    slot.letters.reset();
    if (slot.thread.joinable()) slot.thread.detach();
  }

 private:
  // A thread's letter box.
  struct Letters {
    std::condition_variable wake;
    std::optional<SlotJob> job;
    std::stop_token stop;
    bool busy = false;
    bool leave = false;
  };
  struct Slot {
    std::shared_ptr<Letters> letters;
    std::thread thread;
    std::stop_source stop{std::nostopstate};
  };

  static void dismiss(Slot& slot) {
    if (!slot.letters) return;
    slot.letters->leave = true;
    slot.letters->wake.notify_one();
  }

  static void work(SlotSink& sink, Letters& letters);

  std::shared_ptr<SlotSink> sink_;
  std::vector<Slot> slots_;
};

inline void SlotThreads::work(SlotSink& sink, Letters& letters) {
  std::unique_lock lock{sink.mutex};
  for (;;) {
    letters.wake.wait(lock, [&] { return letters.job || letters.leave; });
    if (!letters.job) return;
    std::optional<SlotJob> job = std::exchange(letters.job, std::nullopt);
    const std::stop_token stop = letters.stop;
    lock.unlock();
    const TaskId task = job->task;
    const SlotJob::Report report = [&](std::int64_t step, double value) {
      const std::lock_guard guard{sink.mutex};
      if (sink.listener && !letters.leave) sink.listener->slot_reported(task, step, value);
    };
    const Time began = std::chrono::steady_clock::now();
    auto evaluation = hposearch::detail::evaluate([&] { return job->evaluate(stop, report); });
    const Time ended = std::chrono::steady_clock::now();
    job.reset();  // whoever hears of the end may rely on the objective being let go
    lock.lock();
    letters.busy = false;
    if (sink.listener && !letters.leave) sink.listener->slot_finished(task, std::move(evaluation), began, ended);
    if (!letters.busy) sink.idle.notify_all();
  }
}

}  // namespace hposearch::inline v0::cluster
