/// \file
/// A head on the network: its state machine behind a listening socket.
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

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <hposearch/cluster/channel.hpp>
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
class Head final : ChannelOwner {
 public:
  /// Called with notices, by whichever thread runs the network, which waits meanwhile; must not call the head.
  using NoticeSink = std::function<void(const Notice&)>;

  /// Listens from now on.
  /// \throws InvalidArgument; Error if it cannot listen there
  Head(Token token, HeadOptions options, ListenOptions listen, NoticeSink on_notice = {});
  ~Head();
  Head(const Head&) = delete;
  Head& operator=(const Head&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  /// "tcp://127.0.0.1:8786", or "tls://...".
  [[nodiscard]] std::string url() const;

  /// Calls `call(state, now)` with the state to itself, and sends what comes of it. From any thread.
  template <class Call>
  auto with(const Call& call) {
    const Turn turn{*this};
    const Time now = Clock::now();
    const Flush flush{*this, now};
    return call(state_, now);
  }

  /// The next event, or nothing once `deadline` has passed. `before(state)` is called first. From one thread.
  template <class Before>
  [[nodiscard]] std::optional<HeadEvent> wait_event(Time deadline, const Before& before);

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds away{10};  // the waiting thread may take that long to come back

  // Holds the mutex; whoever has it is asked to give it up.
  class Turn {
   public:
    explicit Turn(Head& head) : head_(head), lock_(head.mutex_, std::try_to_lock) {
      if (!lock_) {
        head_.wanted_.fetch_add(1);
        asio::post(head_.io_, [] {});
        lock_.lock();
        head_.wanted_.fetch_sub(1);
      }
    }
    // Lets others who want it go first.
    void yield() {
      if (head_.wanted_.load() == 0) return;
      lock_.unlock();
      while (head_.wanted_.load() > 0) std::this_thread::yield();
      lock_.lock();
    }
    ~Turn() { head_.last_call_ = Clock::now(); }

   private:
    Head& head_;
    std::unique_lock<std::mutex> lock_;
  };
  struct Flush {
    Head& head;
    Time now;
    ~Flush() { head.flush_soon(now); }
  };

  void opened(Channel& channel) override { state_.connected(channel.id, Clock::now()); }
  void arrived(Channel& channel, FrameBuffer& frames) override;
  void ended(Channel& channel, const std::string& why) override;

  [[nodiscard]] std::shared_ptr<Channel> channel_of(ConnectionId id) const {
    const auto found = channels_.find(id);
    return found == channels_.end() ? nullptr : found->second;
  }
  void listen(const ListenOptions& options);
  void accept();
  void take(Tcp::socket socket);
  void poll_some();
  void run_network(Time until);
  void keep_alive();
  void flush() noexcept;
  void flush_soon(Time now) noexcept;

  asio::io_context io_{1};
  std::optional<asio::ssl::context> tls_;
  Tcp::acceptor acceptor_{io_};
  asio::steady_timer pause_{io_};  // after a failed accept
  std::uint16_t port_ = 0;
  std::string address_;
  NoticeSink on_notice_;

  std::mutex mutex_;  // for all below, and for running io_
  std::atomic<int> wanted_{0};
  HeadState state_;
  std::unordered_map<ConnectionId, std::shared_ptr<Channel>> channels_;
  ConnectionId next_connection_ = 1;
  Time last_call_{};
  Time handed_out_{};     // the last event
  unsigned put_off_ = 0;  // how often flush() was, since
  bool over_ = false;
  std::condition_variable parked_;
  std::thread thread_;
};

inline Head::Head(Token token, HeadOptions options, ListenOptions where, NoticeSink on_notice)
    : on_notice_(std::move(on_notice)), state_(std::move(token), std::move(options)) {
  if (where.tls) tls_.emplace(hposearch::detail::make_tls_context(hposearch::detail::TlsSide::head, *where.tls));
  listen(where);
  accept();
  thread_ = std::thread{[this] { keep_alive(); }};
}

inline void Head::listen(const ListenOptions& where) {
  ErrorCode error;
  const auto address = asio::ip::make_address(where.address, error);
  if (error) throw InvalidArgument("address", quoted(where.address), "must be an address of this machine");
  const Tcp::endpoint endpoint{address, where.port};
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(asio::socket_base::reuse_address{true}, error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error) throw Error("cannot listen on " + where.address + ':' + to_text(where.port) + ": " + error.message());
  acceptor_.non_blocking(true);
  ::fcntl(acceptor_.native_handle(), F_SETFD, FD_CLOEXEC);
  port_ = acceptor_.local_endpoint().port();
  address_ = address.is_v6() ? '[' + where.address + ']' : where.address;
}

inline std::string Head::url() const { return (tls_ ? "tls://" : "tcp://") + address_ + ':' + to_text(port_); }

inline void Head::accept() {
  acceptor_.async_accept([this](ErrorCode error, Tcp::socket socket) {
    if (over_ || error == asio::error::operation_aborted) return;
    if (!error) {
      take(std::move(socket));
      return accept();
    }
    // Out of descriptors, say: those who wait are accepted when there are some again.
    pause_.expires_after(std::chrono::milliseconds{50});
    pause_.async_wait([this](ErrorCode stopped) {
      if (!stopped) accept();
    });
  });
}

inline void Head::take(Tcp::socket socket) {
  configure_socket(socket);
  const ConnectionId id = next_connection_++;
  std::shared_ptr<Channel> channel;
  ChannelOwner& owner = *this;
  std::mutex* const no_mutex = nullptr;  // whoever runs the network has it
  if (tls_) {
    using Secure = asio::ssl::stream<Tcp::socket>;
    channel = std::make_shared<StreamChannel<Secure>>(id, owner, Secure{std::move(socket), *tls_}, no_mutex, true);
  } else {
    channel = std::make_shared<StreamChannel<Tcp::socket>>(id, owner, std::move(socket), no_mutex, true);
  }
  channels_.emplace(id, channel);
  channel->begin();
}

inline void Head::arrived(Channel& channel, FrameBuffer& frames) {
  const Time now = Clock::now();
  for (;;) {
    frames.set_limit(state_.frame_limit(channel.id));
    const ParsedFrame parsed = frames.next();
    if (parsed.status == ParsedFrame::Status::incomplete) return;
    if (parsed.status == ParsedFrame::Status::broken) return state_.malformed(channel.id, parsed.error, now);
    state_.received(channel.id, parsed.frame, now);
  }
}

inline void Head::ended(Channel& channel, const std::string& /*why*/) {
  if (!channel.distrust().empty() && on_notice_) on_notice_({Notice::Kind::refused, {}, channel.distrust()});
  state_.closed(channel.id, Clock::now());
  channels_.erase(channel.id);
}

// Sends what there is to send. Short of memory, connections that are left with half a message are dropped.
inline void Head::flush() noexcept {
  for (;;) {
    const auto written = state_.take_written();
    const auto closed = state_.take_closed();
    for (const ConnectionId id : written)
      if (const auto channel = channel_of(id)) channel->send(state_.outgoing(id));
    for (const ConnectionId id : closed)
      if (const auto channel = channel_of(id)) channel->finish();
    for (const Notice& notice : state_.take_notices())
      if (on_notice_) on_notice_(notice);
    if (written.empty() && closed.empty()) return;
  }
}

// A search that deals quickly with one event, and has another, is back in no time: what it sends is sent together.
inline void Head::flush_soon(Time now) noexcept {
  constexpr auto quick = std::chrono::microseconds{50};
  constexpr unsigned most = 64;
  if (state_.has_event() && now < handed_out_ + quick && ++put_off_ < most) return;
  put_off_ = 0;
  flush();
}

// Handles what has happened on the network, but not for ever: more may happen all the time, and answers wait meanwhile.
inline void Head::poll_some() {
  constexpr int most = 200;
  for (int i = 0; i < most && io_.poll_one() > 0; ++i) continue;
}

// Handles what happens on the network, once, or until then. The mutex is held.
inline void Head::run_network(Time until) {
  flush();
  io_.run_one_until(std::min(until, state_.next_tick()));
  if (Clock::now() >= state_.next_tick()) {
    poll_some();  // what has arrived in time is not late
    state_.tick(Clock::now());
  }
}

template <class Before>
std::optional<HeadEvent> Head::wait_event(Time deadline, const Before& before) {
  Turn turn{*this};
  before(state_);
  while (!state_.has_event()) {
    if (Clock::now() >= deadline) {
      // A deadline that has passed before: look once all the same.
      poll_some();
      flush();
      if (state_.has_event()) break;
      return std::nullopt;
    }
    run_network(deadline);
    turn.yield();
  }
  const Time now = Clock::now();
  flush_soon(now);
  handed_out_ = now;
  return state_.take_event();
}

// The head's own thread: runs the network while no other does.
inline void Head::keep_alive() {
  std::unique_lock lock{mutex_};
  while (!over_) {
    if (wanted_.load() > 0) {
      lock.unlock();
      std::this_thread::yield();
      lock.lock();
    } else if (Clock::now() < last_call_ + away) {
      parked_.wait_for(lock, away / 2);
    } else {
      run_network(Time::max());
    }
  }
}

inline Head::~Head() {
  {
    Turn turn{*this};
    ErrorCode ignored;
    acceptor_.close(ignored);
    pause_.cancel();
    state_.shut_down("finished");
    flush();
    // Workers close when they have read it.
    const Time end = Clock::now() + std::chrono::milliseconds{500};
    while (!channels_.empty() && Clock::now() < end) {
      io_.run_one_until(end);
      flush();
    }
    over_ = true;
    parked_.notify_one();
    for (const auto& [id, channel] : channels_) channel->detach();
    channels_.clear();
  }
  asio::post(io_, [] {});
  thread_.join();
}

}  // namespace hposearch::inline v0::cluster
