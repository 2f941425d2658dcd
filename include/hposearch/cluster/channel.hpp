/// \file
/// A connection that carries frames, over TCP as it is or with TLS.
#pragma once

#ifdef __CUDACC__
#error "hposearch: network headers do not go through nvcc; include them in a .cpp file and keep only the kernels in .cu"
#endif

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <type_traits>
#include <utility>

#include <boost/version.hpp>
#if BOOST_VERSION < 107500
#error "hposearch: the cluster needs Boost 1.75 or newer (Debian: apt install libboost1.81-dev)"
#endif

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <hposearch/cluster/bytes.hpp>
#include <hposearch/cluster/frame.hpp>
#include <hposearch/cluster/tls.hpp>

namespace hposearch::inline v0::cluster {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using ErrorCode = boost::system::error_code;

class Channel;

/// Who is told what happens on channels. Called with the channels' mutex locked, where they have one.
class ChannelOwner {
 public:
  /// It can be sent on now.
  virtual void opened(Channel& channel) = 0;
  /// There may be whole frames in `frames`.
  virtual void arrived(Channel& channel, FrameBuffer& frames) = 0;
  /// Nothing more will come. Called once, unless the owner has detached itself.
  virtual void ended(Channel& channel, const std::string& why) = 0;

 protected:
  ~ChannelOwner() = default;
};

/// Not thread-safe: all calls, and the functions that Asio calls, come with the same mutex locked.
class Channel : public std::enable_shared_from_this<Channel> {
 public:
  virtual ~Channel() = default;
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  const std::uint64_t id;  ///< the owner's

  /// Begins: makes the connection secure where it is to be, and reads.
  virtual void begin() = 0;
  /// Sends bytes, with what is waiting already; leaves `bytes` empty. A peer that does not read is dropped.
  virtual void send(Bytes& bytes) = 0;
  /// Closes once everything is sent and the other side has closed, or after a second.
  virtual void finish() = 0;
  /// Closes now.
  virtual void abort() = 0;
  /// The socket, for children that must not keep it.
  [[nodiscard]] virtual int native() = 0;
  /// Why the other side's certificate was refused; empty if it was not.
  [[nodiscard]] const std::string& distrust() const noexcept { return distrust_; }
  /// From now on the owner is not told anything.
  void detach() noexcept { owner_ = nullptr; }

 protected:
  Channel(std::uint64_t own_id, ChannelOwner& owner) : id(own_id), owner_(&owner) {}

  ChannelOwner* owner_;
  std::string distrust_;
};

/// What all sockets of a cluster are set to. Errors are left for the next use of the socket.
inline void configure_socket(Tcp::socket& socket) {
  ErrorCode ignored;
  socket.non_blocking(true, ignored);
  socket.set_option(Tcp::no_delay{true}, ignored);
  socket.set_option(asio::socket_base::keep_alive{true}, ignored);
  const int fd = socket.native_handle();
  ::fcntl(fd, F_SETFD, FD_CLOEXEC);
#if defined(TCP_USER_TIMEOUT)
  const unsigned int milliseconds = 10'000;  // data that is not acknowledged for so long breaks the connection
  ::setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds, sizeof milliseconds);
#endif
}

/// \tparam Stream Tcp::socket, or asio::ssl::stream<Tcp::socket>
template <class Stream>
class StreamChannel final : public Channel {
  static constexpr bool plain = std::is_same_v<Stream, Tcp::socket>;

 public:
  /// \param mutex locked in what Asio calls; none if whoever runs the io_context has it locked
  StreamChannel(std::uint64_t own_id, ChannelOwner& owner, Stream stream, std::mutex* mutex, bool server)
      : Channel(own_id, owner),
        stream_(std::move(stream)),
        timer_(stream_.get_executor()),
        mutex_(mutex),
        server_(server) {}

  void begin() override {
    if constexpr (plain) {
      owner_->opened(*this);
      read();
    } else {
      using Handshake = asio::ssl::stream_base;
      stream_.async_handshake(server_ ? Handshake::server : Handshake::client, [self = self()](ErrorCode error) {
        const auto lock = self->lock();
        if (error) {
          self->distrust_ = hposearch::detail::refusal_text(*self->stream_.native_handle());
          return self->end(error);
        }
        self->open_ = true;
        if (self->owner_) self->owner_->opened(*self);
        self->read();
      });
    }
  }

  void send(Bytes& bytes) override {
    if (closed_ || finishing_) return bytes.clear();
    used_ = true;
    if (waiting_.empty())
      waiting_.swap(bytes);
    else
      append(waiting_, bytes);
    bytes.clear();
    if (waiting_.size() > most_waiting) return abort();
    if constexpr (plain) {
      write();
    } else if (!std::exchange(posted_, true)) {
      // The engine of TLS belongs to the thread that runs the io_context.
      asio::post(stream_.get_executor(), [self = self()] {
        const auto lock = self->lock();
        self->posted_ = false;
        self->write();
      });
    }
  }

  void finish() override {
    if (closed_ || std::exchange(finishing_, true)) return;
    if (!used_) return abort();
    timer_.expires_after(std::chrono::seconds{1});
    timer_.async_wait([self = self()](ErrorCode error) {
      const auto lock = self->lock();
      if (!error) self->abort();
    });
    if (!writing_ && waiting_.empty()) say_end();
  }

  void abort() override {
    if (std::exchange(closed_, true)) return;
    ErrorCode ignored;
    timer_.cancel();
    socket().shutdown(Tcp::socket::shutdown_both, ignored);
    socket().close(ignored);
    if (!reading_) end(asio::error::operation_aborted);
  }

  [[nodiscard]] int native() override { return socket().native_handle(); }

 private:
  static constexpr std::size_t most_waiting = std::size_t{16} << 20;

  [[nodiscard]] std::shared_ptr<StreamChannel> self() {
    return std::static_pointer_cast<StreamChannel>(shared_from_this());
  }
  [[nodiscard]] std::unique_lock<std::mutex> lock() const {
    return mutex_ ? std::unique_lock{*mutex_} : std::unique_lock<std::mutex>{};
  }
  [[nodiscard]] Tcp::socket& socket() {
    if constexpr (plain)
      return stream_;
    else
      return stream_.next_layer();
  }

  void read() {
    if (closed_) return end(asio::error::operation_aborted);
    const auto room = frames_.room();
    reading_ = true;
    stream_.async_read_some(asio::buffer(room.data(), room.size()), [self = self()](ErrorCode error, std::size_t n) {
      const auto lock = self->lock();
      self->reading_ = false;
      if (error || self->closed_) return self->end(error);
      self->frames_.commit(n);
      if (self->owner_) self->owner_->arrived(*self, self->frames_);
      self->read();
    });
  }

  // At once what the system takes; the rest when it can take more.
  void write() {
    if (writing_ || closed_ || waiting_.empty()) return;
    if constexpr (plain) {
      ErrorCode error;
      const std::size_t written = stream_.write_some(asio::buffer(waiting_), error);
      if (written == waiting_.size()) return waiting_.clear();
      waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(written));
      if (error && error != asio::error::would_block && error != asio::error::try_again) return abort();
    }
    if (!open_) return;
    writing_ = true;
    sending_.swap(waiting_);
    waiting_.clear();
    asio::async_write(stream_, asio::buffer(sending_), [self = self()](ErrorCode error, std::size_t) {
      const auto lock = self->lock();
      self->writing_ = false;
      if (error) return self->abort();
      self->write();
      if (self->finishing_ && !self->writing_) self->say_end();
    });
  }

  // The other side closes when it has read everything. To close first, with its bytes unread, would destroy ours.
  void say_end() {
    ErrorCode ignored;
    socket().shutdown(Tcp::socket::shutdown_send, ignored);
  }

  void end(ErrorCode error) {
    closed_ = true;
    ErrorCode ignored;
    socket().close(ignored);
    timer_.cancel();
    if (ChannelOwner* owner = std::exchange(owner_, nullptr)) owner->ended(*this, error.message());
  }

  Stream stream_;
  asio::steady_timer timer_;
  std::mutex* mutex_;
  FrameBuffer frames_;
  Bytes waiting_, sending_;
  bool server_;
  bool open_ = plain;  // the handshake is over
  bool used_ = false;  // something was sent
  bool reading_ = false, writing_ = false, posted_ = false, finishing_ = false, closed_ = false;
};

}  // namespace hposearch::inline v0::cluster
