// The worker of the fault tests: each of its trials reports the process that it runs in, and then misbehaves as told.
//
//   worker_program HEAD [slots=N] [isolate] [space=other] [orphan=MS] [grace=MS] [log=FILE]
//   worker_program head ...
//   worker_program scheduler ...
//   worker_program program ...
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include <fcntl.h>
#include <unistd.h>

#include <hposearch/cluster.hpp>

#include "head_role.hpp"
#include "scheduler_role.hpp"
#include "space.hpp"

namespace {

namespace hpo = hposearch;
using Clock = std::chrono::steady_clock;

int log_file = -1;  // gets the x of each trial that is begun

double evaluate(std::string_view what, int ms, double x, hpo::TrialContext& context) {
  if (log_file >= 0) {
    const std::string line = hpo::to_text(x) + "\n";
    static_cast<void>(!::write(log_file, line.data(), line.size()));
  }
  context.report(0, static_cast<double>(::getpid()));
  const auto end = Clock::now() + std::chrono::milliseconds{ms};
  if (what == "throw") throw std::runtime_error("it was told to throw");
  if (what == "exit") std::_Exit(3);
  if (what == "crash") {
    std::signal(SIGSEGV, SIG_DFL);  // sanitizers have a handler of their own
    std::raise(SIGSEGV);
  }
  if (what == "deaf") std::this_thread::sleep_until(end);
  while (what == "spin" && Clock::now() < end) continue;
  if (what == "wait") {
    std::mutex mutex;
    std::condition_variable_any stopped;
    std::unique_lock lock{mutex};
    stopped.wait_until(lock, context.stop_token(), end, [] { return false; });
  }
  return x;
}

hpo::WorkerOptions read_options(int argc, char** argv) {
  hpo::WorkerOptions options;
  options.head = hpo::parse_head_address(argv[1]);
  options.handle_signals = true;
  for (int i = 2; i < argc; ++i) {
    const std::string_view word = argv[i];
    const std::string value{word.substr(word.find('=') + 1)};
    if (word == "isolate") options.isolate = true;
    if (word.starts_with("slots=")) options.slots = std::stoul(value);
    if (word.starts_with("log=")) log_file = ::open(value.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (word.starts_with("orphan=")) options.orphan = std::chrono::milliseconds{std::stol(value)};
    if (word.starts_with("grace=")) options.grace = std::chrono::milliseconds{std::stol(value)};
  }
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc < 2) throw std::invalid_argument("where is the head?");
    if (argc == 7 && std::string_view{argv[1]} == "head")
      return faults::run_head(static_cast<std::uint16_t>(std::stoul(argv[2])), argv[3], std::stoul(argv[4]),
                              std::stoi(argv[5]), std::chrono::milliseconds{std::stol(argv[6])});
    if (argc == 3 && std::string_view{argv[1]} == "scheduler")
      faults::run_scheduler(static_cast<std::uint16_t>(std::stoul(argv[2])));
    if (argc == 3 && std::string_view{argv[1]} == "program") faults::run_waiting_program(argv[2]);
    auto evaluator = hpo::cluster::make_evaluator(faults::space, evaluate);
    for (int i = 2; i < argc; ++i)
      if (std::string_view{argv[i]} == "space=other") ++*evaluator.space;
    hpo::Worker worker{hpo::shared_token(), read_options(argc, argv), std::move(evaluator)};
    const auto departure = worker.run();
    std::cerr << departure.reason << std::endl;
    return departure.status;
  } catch (const std::exception& error) {
    std::cerr << error.what() << std::endl;
    return 1;
  }
}
