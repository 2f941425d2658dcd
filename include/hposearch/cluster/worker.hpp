/// \file
/// A worker on the network: its state machine, one connection, and the threads of its slots.
#pragma once

#ifdef __CUDACC__
#error "hposearch: network headers do not go through nvcc; include them in a .cpp file and keep only the kernels in .cu"
#endif

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/connect.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/ssl/context.hpp>
#include <unistd.h>

#include <hposearch/cluster/channel.hpp>
#include <hposearch/cluster/evaluator.hpp>
#include <hposearch/cluster/identity.hpp>
#include <hposearch/cluster/isolated.hpp>
#include <hposearch/cluster/slot_threads.hpp>
#include <hposearch/cluster/tls.hpp>
#include <hposearch/cluster/token.hpp>
#include <hposearch/cluster/worker_options.hpp>
#include <hposearch/cluster/worker_state.hpp>
#include <hposearch/error.hpp>
#include <hposearch/trial/context.hpp>

namespace hposearch::inline v0 {

/// Serves a head with this process's threads.
///
/// The head hears from the thread that calls run(), which no objective can block: one that computes for hours keeps its
/// trial. When the connection breaks, trials go on, and their results are sent once there is a connection again.
class Worker final : cluster::ChannelOwner, cluster::SlotListener {
 public:
  /// \throws InvalidArgument; Error where a certificate or key is no good
  Worker(Token token, WorkerOptions options, cluster::Evaluator evaluator);
  /// Trials that still run are abandoned.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Serves until it leaves. \returns why
  cluster::Departure run();

  /// Finishes what runs, takes no more, and leaves. From any thread.
  void drain() {
    later([this] { state_.drain(Clock::now()); });
  }
  /// Leaves at once: what runs is given back. From any thread.
  void stop() {
    later([this] { state_.quit("stopped", Clock::now()); });
  }

 private:
  using Clock = std::chrono::steady_clock;
  using Time = cluster::Time;
  using Channel = cluster::Channel;
  using Tcp = cluster::Tcp;
  using ErrorCode = cluster::ErrorCode;
  using Order = cluster::WorkerState::Order;

  void opened(Channel& channel) override;
  void arrived(Channel& channel, cluster::FrameBuffer& frames) override;
  void ended(Channel& channel, const std::string& why) override;
  void slot_reported(cluster::TaskId task, std::int64_t step, double value) override;
  void slot_finished(cluster::TaskId task, detail::Evaluation evaluation, Time began, Time ended) override;
  void slot_awake() override {
    if (std::exchange(put_off_, false)) perform();
  }

  template <class Call>
  void later(Call call) {
    cluster::asio::post(io_, [this, call = std::move(call)] { now(call); });
  }
  // Calls with the mutex, and does what the state machine wants done.
  template <class Call>
  void now(const Call& call) {
    const std::lock_guard lock{sink_->mutex};
    call();
    perform();
  }
  void connect();
  void attempt(const std::vector<Tcp::endpoint>& endpoints);
  void use_socket();
  void connection_failed(ErrorCode error) {
    now([this, error] { state_.closed(Clock::now(), error.message()); });
  }
  void perform();
  void follow_orders();
  void begin_trial(Order& order);
  void request_stop(std::stop_source stop);
  [[nodiscard]] cluster::SlotJob job_of(Order& order) const;
  void watch_signals();
  void finish_up();

  WorkerOptions options_;
  std::shared_ptr<const ProcessPoolOptions> processes_;
  std::shared_ptr<const cluster::Evaluator> evaluator_;
  cluster::asio::io_context io_{1};
  std::optional<cluster::asio::ssl::context> tls_;
  Tcp::resolver resolver_{io_};
  Tcp::socket attempt_{io_};  // while it is being connected
  cluster::asio::signal_set signals_{io_};
  std::shared_ptr<std::atomic<int>> socket_ = std::make_shared<std::atomic<int>>(-1);  // which children must not keep

  std::shared_ptr<cluster::SlotSink> sink_ = std::make_shared<cluster::SlotSink>();  // its mutex is for all below
  cluster::WorkerState state_;
  cluster::SlotThreads threads_;
  std::shared_ptr<Channel> channel_;
  Time asleep_until_ = Time::min();  // run() looks at the clock then
  bool put_off_ = false;             // what slot_awake() is to do
  int signals_seen_ = 0;
};

namespace cluster {

[[nodiscard]] inline WorkerSettings worker_settings(const WorkerOptions& options, const Evaluator& evaluator) {
  WorkerSettings settings;
  settings.id = random_id();
  settings.seed = std::hash<std::string>{}(settings.id);
  settings.host = host_name();
  settings.process = static_cast<std::uint64_t>(::getpid());
  settings.name = options.name.empty() ? settings.host + ':' + to_text(settings.process) : options.name;
  settings.slots = options.slots;
  for (const SlotOptions& slot : options.slot_options)
    settings.devices.insert(settings.devices.end(), slot.devices.begin(), slot.devices.end());
  settings.labels = options.labels;
  settings.resources = options.resources;
  settings.space = evaluator.space;
  settings.grace = options.grace;
  if (options.isolate) settings.grace += std::chrono::seconds{1};  // a process is killed first
  settings.orphan = options.orphan;
  settings.stay = options.stay;
  return settings;
}

}  // namespace cluster

inline Worker::Worker(Token token, WorkerOptions options, cluster::Evaluator evaluator)
    : options_(std::move(options)),
      evaluator_(std::make_shared<const cluster::Evaluator>(std::move(evaluator))),
      state_(std::move(token), cluster::worker_settings(options_, *evaluator_), Clock::now()),
      threads_(options_.slots, sink_) {
  ProcessPoolOptions processes;
  processes.grace = options_.grace;
  processes.memory_limit = options_.memory_limit;
  processes.output = options_.output;
  processes.slots = detail::complete_slot_options(options_.slot_options, options_.slots);
  processes_ = std::make_shared<const ProcessPoolOptions>(std::move(processes));
  if (options_.head.tls != options_.tls.has_value()) {
    throw InvalidArgument("tls", options_.tls ? "given" : "nothing",
                          "must be given where the head's address begins with tls://, and only there");
  }
  if (options_.tls) tls_.emplace(detail::make_tls_context(detail::TlsSide::worker, *options_.tls));
  sink_->listener = this;
}

inline Worker::~Worker() {
  const std::lock_guard lock{sink_->mutex};
  sink_->listener = nullptr;
  if (channel_) channel_->detach();
  for (std::size_t slot = 0; slot < options_.slots; ++slot) threads_.abandon(slot);
}

inline cluster::Departure Worker::run() {
  if (options_.handle_signals) watch_signals();
  const auto work = cluster::asio::make_work_guard(io_);
  for (;;) {
    Time until;
    {
      const std::lock_guard lock{sink_->mutex};
      state_.tick(Clock::now());
      perform();
      if (state_.departure() && !channel_) break;
      asleep_until_ = until = state_.next_tick();
    }
    threads_.wake_called();
    io_.run_one_until(until);
    if (Clock::now() >= until) io_.poll();  // what has arrived in time is not late
    threads_.wake_called();
  }
  finish_up();
  return *state_.departure();
}

inline void Worker::watch_signals() {
  if (signals_seen_ == 0) {
    signals_.add(SIGINT);
    signals_.add(SIGTERM);
  }
  signals_.async_wait([this](ErrorCode error, int) {
    if (error) return;
    now([this] {
      if (++signals_seen_ == 1)
        state_.drain(Clock::now());
      else
        state_.quit("stopped by a signal", Clock::now());
    });
    watch_signals();
  });
}

// Those that run are asked to stop; what does not is abandoned.
inline void Worker::finish_up() {
  std::vector<std::stop_source> stops;
  {
    const std::lock_guard lock{sink_->mutex};
    for (std::size_t slot = 0; slot < options_.slots; ++slot) stops.push_back(threads_.stop_source(slot));
  }
  for (std::stop_source& stop : stops) stop.request_stop();
  std::unique_lock lock{sink_->mutex};
  sink_->listener = nullptr;
  threads_.wait_idle(lock, detail::after(Clock::now(), options_.grace));
}

// -- the connection ---------------------------------------------------------------------------------------------------

inline void Worker::connect() {
  ErrorCode error;
  const auto address = cluster::asio::ip::make_address(options_.head.host, error);
  if (!error) return attempt({Tcp::endpoint{address, options_.head.port}});
  resolver_.async_resolve(options_.head.host, to_text(options_.head.port),
                          [this](ErrorCode failed, const Tcp::resolver::results_type& results) {
                            if (failed) return connection_failed(failed);
                            attempt({results.begin(), results.end()});
                          });
}

inline void Worker::attempt(const std::vector<Tcp::endpoint>& endpoints) {
  attempt_ = Tcp::socket{io_};
  cluster::asio::async_connect(attempt_, endpoints, [this](ErrorCode error, const Tcp::endpoint&) {
    if (error) return connection_failed(error);
    now([this] { use_socket(); });
  });
}

inline void Worker::use_socket() {
  cluster::configure_socket(attempt_);
  socket_->store(attempt_.native_handle());
  std::mutex* const mutex = &sink_->mutex;
  cluster::ChannelOwner& owner = *this;
  if (tls_) {
    using Secure = cluster::asio::ssl::stream<Tcp::socket>;
    Secure stream{std::move(attempt_), *tls_};
    detail::expect_host(*stream.native_handle(), options_.head.host);
    channel_ = std::make_shared<cluster::StreamChannel<Secure>>(0, owner, std::move(stream), mutex, false);
  } else {
    channel_ = std::make_shared<cluster::StreamChannel<Tcp::socket>>(0, owner, std::move(attempt_), mutex, false);
  }
  std::shared_ptr<Channel> { channel_ } -> begin();
}

inline void Worker::opened(Channel& /*channel*/) {
  state_.connected(Clock::now());
  perform();
}

inline void Worker::arrived(Channel& /*channel*/, cluster::FrameBuffer& frames) {
  const Time time = Clock::now();
  for (;;) {
    frames.set_limit(state_.frame_limit());
    const cluster::ParsedFrame parsed = frames.next();
    if (parsed.status == cluster::ParsedFrame::Status::incomplete) break;
    if (parsed.status == cluster::ParsedFrame::Status::broken) {
      state_.malformed(parsed.error, time);
      break;
    }
    state_.received(parsed.frame, time);
  }
  perform();
}

inline void Worker::ended(Channel& channel, const std::string& why) {
  const std::string distrust = channel.distrust();
  socket_->store(-1);
  channel_.reset();
  state_.closed(Clock::now(), why);
  if (!distrust.empty()) state_.distrust(distrust);
  perform();
}

// -- what the state machine wants done --------------------------------------------------------------------------------

// The mutex is held.
inline void Worker::follow_orders() {
  for (Order& order : state_.take_orders()) {
    if (order.kind == Order::Kind::run) {
      begin_trial(order);
    } else if (order.kind == Order::Kind::abandon) {
      threads_.abandon(order.slot);
    } else {
      request_stop(threads_.stop_source(order.slot));
    }
  }
}

// An objective's callbacks run in the request. They may take long, or report: not in a thread that is needed, and
// without the mutex.
inline void Worker::request_stop(std::stop_source stop) {
  try {
    std::thread{[stop]() mutable { stop.request_stop(); }}.detach();
  } catch (const std::system_error&) {
    cluster::asio::post(io_, [stop]() mutable { stop.request_stop(); });
  }
}

inline void Worker::perform() {
  put_off_ = false;
  follow_orders();
  const std::shared_ptr<Channel> channel = channel_;
  if (!state_.outgoing().empty()) {
    if (channel) channel->send(state_.outgoing());
    state_.outgoing().clear();
  }
  if (state_.take_close()) {
    if (channel) {
      channel->finish();
    } else {
      ErrorCode ignored;
      resolver_.cancel();
      attempt_.close(ignored);
    }
  }
  if (state_.take_connect()) cluster::asio::post(io_, [this] { connect(); });
  if (state_.next_tick() < asleep_until_ || (state_.departure() && !channel_)) {
    asleep_until_ = Time::min();
    cluster::asio::post(io_, [] {});
  }
}

inline void Worker::begin_trial(Order& order) {
  const cluster::TaskId task = order.task.task;
  try {
    threads_.run(order.slot, job_of(order));
  } catch (const std::system_error& error) {
    const Time time = Clock::now();
    state_.finished(task, {false, 0, "could not start a thread: " + error.code().message()}, time, time, time);
  }
}

// Everything by value: an abandoned trial may outlive this worker.
inline cluster::SlotJob Worker::job_of(Order& order) const {
  return {order.task.task, [evaluator = evaluator_, processes = processes_, socket = socket_,
                            isolate = options_.isolate, task = std::move(order.task), slot = order.slot,
                            place = order.global_slot](std::stop_token stop, const cluster::SlotJob::Report& report) {
            TrialContext context{task.trial, place, task.attempt, std::move(stop), processes->slots[slot].devices,
                                 report};
            const auto evaluate = [&](TrialContext& own) { return evaluator->evaluate(task.point.bytes, own); };
            if (!isolate) return evaluate(context);
            return cluster::evaluate_isolated(evaluate, context, slot, *processes, [&] { ::close(socket->load()); });
          }};
}

inline void Worker::slot_reported(cluster::TaskId task, std::int64_t step, double value) {
  state_.reported(task, step, value, Clock::now());
  perform();
}

inline void Worker::slot_finished(cluster::TaskId task, detail::Evaluation evaluation, Time began, Time ended) {
  state_.finished(task, std::move(evaluation), began, ended, Clock::now());
  follow_orders();
  // This thread has more to do, and another is on its way: results that come quickly are sent together.
  if (threads_.waking())
    put_off_ = true;
  else
    perform();
}

}  // namespace hposearch::inline v0
