/// \file
/// The scheduler's state machine: tasks of programs, and how they end.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include <hposearch/cluster/scheduler_state_class.hpp>

namespace hposearch::inline v0::cluster {

inline void SchedulerState::take_task(Owner owner, ProgramRecord& program, Task task, Time now) {
  const TaskId id = task.task;
  if (program.tasks.size() >= std::max(least_task_limit, 4 * head_.slots()))
    throw MalformedMessage("has far more tasks than slots");
  const auto [own, is_new] = program.tasks.try_emplace(id);
  if (!is_new) {
    if (own->second.result) transmit(program, own->second, now);
    return;
  }
  ++program.info.unfinished;
  note_load(program, now);
  Submission submission;
  submission.task = id;
  submission.owner = owner;
  submission.space = program.info.space;
  submission.trial = task.trial;
  submission.point = std::move(task.point.bytes);
  submission.options.attempt = task.attempt;
  submission.options.needs = {std::move(task.resources), std::move(task.labels)};
  if (task.timeout_ns) {
    constexpr std::uint64_t longest = std::uint64_t{1} << 60U;
    submission.options.timeout =
        std::chrono::nanoseconds{static_cast<std::int64_t>(std::min(*task.timeout_ns, longest))};
  }
  submission.again = task.again;
  const auto other = owner_of_.find(id);
  const bool free = other == owner_of_.end();
  const bool dying = !free && !programs_.contains(other->second);
  if (free)
    submit(std::move(submission), now);
  else if (!dying || !postponed_.try_emplace(id, std::move(submission)).second)
    end_unsubmitted(program, id, ResultStatus::failed, "another program has a task with this id", now);
}

inline void SchedulerState::submit(Submission submission, Time now) {
  const TaskId id = submission.task;
  const Owner owner = submission.owner;
  owner_of_[id] = owner;
  try {
    head_.submit(std::move(submission), now);
  } catch (const InvalidArgument& error) {
    owner_of_.erase(id);
    end_unsubmitted(programs_.at(owner), id, ResultStatus::failed, error.what(), now);
  }
}

inline void SchedulerState::cancel(ProgramRecord& program, TaskId id, Time now) {
  const auto found = program.tasks.find(id);
  if (found == program.tasks.end() || found->second.result) return;
  found->second.cancelled = true;
  if (postponed_.erase(id) > 0) return end_unsubmitted(program, id, ResultStatus::cancelled, {}, now);
  head_.cancel(id, now);
}

inline void SchedulerState::recall(ProgramRecord& program, TaskId id, Time now) {
  const auto found = program.tasks.find(id);
  if (found == program.tasks.end() || found->second.result) return;
  if (postponed_.erase(id) > 0) return end_unsubmitted(program, id, ResultStatus::released, {}, now);
  if (head_.recall(id, now)) found->second.recalled = true;
}

// The program has dealt with the result.
inline void SchedulerState::acknowledge(Owner owner, ProgramRecord& program, TaskId id) {
  const auto found = program.tasks.find(id);
  if (found == program.tasks.end() || !found->second.result) return;
  program.tasks.erase(found);
  program.reports.forget(id);
  const auto of = owner_of_.find(id);
  if (of == owner_of_.end() || of->second != owner) return;
  head_.consumed(id);
  owner_of_.erase(of);
}

// A task that the head does not know has ended.
inline void SchedulerState::end_unsubmitted(ProgramRecord& program, TaskId id, ResultStatus status, std::string message,
                                            Time now) {
  Result result;
  result.task = id;
  result.status = status;
  result.message = std::move(message);
  store(program, program.tasks.at(id), std::move(result), now, now);
}

inline void SchedulerState::store(ProgramRecord& program, SubmittedTask& task, Result result, Time finished, Time now) {
  const std::size_t longest = program.max_body - unauthenticated_frame_limit / 2;  // the rest of a result takes less
  if (result.message.size() > longest) result.message.resize(longest);
  task.result = std::move(result);
  task.finished = finished;
  --program.info.unfinished;
  note_load(program, now);
  if (program.accepted) transmit(program, task, now);
}

inline void SchedulerState::transmit(ProgramRecord& program, SubmittedTask& task, Time now) {
  const auto age = std::max<std::int64_t>(0, (now - task.finished) / std::chrono::nanoseconds{1});
  task.result->finished_ns = static_cast<std::uint64_t>(age);
  send(program, *task.result, now);
}

inline void SchedulerState::take_event(HeadEvent event, Time now) {
  if (event.event.kind == ExecutorEvent::Kind::slots_changed) {
    shares_changed_ = true;
    return;
  }
  if (event.event.final()) return take_end(event, now);
  const auto owner = owner_of_.find(event.task);
  const auto program = owner == owner_of_.end() ? programs_.end() : programs_.find(owner->second);
  if (program == programs_.end()) return;
  const auto task = program->second.tasks.find(event.task);
  if (task == program->second.tasks.end()) return;
  Report report{event.task, event.event.step, event.event.value, static_cast<std::uint32_t>(event.event.slot)};
  report.sequence = ++task->second.reports;
  program->second.reports.add(report);
  if (program->second.accepted) send(program->second, report, now);
}

inline void SchedulerState::take_end(const HeadEvent& event, Time now) {
  const auto owner = owner_of_.find(event.task);
  const auto program = owner == owner_of_.end() ? programs_.end() : programs_.find(owner->second);
  if (program == programs_.end()) return consumed(event.task, now);
  SubmittedTask& task = program->second.tasks.at(event.task);
  const ExecutorEvent& end = event.event;
  Result result;
  result.task = event.task;
  switch (end.kind) {
    case ExecutorEvent::Kind::completed:
      result.status = ResultStatus::completed;
      result.value = end.value;
      break;
    case ExecutorEvent::Kind::failed:
      result.status = ResultStatus::failed;
      break;
    default:
      result.status = task.recalled && !task.cancelled ? ResultStatus::released : ResultStatus::cancelled;
  }
  result.message = end.message;
  result.slot = static_cast<std::uint32_t>(end.slot);
  result.run_ns = static_cast<std::uint64_t>(std::max<std::int64_t>(0, (end.finished - end.started).count()));
  store(program->second, task, std::move(result), end.finished, now);
}

// The head may forget a task that nobody waits for. Somebody may have come for it again.
inline void SchedulerState::consumed(TaskId id, Time now) {
  head_.consumed(id);
  owner_of_.erase(id);
  const auto later = postponed_.find(id);
  if (later != postponed_.end()) submit(postponed_.extract(later).mapped(), now);
}

}  // namespace hposearch::inline v0::cluster
