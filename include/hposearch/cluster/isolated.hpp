/// \file
/// A worker's trial in a process of its own.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include <poll.h>
#include <unistd.h>

#include <hposearch/error.hpp>
#include <hposearch/executor.hpp>
#include <hposearch/executor/evaluate.hpp>
#include <hposearch/executor/posix.hpp>
#include <hposearch/executor/process_options.hpp>
#include <hposearch/executor/trial_process.hpp>
#include <hposearch/trial/context.hpp>

namespace hposearch::inline v0::cluster {

/// Calls `objective` in a forked process and waits for it in this thread. See ProcessPool for what that means.
/// \param context of the trial, in this process
/// \param slot    which of `options.slots` it runs in
/// \param leave   called in the new process, to let go of what belongs to this one
/// \throws Error with the reason where the process gave no value
template <class Leave>
[[nodiscard]] double evaluate_isolated(const std::function<double(TrialContext&)>& objective, TrialContext& context,
                                       std::size_t slot, const ProcessPoolOptions& options, const Leave& leave) {
  namespace detail = hposearch::detail;
  ExecutorEvent trial;
  trial.trial = context.trial();
  trial.slot = slot;
  detail::TrialProcess process{trial, options};
  auto [woken, wake] = detail::make_pipe();
  // The process knows the trial's place in this worker; the objective is to know its place in the cluster.
  const auto in_place = [&](TrialContext& inner) {
    TrialContext outer{context.trial(),   context.slot(),
                       context.attempt(), inner.stop_token(),
                       context.devices(), [&](std::int64_t step, double value) {
                         inner.report(step, value); }};
    return objective(outer);
  };
  StartOptions start;
  start.attempt = context.attempt();
  process.launch(in_place, start, leave);
  const std::stop_callback on_stop{context.stop_token(), [fd = wake.get()] {
                                     static_cast<void>(!::write(fd, "s", 1));  // a full pipe wakes as well
                                   }};
  bool asked = false;
  for (;;) {
    const auto now = std::chrono::steady_clock::now();
    if (context.stop_requested() && !std::exchange(asked, true)) process.ask_to_stop(detail::StopCause::cancelled, now);
    detail::SteadyTime until = process.enforce_limits(now);
    std::vector<pollfd> watched;
    process.watch(watched);
    if (!asked) watched.push_back({woken.get(), POLLIN, 0});
    if (!process.end_is_watched()) until = std::min(until, detail::next_look());
    detail::poll_until(watched, until);
    const bool ended = process.has_ended();  // asked first, so that all it sent before its end is received
    process.receive([&](const ExecutorEvent& report) { context.report(report.step, report.value); });
    if (!ended) continue;
    const ExecutorEvent last = process.bury();
    if (last.kind == ExecutorEvent::Kind::completed) return last.value;
    throw Error(last.message.empty() ? "stopped" : last.message);
  }
}

}  // namespace hposearch::inline v0::cluster
