// The command that makes this tool a worker, whose trials are another program's runs.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <iomanip>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include <hposearch/cluster/command_evaluator.hpp>
#include <hposearch/cluster/serve.hpp>
#include <hposearch/executor/command.hpp>

/// `hposearch worker`
class WorkerCommand {
 public:
  explicit WorkerCommand(CLI::App& app)
      : command_(app.add_subcommand("worker", "serve a head: each trial is a run of a command, in any language")) {
    command_->add_option("head", head_, "tcp://host:port, or tls://host:port")->required();
    command_->add_option("--command", program_, "what to run, for example './train.py --rate={learning_rate}'")
        ->required();
    command_->add_option("--slots", slots_, "how many trials at once")->capture_default_str();
    command_->add_option("--name", name_, "for people");
    command_->add_option("--label", labels_, "that trials may ask for; may be given again");
    command_->add_option("--resource", resources_, "that trials may ask for, such as gpu:1; may be given again");
    command_->add_option("--certificates", certificates_, "the folder of ca.pem, worker.pem and worker.key");
    command_->add_option("--grace", grace_, "seconds that a trial which is to stop may take")->capture_default_str();
    command_->add_flag("--stay", stay_, "when a head ends, wait for the next one");
  }

  [[nodiscard]] bool chosen() const { return command_->parsed(); }

  /// Serves. \returns the exit status: 0, or 2 if no head will ever take it
  /// \throws hposearch::Error
  [[nodiscard]] int run() const {
    hposearch::WorkerOptions options;
    hposearch::cluster::read_worker_environment(options, [](const char* name) { return std::getenv(name); });
    options.head = hposearch::parse_head_address(head_);
    options.slots = slots_;
    if (!options.slot_options.empty()) options.slot_options.resize(slots_, options.slot_options.front());
    if (!name_.empty()) options.name = name_;
    if (!labels_.empty()) options.labels = labels_;
    if (!certificates_.empty()) options.tls = hposearch::TlsFiles::of_worker(certificates_);
    for (const std::string& resource : resources_)
      options.resources.push_back(hposearch::cluster::read_resource(resource));
    options.stay = stay_;
    options.handle_signals = true;
    using Duration = std::chrono::duration<double>;
    const auto grace = std::chrono::duration_cast<std::chrono::nanoseconds>(Duration{grace_});
    options.grace = grace + std::chrono::seconds{1};  // the command is killed before the trial is given up
    hposearch::Command command{words(program_), {.grace = grace}};
    return hposearch::cluster::serve(std::move(options), hposearch::cluster::command_evaluator(std::move(command)),
                                     hposearch::TokenOptions{.make = false});
  }

 private:
  /// Words between blanks; double quotes hold one together.
  [[nodiscard]] static std::vector<std::string> words(const std::string& line) {
    std::istringstream in{line};
    std::vector<std::string> words;
    for (std::string word; in >> std::quoted(word);) words.push_back(word);
    return words;
  }

  CLI::App* command_;
  std::string head_, program_, name_, certificates_;
  std::size_t slots_ = 1;
  std::vector<std::string> labels_, resources_;
  double grace_ = 5;
  bool stay_ = false;
};
