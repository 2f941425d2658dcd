/// \file
/// A head, or a scheduler, on the network, declared: its state machine behind a socket. head.hpp is what to include.
#pragma once

#ifdef __CUDACC__
#error "hposearch: network headers do not go through nvcc; include them in a .cpp file and keep only the kernels in .cu"
#endif

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <hposearch/cluster/channel.hpp>
#include <hposearch/cluster/dialer.hpp>
#include <hposearch/cluster/head_state.hpp>
#include <hposearch/cluster/tls.hpp>
#include <hposearch/cluster/token.hpp>
#include <hposearch/error.hpp>

namespace hposearch::inline v0::cluster {

/// Where a head listens.
struct ListenOptions {
  std::string address = "127.0.0.1";  ///< of this machine, "0.0.0.0" for all of them
  std::uint16_t port = 0;             ///< 0: any that is free
  std::optional<TlsFiles> tls{};      ///< encrypts connections, and asks workers for a certificate
};

/// The state machine, its connections, and a thread.
///
/// **Who runs the network.** One mutex belongs to all of it, and whoever holds the mutex may run the io_context. The
/// thread that waits for events runs it itself, so that a result gets from the socket to the search without waking
/// another thread. While that thread does something else, the head's own thread takes over after a few milliseconds, so
/// that workers always hear from the head. Other threads ask whoever runs it to pause.
///
/// \tparam State HeadState, or SchedulerState, which has no events: its own thread runs it.
template <class State>
class Host final : ChannelOwner {
 public:
  /// Called with notices, by whichever thread runs the network, which waits meanwhile; must not call the head.
  using NoticeSink = std::function<void(const Notice&)>;

  /// Listens from now on.
  /// \throws InvalidArgument; Error if it cannot listen there
  Host(State state, ListenOptions listen, NoticeSink on_notice = {});
  /// Connects to a scheduler, again and again until there is one, and whenever the connection was lost.
  /// \throws InvalidArgument; Error where a certificate or key is no good
  Host(State state, const Token& token, DialOptions dial, NoticeSink on_notice = {});
  ~Host();
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  /// Where workers connect to.
  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  /// "tcp://127.0.0.1:8786", or "tls://...".
  [[nodiscard]] const std::string& url() const noexcept { return url_; }

  /// Calls `call(state, now)` with the state to itself, and sends what comes of it. From any thread.
  template <class Call>
  auto with(const Call& call) {
    const Turn turn{*this};
    const Time now = Clock::now();
    const Flush flush{*this, now};
    return call(state_, now);
  }

  /// The next event, or nothing once `deadline` has passed. `before(state)` is called first. From one thread.
  /// \throws Error if the scheduler refuses this program for good
  template <class Before>
  [[nodiscard]] std::optional<HeadEvent> wait_event(Time deadline, const Before& before);

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds away{10};  // the waiting thread may take that long to come back

  // Holds the mutex; whoever has it is asked to give it up.
  class Turn {
   public:
    explicit Turn(Host& head) : head_(head), lock_(head.mutex_, std::defer_lock) { take(); }
    // Lets others who want it go first.
    void yield() {
      if (head_.wanted_.load() == 0) return;
      head_.waited_ = Clock::now();
      lock_.unlock();
      while (head_.wanted_.load() > 0) std::this_thread::yield();
      take();
    }

   private:
    void take() {
      if (lock_.try_lock()) return;
      head_.wanted_.fetch_add(1);
      asio::post(head_.io_, [] {});
      lock_.lock();
      head_.wanted_.fetch_sub(1);
    }

    Host& head_;
    std::unique_lock<std::mutex> lock_;
  };
  // The mutex is held. The own thread then leaves the network for a while to the one that waits for events; calls from
  // other threads must not have that effect, or those who make them all the time would stop the network.
  struct Waiting {
    Host& head;
    ~Waiting() { head.waited_ = Clock::now(); }
  };
  struct Flush {
    Host& head;
    Time now;
    ~Flush() { head.flush_soon(now); }
  };

  void opened(Channel& channel) override;
  void arrived(Channel& channel, FrameBuffer& frames) override;
  void ended(Channel& channel, const std::string& why) override;

  [[nodiscard]] std::shared_ptr<Channel> channel_of(ConnectionId id) const {
    const auto found = channels_.find(id);
    return found == channels_.end() ? nullptr : found->second;
  }
  void listen(const ListenOptions& options);
  void accept();
  std::shared_ptr<Channel> take(Tcp::socket socket, bool server);
  void start() {
    thread_ = std::thread{[this] { keep_alive(); }};
  }
  // The connection that this side has made, until both sides are proven.
  [[nodiscard]] bool is_link(const Channel& channel) const {
    return dialer_ && channel.id == dialed_ && !dialer_->link.proven();
  }
  bool receive(Channel& channel, const ParsedFrame& parsed, Time now);
  void follow_link();
  void tick(Time now);
  [[nodiscard]] Time next_tick() const {
    return dialer_ ? std::min(state_.next_tick(), dialer_->link.next_tick()) : state_.next_tick();
  }
  void poll_some();
  void run_network(Time until);
  void keep_alive();
  void flush() noexcept;
  void flush_soon(Time now) noexcept;

  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_ = asio::make_work_guard(io_);
  std::optional<asio::ssl::context> tls_;
  Tcp::acceptor acceptor_{io_};
  asio::steady_timer pause_{io_};  // after a failed accept
  std::uint16_t port_ = 0;
  std::string url_;
  NoticeSink on_notice_;

  std::mutex mutex_;  // for all below, and for running io_
  std::atomic<int> wanted_{0};
  State state_;
  std::optional<Dialer> dialer_;
  ConnectionId dialed_ = 0;  // the last connection that this side has made
  std::unordered_map<ConnectionId, std::shared_ptr<Channel>> channels_;
  ConnectionId next_connection_ = 1;
  Time waited_{};         // when the thread that waits for events was here last
  Time handed_out_{};     // the last event
  unsigned put_off_ = 0;  // how often flush() was, since
  bool over_ = false;
  std::condition_variable parked_;
  std::thread thread_;
};

}  // namespace hposearch::inline v0::cluster
