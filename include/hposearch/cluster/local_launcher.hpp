/// \file
/// Starts workers on this machine.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <hposearch/cluster/launcher.hpp>
#include <hposearch/cluster/restart_policy.hpp>
#include <hposearch/error.hpp>
#include <hposearch/executor/command_output.hpp>
#include <hposearch/executor/evaluate.hpp>
#include <hposearch/executor/output_tail.hpp>
#include <hposearch/executor/posix.hpp>
#include <hposearch/executor/slot_options.hpp>
#include <hposearch/executor/spawn.hpp>
#include <hposearch/text.hpp>

namespace hposearch::inline v0 {

struct LocalLauncherOptions {
  std::size_t least = 0;    ///< workers that are kept whatever scale() says
  std::size_t most = 1024;  ///< workers that are never exceeded
  /// Set for worker i: the entry i modulo their number, such as {"CUDA_VISIBLE_DEVICES", "0"} for the first.
  std::vector<std::vector<std::pair<std::string, std::string>>> environments{};
  RestartOptions restart{};
  /// How long a worker that is one too many may take to finish its trials before it is killed; by default a year.
  std::chrono::nanoseconds grace = std::chrono::hours{24 * 365};
  /// Gets each line that a worker prints, from a thread of the launcher's. Must not throw or call the launcher.
  std::function<void(std::size_t worker, std::string_view line)> on_line{};
};

/// Starts worker processes on this machine and starts those again that die; a model of Launcher.
///
///     LocalLauncher workers{{{"./train", "--worker", cluster.url()}}, {.environments = {{{"CUDA_VISIBLE_DEVICES",
///     "0"}},
///                                                                                 {{"CUDA_VISIBLE_DEVICES", "1"}}}}};
///     workers.scale(2);
///
/// Each worker leads a process group, and dies with this program, however that ends (Linux). A worker that is asked to
/// finish gets SIGTERM. See WorkerStatus for those that are not started again.
class LocalLauncher {
 public:
  /// Starts `least` workers.
  /// \throws InvalidArgument if there is no program, least is above most, a variable has no proper name or a time is
  /// negative
  explicit LocalLauncher(WorkerProgram program, LocalLauncherOptions options = {});
  LocalLauncher(const LocalLauncher&) = delete;
  LocalLauncher& operator=(const LocalLauncher&) = delete;
  ~LocalLauncher();

  void scale(std::size_t workers);
  [[nodiscard]] std::size_t alive() const;
  void stop(std::chrono::nanoseconds grace = std::chrono::seconds{5});

  /// One text for each worker that is not started again because it failed: how it ended and what it printed last.
  [[nodiscard]] std::vector<std::string> failures() const;

 private:
  using Clock = std::chrono::steady_clock;

  // Where one worker after the other lives.
  struct Place {
    explicit Place(const RestartOptions& options) : policy(options) {}
    std::unique_ptr<detail::Program> program{};
    detail::RestartPolicy policy;
    detail::SteadyTime started{}, next_start{}, kill_at = detail::SteadyTime::max();
    bool leaving = false;  // was asked to end
    bool closed = false;   // nobody is started here again
    detail::OutputTail tail{10};
    detail::LineSplitter output{}, errors{};
  };

  void keep();
  void attend(std::size_t index, detail::SteadyTime now, std::size_t wanted);
  void start(std::size_t index, detail::SteadyTime now);
  void receive(std::size_t index);
  void finish(std::size_t index);
  void died(Place& place, std::chrono::nanoseconds lived, std::string failure);
  void dismiss(Place& place, detail::SteadyTime now, std::chrono::nanoseconds grace);
  [[nodiscard]] detail::SteadyTime watch(std::vector<pollfd>& watched) const;
  void wake() const noexcept { static_cast<void>(!::write(to_wake_.second.get(), "w", 1)); }
  [[nodiscard]] std::size_t count_alive() const;

  const WorkerProgram program_;
  const LocalLauncherOptions options_;
  std::pair<detail::UniqueFd, detail::UniqueFd> to_wake_ = detail::make_pipe();
  detail::UniqueFd nothing_;  // what workers read
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::unique_ptr<Place>> places_;
  std::vector<std::string> failures_;
  std::size_t wanted_ = 0;
  bool stopping_ = false, quit_ = false;
  std::chrono::nanoseconds stop_grace_{};
  std::thread keeper_;  // last: it uses all of the above. Workers die with the thread that started them.
};

static_assert(Launcher<LocalLauncher>);

inline LocalLauncher::LocalLauncher(WorkerProgram program, LocalLauncherOptions options)
    : program_(std::move(program)), options_(std::move(options)), nothing_(::open("/dev/null", O_RDONLY | O_CLOEXEC)) {
  if (program_.arguments.empty() || program_.arguments.front().empty())
    throw InvalidArgument("arguments", "\"\"", "must begin with the name of a program");
  if (options_.least > options_.most)
    throw InvalidArgument("least", to_text(options_.least), "must be at most " + to_text(options_.most));
  static_cast<void>(detail::RestartPolicy{options_.restart});
  detail::check_grace(options_.grace);
  std::vector<SlotOptions> named{{{}, program_.environment}};
  for (const auto& environment : options_.environments) named.push_back({{}, environment});
  static_cast<void>(detail::complete_slot_options(named, named.size()));
  if (!nothing_) detail::throw_errno("/dev/null");
  detail::set_nonblocking(to_wake_.first.get());
  detail::set_nonblocking(to_wake_.second.get());
  wanted_ = options_.least;
  keeper_ = std::thread{[this] { keep(); }};
}

inline LocalLauncher::~LocalLauncher() {
  {
    const std::lock_guard lock{mutex_};
    quit_ = true;
  }
  wake();
  keeper_.join();  // places_ kills what is left
}

inline void LocalLauncher::scale(std::size_t workers) {
  {
    const std::lock_guard lock{mutex_};
    wanted_ = std::clamp(workers, options_.least, options_.most);
  }
  wake();
}

inline std::size_t LocalLauncher::alive() const {
  const std::lock_guard lock{mutex_};
  return count_alive();
}

inline void LocalLauncher::stop(std::chrono::nanoseconds grace) {
  detail::check_grace(grace);
  std::unique_lock lock{mutex_};
  wanted_ = 0;
  stopping_ = true;
  stop_grace_ = grace;
  wake();
  changed_.wait(lock, [&] { return !stopping_; });
}

inline std::vector<std::string> LocalLauncher::failures() const {
  const std::lock_guard lock{mutex_};
  return failures_;
}

inline std::size_t LocalLauncher::count_alive() const {
  const auto runs = [](const auto& place) { return place->program != nullptr; };
  return static_cast<std::size_t>(std::count_if(places_.begin(), places_.end(), runs));
}

// The keeper's loop: looks after each place, then sleeps until something happens.
inline void LocalLauncher::keep() {
  std::unique_lock lock{mutex_};
  while (!quit_) {
    const auto now = Clock::now();
    if (stopping_) {
      for (const auto& place : places_)
        if (place->program) dismiss(*place, now, stop_grace_);
    }
    while (places_.size() < wanted_) places_.push_back(std::make_unique<Place>(options_.restart));
    for (std::size_t i = 0; i < places_.size(); ++i) attend(i, now, wanted_);
    if (stopping_ && count_alive() == 0) {
      stopping_ = false;
      places_.clear();
      changed_.notify_all();
    }
    std::vector<pollfd> watched;
    const auto until = watch(watched);
    lock.unlock();
    detail::poll_until(watched, until);
    detail::drain(to_wake_.first, [](std::string_view) {});
    lock.lock();
  }
}

inline void LocalLauncher::attend(std::size_t index, detail::SteadyTime now, std::size_t wanted) {
  Place& place = *places_[index];
  if (place.program) {
    receive(index);
    if (place.program->has_ended()) {
      finish(index);
    } else if (index >= wanted) {
      dismiss(place, now, options_.grace);
    }
    if (place.program && now >= place.kill_at) {
      place.program->kill();
      place.kill_at = detail::SteadyTime::max();
    }
  }
  if (!place.program && index < wanted && !place.closed && now >= place.next_start) start(index, now);
}

inline void LocalLauncher::start(std::size_t index, detail::SteadyTime now) {
  Place& place = *places_[index];
  auto environment = program_.environment;
  if (!options_.environments.empty()) {
    const auto& own = options_.environments[index % options_.environments.size()];
    std::erase_if(environment, [&](const auto& variable) {
      return std::any_of(own.begin(), own.end(), [&](const auto& other) { return other.first == variable.first; });
    });
    environment.insert(environment.end(), own.begin(), own.end());
  }
  place.tail = detail::OutputTail{10};
  place.started = now;
  place.leaving = false;
  place.kill_at = detail::SteadyTime::max();
  try {
    place.program = std::unique_ptr<detail::Program>{
        new detail::Program(detail::spawn(program_.arguments, detail::changed_environment(environment), nothing_))};
  } catch (const std::system_error& error) {
    died(place, {}, "could not run " + program_.arguments.front() + ": " + error.code().message());
  }
}

inline void LocalLauncher::receive(std::size_t index) {
  Place& place = *places_[index];
  const auto take = [&](std::string_view line) {
    place.tail.append(line);
    place.tail.append("\n");
    if (options_.on_line) options_.on_line(index, line);
  };
  detail::drain(place.program->output, [&](std::string_view text) { place.output.feed(text, take); });
  detail::drain(place.program->errors, [&](std::string_view text) { place.errors.feed(text, take); });
}

inline void LocalLauncher::finish(std::size_t index) {
  Place& place = *places_[index];
  receive(index);
  for (auto* lines : {&place.output, &place.errors})
    lines->finish([&](std::string_view line) {
      place.tail.append(line);
      if (options_.on_line) options_.on_line(index, line);
    });
  const int status = place.program->finish();
  place.program.reset();
  if (place.leaving) return;  // as it was asked to
  const auto ended_with = [&](WorkerStatus expected) {
    return status != -1 && WIFEXITED(status) && WEXITSTATUS(status) == static_cast<int>(expected);
  };
  if (ended_with(WorkerStatus::finished)) {
    place.closed = true;
    return;
  }
  const std::string tail = place.tail.text();
  place.closed = ended_with(WorkerStatus::refused);
  died(place, Clock::now() - place.started,
       "worker " + to_text(index) + ' ' + detail::exit_text(status) + (tail.empty() ? "" : "\nlast output:\n" + tail));
}

// It is started again later, or its last failure is kept.
inline void LocalLauncher::died(Place& place, std::chrono::nanoseconds lived, std::string failure) {
  const auto delay = place.policy.died(lived);
  place.closed = place.closed || !delay;
  if (place.closed) failures_.push_back(std::move(failure));
  place.next_start = detail::after(Clock::now(), delay.value_or(std::chrono::nanoseconds{}));
}

// Asks once; a later demand can only bring the end nearer.
inline void LocalLauncher::dismiss(Place& place, detail::SteadyTime now, std::chrono::nanoseconds grace) {
  if (!place.leaving) place.program->terminate();
  place.leaving = true;
  place.kill_at = std::min(place.kill_at, detail::after(now, grace));
}

inline detail::SteadyTime LocalLauncher::watch(std::vector<pollfd>& watched) const {
  auto until = detail::SteadyTime::max();
  watched.push_back({to_wake_.first.get(), POLLIN, 0});
  for (std::size_t i = 0; i < places_.size(); ++i) {
    const Place& place = *places_[i];
    if (place.program) {
      place.program->watch(watched);
      until = std::min(until, place.kill_at);
      if (!place.program->end_is_watched()) until = std::min(until, detail::next_look());
    } else if (i < wanted_ && !place.closed) {
      until = std::min(until, place.next_start);
    }
  }
  return until;
}

}  // namespace hposearch::inline v0
