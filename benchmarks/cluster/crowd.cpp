// What do many workers cost the head? Real connections, from one other process, whose trials only wait.
#include "crowd.hpp"

#include <chrono>
#include <csignal>
#include <cstddef>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <hposearch/optimizer.hpp>
#include <hposearch/sampler/random.hpp>
#include <hposearch/search/minimize.hpp>

#include "measure.hpp"
#include "trials.hpp"

namespace {

using namespace benchmark;

double evaluate(double, double, int, std::string_view) { return 0; }  // the crowd does it

// A process of its own for the head too, so that its memory is its own.
void measure(std::size_t workers, std::size_t trials_each, std::chrono::milliseconds trial_time) {
  const pid_t head = ::fork();
  if (head != 0) {
    ::waitpid(head, nullptr, 0);
    return;
  }
  int port_pipe[2];
  if (::pipe(port_pipe) != 0) ::_exit(1);
  const pid_t crowd = ::fork();  // before the head has threads
  if (crowd == 0) {
    std::uint16_t port = 0;
    if (::read(port_pipe[0], &port, sizeof port) == sizeof port)
      serve_as_crowd(port, hpo::shared_token(), workers, trial_time);
    ::_exit(0);
  }
  {
    hpo::ClusterOptions options;
    options.port = 0;
    options.advanced.max_strangers = workers;
    hpo::Cluster cluster{options};
    const std::uint16_t port = cluster.port();
    if (::write(port_pipe[1], &port, sizeof port) != sizeof port) ::_exit(1);
    wait_for_slots(cluster, workers);
    hpo::Optimizer optimizer{make_space(), {.sampler = hpo::RandomSampler{}}};
    const double before = processor_seconds();
    const auto result = hpo::minimize(evaluate, optimizer, cluster, {.trials = workers * trials_each});
    fmt::print("{:>7} {:>12} {:>13} {:>11.2f} {:>19.2f} {:>14.1f}\n", workers, trials_each,
               static_cast<double>(trial_time.count()) / 1000, result.elapsed.count(), processor_seconds() - before,
               peak_mebibytes());
    std::fflush(stdout);
  }
  ::kill(crowd, SIGKILL);
  ::waitpid(crowd, nullptr, 0);
  ::_exit(0);
}

}  // namespace

int main() {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  fmt::print("{:>7} {:>12} {:>13} {:>11} {:>19} {:>14}\n", "workers", "trials each", "of seconds", "elapsed, s",
             "head's processor, s", "its peak, MiB");
  std::fflush(stdout);
  measure(1000, 10, std::chrono::milliseconds{1000});
  measure(4000, 10, std::chrono::milliseconds{100});
}
