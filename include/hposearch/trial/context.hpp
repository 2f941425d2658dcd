/// \file
/// What a running objective may know about, and say from, the place it runs in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include <hposearch/trial/state.hpp>

namespace hposearch::inline v0 {

namespace detail {

/// Its address stands for a type.
template <class T>
inline constexpr char type_mark = 0;

}  // namespace detail

/// The context of one running trial. An objective gets it by declaring a `TrialContext&` parameter, first or last.
///
/// Belongs to the thread that evaluates; only `stop_token()` may be handed to other threads.
class TrialContext {
 public:
  /// Receives reports: step and value.
  using ReportSink = std::function<void(std::int64_t, double)>;

  TrialContext(TrialId trial, std::size_t slot, std::size_t attempt, std::stop_token stop,
               std::vector<std::string> devices = {}, ReportSink sink = {})
      : trial_(trial),
        slot_(slot),
        attempt_(attempt),
        stop_(std::move(stop)),
        devices_(std::move(devices)),
        sink_(std::move(sink)) {}

  [[nodiscard]] TrialId trial() const noexcept { return trial_; }
  /// Which slot of the executor this is, 0 to slots - 1.
  [[nodiscard]] std::size_t slot() const noexcept { return slot_; }
  /// 1 for the first attempt at this trial, 2 for its first retry.
  [[nodiscard]] std::size_t attempt() const noexcept { return attempt_; }
  /// Ids of the devices that belong to this slot, as CUDA_VISIBLE_DEVICES would name them; often none.
  [[nodiscard]] const std::vector<std::string>& devices() const noexcept { return devices_; }

  /// Becomes ready when the trial was cancelled, pruned or timed out. A long objective looks at it now and then and
  /// returns early; what it returns then is not used.
  [[nodiscard]] const std::stop_token& stop_token() const noexcept { return stop_; }
  [[nodiscard]] bool stop_requested() const noexcept { return stop_.stop_requested(); }

  /// Tells the search an intermediate value, in the objective's own direction.
  /// \param step how far the trial is, in the user's own unit (epochs, batches); should grow
  void report(std::int64_t step, double value) {
    if (sink_) sink_(step, value);
  }

  /// What the executor has put at the trial's disposal besides, by its type; nullptr if it is not of this one.
  template <class T>
  [[nodiscard]] T* find() const noexcept {
    return offered_type_ == &detail::type_mark<T> ? static_cast<T*>(offered_) : nullptr;
  }
  /// For executors, before the objective is called: what find<T>() gives from now on, until something else is offered.
  /// \param object must stay until the objective has returned
  template <class T>
  void offer(T& object) noexcept {
    offered_type_ = &detail::type_mark<T>;
    offered_ = &object;
  }

 private:
  TrialId trial_;
  std::size_t slot_;
  std::size_t attempt_;
  std::stop_token stop_;
  std::vector<std::string> devices_;
  ReportSink sink_;
  const char* offered_type_ = nullptr;
  void* offered_ = nullptr;
};

}  // namespace hposearch::inline v0
