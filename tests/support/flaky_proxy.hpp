// A TCP proxy that misbehaves on demand, for tests of what networks do.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <limits>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

namespace support {

/// What becomes of the bytes of one direction.
struct Weather {
  bool blocked = false;                ///< nothing passes, no end of a connection either; kept until it passes again
  std::chrono::milliseconds delay{0};  ///< of each piece
  bool single_bytes = false;           ///< every byte is a piece of its own
  bool twice = false;                  ///< every piece is sent twice
  std::size_t cut_after = std::numeric_limits<std::size_t>::max();  ///< each connection ends after so many bytes
};

/// Forwards every connection to a port of this machine, from a thread of its own. Changes hold for connections that
/// exist as for later ones, and are in force when the call returns.
class FlakyProxy {
  using Tcp = boost::asio::ip::tcp;
  using Error = boost::system::error_code;

 public:
  enum Direction : std::size_t { to_server, to_client };

  explicit FlakyProxy(std::uint16_t target) : target_(loopback(), target) {
    accept();
    thread_ = std::thread{[this] { io_.run(); }};
  }
  FlakyProxy(const FlakyProxy&) = delete;
  FlakyProxy& operator=(const FlakyProxy&) = delete;
  ~FlakyProxy() {
    io_.stop();
    thread_.join();
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }

  void set(Direction direction, const Weather& weather) {
    run([&] {
      weather_[direction] = weather;
      resume();
    });
  }
  void set(const Weather& weather) {
    set(to_server, weather);
    set(to_client, weather);
  }
  /// Neither bytes nor ends of connections pass: a peer that dies meanwhile looks as if it were there.
  void partition() { set({.blocked = true}); }
  void heal() { set({}); }

  /// Ends all connections with a reset.
  void cut() {
    run([&] {
      for (const auto& weak : links_)
        if (const auto link = weak.lock()) link->close(true);
    });
  }

  /// How many were accepted so far.
  [[nodiscard]] std::size_t connections() {
    std::size_t count = 0;
    run([&] { count = links_.size(); });
    return count;
  }
  /// How many bytes went through so far.
  [[nodiscard]] std::size_t bytes(Direction direction) {
    std::size_t count = 0;
    run([&] { count = bytes_[direction]; });
    return count;
  }

 private:
  struct Link {
    explicit Link(boost::asio::io_context& io) : sockets{Tcp::socket{io}, Tcp::socket{io}} {}
    std::array<Tcp::socket, 2> sockets;  // of the client, of the server
    void close(bool reset) {
      Error ignored;
      for (auto& socket : sockets) {
        if (reset) socket.set_option(boost::asio::socket_base::linger{true, 0}, ignored);
        socket.close(ignored);
      }
    }
  };

  // One direction of a link: one piece at a time is read, held, and written.
  struct Pump : std::enable_shared_from_this<Pump> {
    Pump(FlakyProxy& p, std::shared_ptr<Link> l, Direction d)
        : proxy(p), link(std::move(l)), direction(d), timer(proxy.io_) {}

    void read() {
      auto& from = link->sockets[direction];
      from.async_read_some(boost::asio::buffer(buffer), [self = shared_from_this()](Error error, std::size_t count) {
        self->begin = 0;
        self->end = count;
        self->ended = static_cast<bool>(error);
        self->pass();
      });
    }
    void pass() {
      if (proxy.weather_[direction].blocked) {
        proxy.held_.push_back([self = shared_from_this()] { self->pass(); });
      } else if (ended) {
        link->close(false);
      } else if (begin == end) {
        read();
      } else {
        timer.expires_after(proxy.weather_[direction].delay);
        timer.async_wait([self = shared_from_this()](Error error) {
          if (!error) self->write();
        });
      }
    }
    void write() {
      const Weather& weather = proxy.weather_[direction];
      if (weather.blocked) return pass();
      if (passed >= weather.cut_after) return link->close(false);
      std::size_t size = weather.single_bytes ? 1 : end - begin;
      size = std::min(size, weather.cut_after - passed);
      const auto piece = boost::asio::buffer(buffer.data() + begin, size);
      std::vector<boost::asio::const_buffer> pieces(weather.twice ? 2 : 1, piece);
      boost::asio::async_write(link->sockets[1 - direction], pieces,
                               [self = shared_from_this(), size](Error error, std::size_t) {
                                 self->begin += size;
                                 self->passed += size;
                                 self->proxy.bytes_[self->direction] += size;
                                 self->ended = self->ended || error;
                                 self->pass();
                               });
    }

    FlakyProxy& proxy;
    std::shared_ptr<Link> link;
    Direction direction;
    boost::asio::steady_timer timer;
    std::array<char, 16384> buffer;
    std::size_t begin = 0, end = 0, passed = 0;
    bool ended = false;
  };

  static boost::asio::ip::address loopback() { return boost::asio::ip::address_v4::loopback(); }

  void accept() {
    auto link = std::make_shared<Link>(io_);
    auto& client = link->sockets[to_server];
    acceptor_.async_accept(client, [this, link](Error error) {
      if (!error) connect(link);
      accept();
    });
  }
  void connect(const std::shared_ptr<Link>& link) {
    links_.push_back(link);
    link->sockets[to_client].async_connect(target_, [this, link](Error error) {
      if (error) return link->close(true);
      for (const Direction direction : {to_server, to_client}) {
        Error ignored;
        link->sockets[direction].set_option(Tcp::no_delay{true}, ignored);
        std::make_shared<Pump>(*this, link, direction)->read();
      }
    });
  }
  void resume() {
    for (const auto& go_on : std::exchange(held_, {})) go_on();
  }
  void run(const std::function<void()>& change) {
    std::promise<void> done;
    boost::asio::post(io_, [&] {
      change();
      done.set_value();
    });
    done.get_future().wait();
  }

  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_ = boost::asio::make_work_guard(io_);
  Tcp::acceptor acceptor_{io_, Tcp::endpoint{loopback(), 0}};
  std::uint16_t port_ = acceptor_.local_endpoint().port();
  Tcp::endpoint target_;
  std::array<Weather, 2> weather_{};
  std::array<std::size_t, 2> bytes_{};
  std::vector<std::weak_ptr<Link>> links_;
  std::vector<std::function<void()>> held_;  // pieces that wait until their direction is open again
  std::thread thread_;
};

}  // namespace support
