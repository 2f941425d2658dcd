/// \file
/// A head that runs on its own, which several programs can submit to at the same time.
#pragma once

#ifdef __CUDACC__
#error "hposearch: network headers do not go through nvcc; include them in a .cpp file and keep only the kernels in .cu"
#endif

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <unistd.h>

#include <hposearch/cluster/head.hpp>
#include <hposearch/cluster/identity.hpp>
#include <hposearch/cluster/scheduler_state.hpp>
#include <hposearch/cluster/tls.hpp>
#include <hposearch/cluster/token.hpp>
#include <hposearch/text.hpp>

namespace hposearch::inline v0 {

struct SchedulerOptions {
  std::string address = "127.0.0.1";          ///< where to listen: of this machine; "0.0.0.0": all of its addresses
  std::uint16_t port = 8786;                  ///< 0: any that is free
  std::optional<Token> token{};               ///< shared with workers and programs; if none is given: shared_token()
  std::optional<TlsFiles> tls{};              ///< encrypts connections, and asks the others for a certificate
  std::string name{};                         ///< for people; if none is given: host:process
  std::size_t prefetch = 1;                   ///< trials that each slot may have at hand beyond the one it runs
  std::chrono::milliseconds heartbeat{1000};  ///< a worker sends something at least that often
  std::chrono::milliseconds lease{5000};      ///< whoever was not heard of for so long is taken for dead
  std::uint32_t max_losses = 3;               ///< a trial that was running on so many lost workers fails
  cluster::HeadOptions advanced{};            ///< the rest; where it says something of the above, that is not used
  /// Told of who comes and goes, by the thread that runs the network. Must not call the scheduler.
  std::function<void(const cluster::Notice&)> on_notice{};
};

/// Runs the trials of all programs that submit to it, `Cluster{{.scheduler = url}}`, on the workers that join it, with
/// a thread of its own. See docs/cluster.md. All may be called from any thread.
class Scheduler {
 public:
  /// Listens from now on. \throws InvalidArgument; Error if it cannot
  explicit Scheduler(SchedulerOptions options = {}) : host_(make_host(options)) {}
  /// Sends the workers home. Programs wait for the next scheduler.
  ~Scheduler() = default;
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  /// What workers and programs are to be given: "tcp://127.0.0.1:8786".
  [[nodiscard]] const std::string& url() const { return host_->url(); }
  [[nodiscard]] std::uint16_t port() const noexcept { return host_->port(); }

  /// Those of the workers that are there now.
  [[nodiscard]] std::size_t slots() const {
    return host_->with([](auto& state, auto) { return state.slots(); });
  }
  [[nodiscard]] std::vector<cluster::WorkerInfo> workers() const {
    return host_->with([](auto& state, auto) { return state.worker_infos(); });
  }
  [[nodiscard]] std::vector<cluster::ProgramInfo> programs() const {
    return host_->with([](auto& state, auto) { return state.program_infos(); });
  }
  [[nodiscard]] cluster::HeadCounters counters() const {
    return host_->with([](auto& state, auto) { return state.counters(); });
  }
  /// A worker finishes what it runs, and leaves. \returns whether there is one with this id
  bool drain(std::string_view worker_id) {
    return host_->with([worker_id](auto& state, auto now) { return state.drain(worker_id, now); });
  }

 private:
  using Host = cluster::Host<cluster::SchedulerState>;

  [[nodiscard]] static std::unique_ptr<Host> make_host(SchedulerOptions& options) {
    cluster::HeadOptions head = std::move(options.advanced);
    head.prefetch = options.prefetch;
    head.heartbeat = options.heartbeat;
    head.lease = options.lease;
    head.max_losses = options.max_losses;
    head.program.host = cluster::host_name();
    head.program.process = static_cast<std::uint64_t>(::getpid());
    head.program.name =
        options.name.empty() ? head.program.host + ':' + to_text(head.program.process) : std::move(options.name);
    return std::make_unique<Host>(cluster::SchedulerState{options.token ? *std::move(options.token) : shared_token(),
                                                          std::move(head), std::chrono::steady_clock::now()},
                                  cluster::ListenOptions{options.address, options.port, std::move(options.tls)},
                                  std::move(options.on_notice));
  }

  std::unique_ptr<Host> host_;
};

}  // namespace hposearch::inline v0
