/// \file
/// Makes a program's connections to its scheduler.
#pragma once

#ifdef __CUDACC__
#error "hposearch: network headers do not go through nvcc; include them in a .cpp file and keep only the kernels in .cu"
#endif

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <hposearch/cluster/address.hpp>
#include <hposearch/cluster/certificates.hpp>
#include <hposearch/cluster/channel.hpp>
#include <hposearch/cluster/identity.hpp>
#include <hposearch/cluster/scheduler_link.hpp>
#include <hposearch/cluster/token.hpp>
#include <hposearch/text.hpp>

namespace hposearch::inline v0::cluster {

/// Where a scheduler is.
struct DialOptions {
  HeadAddress address{};
  std::optional<TlsFiles> tls{};  ///< needed where the address says tls://; a program has the files of a worker
};

/// Not thread-safe: all calls, and the functions that Asio calls, come with the same mutex locked.
class Dialer {
  [[nodiscard]] static SchedulerLinkSettings settings() {
    SchedulerLinkSettings made;
    made.id = random_id();
    made.seed = std::hash<std::string>{}(made.id);
    return made;
  }

 public:
  Dialer(asio::io_context& io, const Token& token, HeadAddress where)
      : address(std::move(where)),
        link(token, settings(), std::chrono::steady_clock::now()),
        resolver_(io),
        attempt_(io),
        io_(io) {}

  const HeadAddress address;
  SchedulerLink link;

  /// Makes a connection, and calls `use(socket)`; or tells the link that there is none.
  template <class Use>
  void dial(const Use& use) {
    ErrorCode error;
    const auto numbers = asio::ip::make_address(address.host, error);
    if (!error) return attempt(std::vector{Tcp::endpoint{numbers, address.port}}, use);
    resolver_.async_resolve(address.host, to_text(address.port),
                            [this, use](ErrorCode failed, const Tcp::resolver::results_type& results) {
                              if (failed) return fail(failed);
                              attempt(std::vector<Tcp::endpoint>{results.begin(), results.end()}, use);
                            });
  }
  /// Gives up what dial() has begun.
  void cancel() {
    ErrorCode ignored;
    resolver_.cancel();
    attempt_.close(ignored);
  }

 private:
  template <class Use>
  void attempt(const std::vector<Tcp::endpoint>& endpoints, const Use& use) {
    attempt_ = Tcp::socket{io_};
    asio::async_connect(attempt_, endpoints, [this, use](ErrorCode error, const Tcp::endpoint&) {
      if (error) return fail(error);
      use(std::move(attempt_));
    });
  }
  void fail(ErrorCode error) { link.closed(std::chrono::steady_clock::now(), error.message()); }

  Tcp::resolver resolver_;
  Tcp::socket attempt_;  // while it is being connected
  asio::io_context& io_;
};

}  // namespace hposearch::inline v0::cluster
