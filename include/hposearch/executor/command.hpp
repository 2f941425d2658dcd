/// \file
/// An objective that is a program of its own, in any language.
#pragma once

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <poll.h>
#include <unistd.h>

#include <hposearch/error.hpp>
#include <hposearch/executor/command_output.hpp>
#include <hposearch/executor/command_values.hpp>
#include <hposearch/executor/evaluate.hpp>
#include <hposearch/executor/output_tail.hpp>
#include <hposearch/executor/posix.hpp>
#include <hposearch/executor/spawn.hpp>
#include <hposearch/text.hpp>
#include <hposearch/trial/context.hpp>

namespace hposearch::inline v0 {

struct CommandOptions {
  /// How long a command that was asked to stop (SIGTERM) may take to end, before it is killed. Should be shorter than
  /// the executor's.
  std::chrono::nanoseconds grace = std::chrono::milliseconds{500};
  std::size_t output_lines = 20;                                   ///< how many lines a failure's message ends with
  std::vector<std::pair<std::string, std::string>> environment{};  ///< set for the command
};

/// An objective that runs an external command for each trial and takes its result from what that prints:
///
///     minimize(Command{"./train.py", "--rate", "{learning_rate}"}, optimizer, pool);
///
/// The command gets the point in three ways, to use as it likes: each `{name}` in its arguments is replaced by that
/// value, each value is in the environment as `HPO_<NAME>` (in capitals, with '_' for what is no letter or digit), and
/// the point is one line of JSON on standard input: `{"learning_rate": 0.01, "pool": "max"}`. HPOSEARCH_TRIAL,
/// HPOSEARCH_ATTEMPT and HPOSEARCH_SLOT are set as well, and CUDA_VISIBLE_DEVICES if the slot has devices.
///
/// Its result is the last line on standard output that is a number, or a JSON object with a number under "value".
/// Lines `hposearch: report STEP VALUE` are intermediate reports. A status other than 0, or no result, is a failure
/// with the last lines of standard error (if there are none, of standard output).
///
/// The stop token ends the command's whole process group: first SIGTERM, after `grace` SIGKILL. What is left of the
/// group when the command has ended is killed as well. Runs in every executor; ThreadPool is the lightest. May be
/// called from several threads at once.
class Command {
 public:
  /// \throws InvalidArgument if there is no program
  template <std::convertible_to<std::string>... A>
    requires(sizeof...(A) > 0)
  explicit Command(const A&... arguments) : Command(std::vector<std::string>{std::string(arguments)...}) {}

  explicit Command(std::vector<std::string> arguments, CommandOptions options = {})
      : arguments_(std::move(arguments)), options_(std::move(options)) {
    if (arguments_.empty() || arguments_.front().empty())
      throw InvalidArgument("arguments", "\"\"", "must begin with the name of a program");
    detail::check_grace(options_.grace);
  }

  /// Runs the command.
  /// \throws Error with the reason if it has no result
  template <CommandPoint P>
  [[nodiscard]] double operator()(const P& point, TrialContext& context) const {
    return run(command_values(point), context);
  }

 private:
  struct Output {
    detail::LineSplitter lines;
    detail::OutputTail output, errors;
    std::optional<double> result{};
  };

  [[nodiscard]] double run(const std::vector<CommandValue>& values, TrialContext& context) const;
  [[nodiscard]] std::vector<std::string> environment(const std::vector<CommandValue>& values,
                                                     const TrialContext& context) const;
  int attend(detail::Program& program, Output& output, TrialContext& context) const;
  static void receive(detail::Program& program, Output& output, TrialContext& context);
  static void take_line(std::string_view line, Output& output, TrialContext& context);

  std::vector<std::string> arguments_;
  CommandOptions options_;
};

namespace detail {

/// A pipe that holds `text` and nothing more, to be read.
/// \throws Error if it does not fit
[[nodiscard]] inline UniqueFd filled_pipe(std::string_view text) {
  auto [to_read, to_write] = make_pipe();
  set_nonblocking(to_write.get());
  const ssize_t written = ::write(to_write.get(), text.data(), text.size());
  if (written != static_cast<ssize_t>(text.size())) throw Error("the point is too long for a command's input");
  return std::move(to_read);
}

}  // namespace detail

inline double Command::run(const std::vector<CommandValue>& values, TrialContext& context) const {
  std::vector<std::string> arguments;
  for (const std::string& argument : arguments_) arguments.push_back(detail::fill_placeholders(argument, values));
  Output output{{}, detail::OutputTail{options_.output_lines}, detail::OutputTail{options_.output_lines}};
  int status = 0;
  try {
    detail::Program program =
        detail::spawn(arguments, environment(values, context), detail::filled_pipe(detail::command_line(values)));
    status = attend(program, output, context);
  } catch (const std::system_error& error) {
    throw Error("could not run " + arguments.front() + ": " + error.code().message());
  }
  if (status == 0 && output.result) return *output.result;
  std::string message =
      arguments.front() + ' ' +
      (status == 0 ? "printed no line with a number, or with {\"value\": <number>}" : detail::exit_text(status));
  const std::string errors = output.errors.text();
  const std::string tail = errors.empty() ? output.output.text() : errors;
  throw Error(tail.empty() ? message : message + "\nlast output:\n" + tail);
}

inline std::vector<std::string> Command::environment(const std::vector<CommandValue>& values,
                                                     const TrialContext& context) const {
  std::vector<std::pair<std::string, std::string>> changes = options_.environment;
  for (const CommandValue& value : values) changes.emplace_back(detail::command_variable(value.name), value.text);
  changes.emplace_back("HPOSEARCH_TRIAL", to_text(context.trial()));
  changes.emplace_back("HPOSEARCH_ATTEMPT", to_text(context.attempt()));
  changes.emplace_back("HPOSEARCH_SLOT", to_text(context.slot()));
  std::string devices;
  for (const std::string& device : context.devices()) devices += (devices.empty() ? "" : ",") + device;
  if (!devices.empty()) changes.emplace_back("CUDA_VISIBLE_DEVICES", devices);
  return detail::changed_environment(changes);
}

// Takes in what the program prints until it has ended, and ends it when it should stop. Returns its status.
inline int Command::attend(detail::Program& program, Output& output, TrialContext& context) const {
  using detail::SteadyTime;
  const auto [to_wake, waker] = detail::make_pipe();
  const std::stop_callback callback(context.stop_token(),
                                    [fd = waker.get()] { static_cast<void>(!::write(fd, "s", 1)); });
  bool asked = false;
  SteadyTime give_up = SteadyTime::max();
  while (!program.has_ended()) {
    std::vector<pollfd> watched;
    program.watch(watched);
    if (!asked) watched.push_back({to_wake.get(), POLLIN, 0});
    detail::poll_until(watched, program.end_is_watched() ? give_up : std::min(give_up, detail::next_look()));
    receive(program, output, context);
    if (!asked && context.stop_requested()) {
      asked = true;
      program.terminate();
      give_up = detail::after(std::chrono::steady_clock::now(), options_.grace);
    }
    if (std::chrono::steady_clock::now() < give_up) continue;
    program.kill();
    give_up = SteadyTime::max();
  }
  receive(program, output, context);
  output.lines.finish([&](std::string_view line) { take_line(line, output, context); });
  return program.finish();
}

inline void Command::receive(detail::Program& program, Output& output, TrialContext& context) {
  detail::drain(program.output, [&](std::string_view text) {
    output.lines.feed(text, [&](std::string_view line) { take_line(line, output, context); });
  });
  detail::drain(program.errors, [&](std::string_view text) { output.errors.append(text); });
}

inline void Command::take_line(std::string_view line, Output& output, TrialContext& context) {
  if (const auto report = detail::parse_report(line)) {
    context.report(report->first, report->second);
    return;
  }
  if (const auto result = detail::parse_result(line)) output.result = result;
  output.output.append(line);
  output.output.append("\n");
}

}  // namespace hposearch::inline v0
