/// \file
/// One program as head and worker: serve_if_asked().
#pragma once

#ifdef __CUDACC__
#error "hposearch: network headers do not go through nvcc; include them in a .cpp file and keep only the kernels in .cu"
#endif

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <hposearch/cluster/certificates.hpp>
#include <hposearch/cluster/evaluator.hpp>
#include <hposearch/cluster/token.hpp>
#include <hposearch/cluster/worker.hpp>
#include <hposearch/cluster/worker_options.hpp>
#include <hposearch/error.hpp>
#include <hposearch/space/search_space.hpp>

namespace hposearch::inline v0 {

namespace cluster {

/// The parts of `text` between commas.
[[nodiscard]] inline std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    if (end > 0) parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

/// \throws InvalidArgument
template <class N>
[[nodiscard]] N read_count(const char* what, std::string_view text) {
  N count = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), count);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size())
    throw InvalidArgument(what, quoted(text), "must be a number");
  return count;
}

/// "gpu" or "gpu:2" into {"gpu", 1} or {"gpu", 2}. \throws InvalidArgument
[[nodiscard]] inline Resources::value_type read_resource(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return {std::string{text}, 1};
  return {std::string{text.substr(0, colon)}, read_count<std::uint32_t>("resource", text.substr(colon + 1))};
}

/// Changes the options by what the environment says. `variable(name)` is its value, or nullptr.
/// \returns whether it asks for a worker
template <class Variable>
bool read_worker_environment(WorkerOptions& options, const Variable& variable) {
  const auto with = [&](const char* name, const auto& use) {
    const char* const value = variable(name);
    if (value != nullptr && *value != '\0') use(std::string_view{value});
  };
  bool asked = false;
  with("HPOSEARCH_WORKER", [&](std::string_view text) {
    options.head = parse_head_address(text);
    asked = true;
  });
  with("HPOSEARCH_SLOTS", [&](auto text) { options.slots = read_count<std::size_t>("HPOSEARCH_SLOTS", text); });
  with("HPOSEARCH_NAME", [&](auto text) { options.name = text; });
  with("HPOSEARCH_LABELS", [&](auto text) { options.labels = split_list(text); });
  with("HPOSEARCH_RESOURCES", [&](auto text) {
    options.resources.clear();
    for (const auto& part : split_list(text)) options.resources.push_back(read_resource(part));
  });
  with("HPOSEARCH_CERTIFICATES", [&](auto text) { options.tls = TlsFiles::of_worker(text); });
  // A worker's devices are those of its process: all slots see them.
  if (const char* const devices = variable("CUDA_VISIBLE_DEVICES"); devices != nullptr && options.slot_options.empty())
    options.slot_options.assign(options.slots, SlotOptions{split_list(devices)});
  return asked;
}

/// Changes the options by a program's arguments, passing over those that are not a worker's.
/// \returns whether they ask for a worker
[[nodiscard]] inline bool read_worker_arguments(WorkerOptions& options, std::span<char* const> arguments) {
  bool asked = false;
  const auto given = [&](std::size_t& i, std::string_view name) -> std::optional<std::string_view> {
    const std::string_view argument = arguments[i];
    if (argument.substr(0, name.size()) != name) return {};
    if (argument.size() > name.size())
      return argument[name.size()] == '=' ? std::optional{argument.substr(name.size() + 1)} : std::nullopt;
    if (i + 1 == arguments.size()) throw InvalidArgument(std::string{name}, "nothing", "must have a value");
    return std::string_view{arguments[++i]};
  };
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const std::string_view argument = arguments[i];
    if (const auto head = given(i, "--worker")) {
      options.head = parse_head_address(*head);
      asked = true;
    } else if (const auto slots = given(i, "--slots")) {
      options.slots = read_count<std::size_t>("--slots", *slots);
      if (!options.slot_options.empty()) options.slot_options.resize(options.slots, options.slot_options.front());
    } else if (const auto name = given(i, "--name")) {
      options.name = *name;
    } else if (const auto label = given(i, "--label")) {
      options.labels.emplace_back(*label);
    } else if (const auto resource = given(i, "--resource")) {
      options.resources.push_back(read_resource(*resource));
    } else if (const auto folder = given(i, "--certificates")) {
      options.tls = TlsFiles::of_worker(*folder);
    } else if (argument == "--isolate") {
      options.isolate = true;
    } else if (argument == "--stay") {
      options.stay = true;
    }
  }
  return asked;
}

/// "2 slots, devices 0,1" for people.
[[nodiscard]] inline std::string describe(const WorkerOptions& options) {
  std::string text = to_text(options.slots) + (options.slots == 1 ? " slot" : " slots");
  if (!options.slot_options.empty()) {
    text += ", devices ";
    const auto& devices = options.slot_options.front().devices;
    for (std::size_t i = 0; i < devices.size(); ++i) text += (i == 0 ? "" : ",") + devices[i];
    if (devices.empty()) text += "none";
  }
  for (const auto& label : options.labels) text += ", " + label;
  for (const auto& [name, count] : options.resources) text += ", " + name + ':' + to_text(count);
  return text;
}

/// Serves until the worker leaves, and says on the standard error what it does. \returns the process's exit status
[[nodiscard]] inline int serve(WorkerOptions options, Evaluator evaluator, const TokenOptions& token) {
  try {
    std::clog << "hposearch worker: " << describe(options) << ", for " << to_text(options.head) << std::endl;
    Worker worker{shared_token(token), std::move(options), std::move(evaluator)};
    const Departure departure = worker.run();
    std::clog << "hposearch worker: " << departure.reason << std::endl;
    return departure.status;
  } catch (const std::exception& error) {
    std::clog << "hposearch worker: " << error.what() << std::endl;
    return Departure::refused;
  }
}

}  // namespace cluster

/// Makes the program a worker if it was started as one:
///
///     int main(int argc, char** argv) {
///       hpo::Space space{...};
///       auto evaluate = [](double learning_rate, int channels) { ... };
///       if (const auto status = hpo::serve_if_asked(argc, argv, space, evaluate)) return *status;
///       hpo::Cluster cluster;  // ./train is the head
///       ...
///
///     ./train --worker tcp://head:8786 [--slots 2] [--name NAME] [--label big] [--resource gpu:1] [--isolate] [--stay]
///             [--certificates FOLDER]
///     HPOSEARCH_WORKER=tcp://head:8786 ./train        (also HPOSEARCH_SLOTS, _NAME, _LABELS, _RESOURCES,
///     _CERTIFICATES) CUDA_VISIBLE_DEVICES=1 ./train --worker tcp://head:8786
///
/// The token is never an argument: it is read from HPOSEARCH_TOKEN, the file HPOSEARCH_TOKEN_FILE, or the user's own.
/// SIGINT and SIGTERM let the worker finish what it runs; a second one stops it. It says on the standard error what it
/// does.
/// \param options what the arguments and the environment do not say
/// \returns the exit status of a worker that has served: 0, or 2 if no head will ever take it; nothing if the program
/// was not started as a worker
template <SearchSpace S, class F>
[[nodiscard]] std::optional<int> serve_if_asked(int argc, char** argv, const S& space, F&& evaluate,
                                                WorkerOptions options = {}) {
  try {
    const bool by_environment =
        cluster::read_worker_environment(options, [](const char* name) { return std::getenv(name); });
    const bool by_arguments =
        cluster::read_worker_arguments(options, {argv, static_cast<std::size_t>(argc < 0 ? 0 : argc)});
    if (!by_environment && !by_arguments) return std::nullopt;
  } catch (const InvalidArgument& error) {
    std::clog << "hposearch worker: " << error.what() << std::endl;
    return cluster::Departure::refused;
  }
  options.handle_signals = true;
  return cluster::serve(std::move(options), cluster::make_evaluator(space, std::forward<F>(evaluate)),
                        TokenOptions{.make = false});
}

}  // namespace hposearch::inline v0
