/// \file
/// The executor whose slots are those of workers on other machines.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <unistd.h>

#include <hposearch/cluster/address.hpp>
#include <hposearch/cluster/dialer.hpp>
#include <hposearch/cluster/earlier_trials.hpp>
#include <hposearch/cluster/head.hpp>
#include <hposearch/cluster/head_options.hpp>
#include <hposearch/cluster/head_state.hpp>
#include <hposearch/cluster/identity.hpp>
#include <hposearch/cluster/point_codec.hpp>
#include <hposearch/cluster/random_bytes.hpp>
#include <hposearch/cluster/tls.hpp>
#include <hposearch/cluster/token.hpp>
#include <hposearch/error.hpp>
#include <hposearch/executor.hpp>
#include <hposearch/executor/map.hpp>
#include <hposearch/space/search_space.hpp>

namespace hposearch::inline v0 {

struct ClusterOptions {
  /// "tcp://host:port" of a scheduler, whose workers run the trials; empty: HPOSEARCH_SCHEDULER, or if there is none,
  /// this program listens itself, and workers connect to it.
  std::string scheduler{};
  std::string address = "127.0.0.1";          ///< where to listen: of this machine; "0.0.0.0": all of its addresses
  std::uint16_t port = 8786;                  ///< 0: any that is free
  std::optional<Token> token{};               ///< shared with the workers; if none is given: shared_token()
  std::optional<TlsFiles> tls{};              ///< encrypts connections, and asks workers for a certificate; towards a
                                              ///< scheduler the files of a worker, or HPOSEARCH_CERTIFICATES
  TrialNeeds needs{};                         ///< of trials that say nothing of their own
  std::size_t prefetch = 1;                   ///< trials that each slot may have at hand beyond the one it runs
  std::chrono::milliseconds heartbeat{1000};  ///< a worker sends something at least that often
  std::chrono::milliseconds lease{5000};      ///< a worker not heard of for so long is taken for dead
  std::uint32_t max_losses = 3;               ///< a trial that was running on so many lost workers fails
  cluster::HeadOptions advanced{};            ///< the rest; where it says something of the above, that is not used
  /// Trials that an earlier head of this search had given out: they wait a lease for the worker that has them, or their
  /// results, before they are given to another. The search starts them as any other; they have then begun already.
  std::vector<EarlierTrial> earlier{};
  /// Told of each trial that is started, before any worker is, and of the task that `earlier` must name should this
  /// head not live to tell its end. Called by start() and queue(). Must not call the cluster.
  std::function<void(TrialId, cluster::TaskId)> on_task{};
  /// Told of workers that come and go, by the thread that runs the network. Must not call the cluster.
  std::function<void(const cluster::Notice&)> on_notice{};
};

/// The executor with the slots of all workers that have joined. Workers come and go as they like; trials wait until
/// there is one. See docs/cluster.md.
///
///     hpo::Cluster cluster{{.address = "0.0.0.0", .port = 8786}};
///     auto result = hpo::minimize(evaluate, optimizer, cluster, {.trials = 1000});
///
/// The objective that a trial is started with is not sent anywhere: the workers have their own, of the same program.
///
/// A trial whose worker is lost is run again by another one. It may so be evaluated more than once; its final event
/// comes exactly once. Its attempt counts the workers that it has lost.
class Cluster : public TrialMapping<Cluster> {
 public:
  static constexpr bool honours_needs = true;

  /// Listens from now on, or looks for its scheduler. \throws InvalidArgument; Error if it cannot
  explicit Cluster(ClusterOptions options = {})
      : needs_(std::move(options.needs)), on_task_(std::move(options.on_task)) {
    for (const EarlierTrial& trial : options.earlier) earlier_.add(trial.trial);
    head_ = make_head(options);
  }

  /// Sends the workers home, unless they are a scheduler's.
  ~Cluster() = default;
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  /// What workers are to be given: "tcp://127.0.0.1:8786".
  [[nodiscard]] const std::string& url() const { return head_->url(); }
  [[nodiscard]] std::uint16_t port() const noexcept { return head_->port(); }

  /// Those of the workers that are there now.
  [[nodiscard]] std::size_t slots() const {
    return head_->with([](auto& state, auto) { return state.slots(); });
  }
  /// For which no trial is under way yet.
  [[nodiscard]] std::size_t free_slots() const {
    return head_->with([this](auto& state, auto) { return state.slots() - std::min(state.slots(), in_flight(state)); });
  }
  /// How many trials may be handed over beyond the free slots, so that a slot that falls free has its next at hand.
  [[nodiscard]] std::size_t queue_room() const {
    return head_->with([this](auto& state, auto) {
      const std::size_t most = state.slots() * (1 + state.options().prefetch);
      return most - std::min(most, std::max(state.slots(), in_flight(state)));
    });
  }

  /// Begins a trial. \throws NoFreeSlot; InvalidArgument for a bad timeout or a trial that is running already
  template <class F, cluster::WirePoint P>
    requires BoundObjective<F, P>
  void start(TrialId id, const std::shared_ptr<const F>& /*objective*/, const P& point, StartOptions options = {}) {
    begin(id, cluster::encode_point(point), std::move(options), false);
  }

  /// Hands over a trial that begins when a slot falls free. \throws NoFreeSlot where there is no room;
  /// InvalidArgument as start()
  template <class F, cluster::WirePoint P>
    requires BoundObjective<F, P>
  void queue(TrialId id, const std::shared_ptr<const F>& /*objective*/, const P& point, StartOptions options = {}) {
    begin(id, cluster::encode_point(point), std::move(options), true);
  }

  /// The next event, or nothing once `deadline` has passed. Runs the network meanwhile.
  /// \throws Error if the scheduler refuses this program for good
  [[nodiscard]] std::optional<ExecutorEvent> next_event(std::chrono::steady_clock::time_point deadline) {
    for (;;) {
      auto event = next_head_event(deadline);
      if (!event) return std::nullopt;
      if (event->task != 0 && earlier_.waits(event->event.trial)) {
        earlier_.keep(*std::move(event));
        continue;
      }
      if (event->event.final()) told_.push_back(event->task);
      return std::move(event->event);
    }
  }

  /// Asks a trial to stop; one that was not begun ends at once.
  void cancel(TrialId id) {
    head_->with([id](auto& state, auto now) { state.cancel(id, now); });
  }
  /// Takes back a trial that was not begun; it ends as cancelled. Others go on. \returns whether that may be
  bool recall(TrialId id) {
    return head_->with([id](auto& state, auto now) { return state.recall(id, now); });
  }
  /// What came of the events so far is safe: workers may forget the results. start() and next_event() say so as well.
  void settle() {
    head_->with([this](auto& state, auto) { consume(state); });
  }

  /// From now on, workers that were built for another space are refused. Called by minimize() and maximize().
  template <SearchSpace S>
  void use_space(const S& space) {
    head_->with([fingerprint = space.fingerprint()](auto& state, auto now) { state.use_space(fingerprint, now); });
  }

  // The rest may be called from any thread.

  [[nodiscard]] std::vector<cluster::WorkerInfo> workers() const {
    return head_->with([](auto& state, auto) { return state.worker_infos(); });
  }
  [[nodiscard]] cluster::HeadCounters counters() const {
    return head_->with([](auto& state, auto) { return state.counters(); });
  }
  /// A worker finishes what it runs, and leaves. \returns whether there is one with this id
  bool drain(std::string_view worker_id) {
    return head_->with([worker_id](auto& state, auto now) { return state.drain(worker_id, now); });
  }

 private:
  [[nodiscard]] std::optional<cluster::HeadEvent> next_head_event(std::chrono::steady_clock::time_point deadline) {
    if (!earlier_.has_due()) return head_->wait_event(deadline, [this](auto& state) { consume(state); });
    settle();
    return earlier_.take_due();
  }
  // Trials that the search has started.
  [[nodiscard]] std::size_t in_flight(const cluster::HeadState& state) const {
    return state.in_flight() - earlier_.running([&](TrialId trial) { return state.runs(trial); });
  }

  [[nodiscard]] std::unique_ptr<cluster::Head> make_head(ClusterOptions& options) {
    cluster::HeadOptions head = std::move(options.advanced);
    head.prefetch = options.prefetch;
    head.heartbeat = options.heartbeat;
    head.lease = options.lease;
    head.max_losses = options.max_losses;
    if (head.incarnation == 0)
      cluster::fill_with_random({reinterpret_cast<unsigned char*>(&head.incarnation), sizeof head.incarnation});
    const Token token = options.token ? *std::move(options.token) : shared_token();
    if (const std::string scheduler = scheduler_of(options); !scheduler.empty()) {
      introduce(head.program);
      const HeadAddress address = parse_head_address(scheduler);
      const char* const folder = std::getenv("HPOSEARCH_CERTIFICATES");
      if (address.tls && !options.tls && folder != nullptr) options.tls = TlsFiles::of_worker(folder);
      return std::make_unique<cluster::Head>(make_state(token, std::move(head), options.earlier), token,
                                             cluster::DialOptions{address, std::move(options.tls)},
                                             std::move(options.on_notice));
    }
    return std::make_unique<cluster::Head>(
        make_state(token, std::move(head), options.earlier),
        cluster::ListenOptions{options.address, options.port, std::move(options.tls)}, std::move(options.on_notice));
  }
  [[nodiscard]] cluster::HeadState make_state(const Token& token, cluster::HeadOptions head,
                                              std::vector<EarlierTrial>& earlier) const {
    cluster::HeadState state{token, std::move(head)};
    const auto now = std::chrono::steady_clock::now();
    for (EarlierTrial& trial : earlier) {
      if (trial.options.needs.empty()) trial.options.needs = needs_;
      state.restore(trial.task, trial.trial, std::move(trial.point), trial.options, now);
    }
    return state;
  }
  [[nodiscard]] static std::string scheduler_of(const ClusterOptions& options) {
    const char* const variable = std::getenv("HPOSEARCH_SCHEDULER");
    return options.scheduler.empty() && variable != nullptr ? variable : options.scheduler;
  }
  // What people see of this program.
  static void introduce(cluster::Program& program) {
    program.host = cluster::host_name();
    program.process = static_cast<std::uint64_t>(::getpid());
    if (program.name.empty()) program.name = program.host + ':' + to_text(program.process);
  }

  void begin(TrialId id, cluster::Bytes point, StartOptions options, bool ahead) {
    if (options.needs.empty()) options.needs = needs_;
    head_->with([&](cluster::HeadState& state, cluster::Time now) {
      consume(state);
      if (earlier_.begin(id)) return;
      const std::size_t room = state.slots() * (ahead ? 1 + state.options().prefetch : 1);
      if (in_flight(state) >= room && !state.runs(id))
        throw NoFreeSlot("Cluster: all " + to_text(state.slots()) + " slots are taken");
      const cluster::TaskId task = state.start(id, std::move(point), options, now);
      if (!on_task_) return;
      try {
        on_task_(id, task);
      } catch (...) {
        state.cancel(id, now);
        throw;
      }
    });
  }

  // Whoever asks for the next event, or starts a trial, has dealt with the last event.
  void consume(cluster::HeadState& state) {
    for (const cluster::TaskId task : told_) state.consumed(task);
    told_.clear();
  }

  TrialNeeds needs_;
  std::function<void(TrialId, cluster::TaskId)> on_task_;
  cluster::EarlierTrials earlier_;
  std::vector<cluster::TaskId> told_;
  std::unique_ptr<cluster::Head> head_;
};

}  // namespace hposearch::inline v0
