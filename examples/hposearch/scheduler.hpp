// The command that runs a head on its own, for several programs at once.
#pragma once

#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <utility>

#include <CLI/CLI.hpp>

#include <hposearch/cluster/scheduler.hpp>

/// `hposearch scheduler`
class SchedulerCommand {
 public:
  explicit SchedulerCommand(CLI::App& app)
      : command_(app.add_subcommand("scheduler", "run trials of several programs on the workers that join")) {
    command_->add_option("--address", address_, "where to listen; 0.0.0.0 for all of this machine's addresses")
        ->capture_default_str();
    command_->add_option("--port", port_, "0 for any that is free")->capture_default_str();
    command_->add_option("--name", name_, "for people");
    command_->add_option("--certificates", certificates_, "the folder of ca.pem, head.pem and head.key");
    command_->add_option("--heartbeat", heartbeat_, "seconds after which a worker says something")
        ->capture_default_str();
    command_->add_option("--lease", lease_, "seconds without a word after which a worker or a program is dead")
        ->capture_default_str();
    command_->add_option("--max-losses", max_losses_, "workers that a trial may take down with it")
        ->capture_default_str();
    command_->add_option("--prefetch", prefetch_, "trials that each slot has at hand beyond the one it runs")
        ->capture_default_str();
  }

  [[nodiscard]] bool chosen() const { return command_->parsed(); }

  /// Serves until SIGINT or SIGTERM. The first line of the standard output is its URL; who comes and goes is said on
  /// the standard error. \throws hposearch::Error
  void run() const {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // in all threads: they are waited for here
    const hposearch::Scheduler scheduler{options()};
    std::cout << scheduler.url() << std::endl;
    int number = 0;
    ::sigwait(&signals, &number);
    std::clog << "hposearch scheduler: stopped by a signal" << std::endl;
  }

 private:
  [[nodiscard]] hposearch::SchedulerOptions options() const {
    using Seconds = std::chrono::duration<double>;
    using std::chrono::milliseconds;
    hposearch::SchedulerOptions options;
    options.address = address_;
    options.port = port_;
    options.name = name_;
    options.heartbeat = std::chrono::duration_cast<milliseconds>(Seconds{heartbeat_});
    options.lease = std::chrono::duration_cast<milliseconds>(Seconds{lease_});
    options.max_losses = max_losses_;
    options.prefetch = prefetch_;
    options.on_notice = say;
    const char* const folder = std::getenv("HPOSEARCH_CERTIFICATES");
    const std::string certificates = certificates_.empty() && folder != nullptr ? folder : certificates_;
    if (!certificates.empty()) options.tls = hposearch::TlsFiles::of_head(certificates);
    return options;
  }

  static void say(const hposearch::cluster::Notice& notice) {
    using Kind = hposearch::cluster::Notice::Kind;
    const char* const what = notice.kind == Kind::joined     ? " has joined"
                             : notice.kind == Kind::returned ? " is back"
                             : notice.kind == Kind::left     ? " has left"
                             : notice.kind == Kind::lost     ? " is lost"
                             : notice.kind == Kind::refused  ? " was refused"
                                                             : ": its connection broke";
    const std::string who = notice.worker.empty() ? "a connection"
                            : notice.program      ? "program " + notice.worker
                                                  : "worker " + notice.worker;
    std::clog << "hposearch scheduler: " << who << what << (notice.text.empty() ? "" : ": ") << notice.text
              << std::endl;
  }

  CLI::App* command_;
  std::string address_ = "127.0.0.1", name_, certificates_;
  std::uint16_t port_ = 8786;
  double heartbeat_ = 1, lease_ = 5;
  std::uint32_t max_losses_ = 3;
  std::size_t prefetch_ = 1;
};
