/// \file
/// A head, or a scheduler, on the network: its connections.
#pragma once

#include <hposearch/cluster/host_class.hpp>

namespace hposearch::inline v0::cluster {

template <class State>
void Host<State>::listen(const ListenOptions& where) {
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
  url_ = to_text(HeadAddress{tls_.has_value(), where.address, port_});
}

template <class State>
void Host<State>::accept() {
  acceptor_.async_accept([this](ErrorCode error, Tcp::socket socket) {
    if (over_ || error == asio::error::operation_aborted) return;
    if (!error) {
      take(std::move(socket), true)->begin();
      return accept();
    }
    // Out of descriptors, say: those who wait are accepted when there are some again.
    pause_.expires_after(std::chrono::milliseconds{50});
    pause_.async_wait([this](ErrorCode stopped) {
      if (!stopped) accept();
    });
  });
}

template <class State>
std::shared_ptr<Channel> Host<State>::take(Tcp::socket socket, bool server) {
  configure_socket(socket);
  const ConnectionId id = next_connection_++;
  std::shared_ptr<Channel> channel;
  ChannelOwner& owner = *this;
  std::mutex* const no_mutex = nullptr;  // whoever runs the network has it
  if (tls_) {
    using Secure = asio::ssl::stream<Tcp::socket>;
    Secure stream{std::move(socket), *tls_};
    if (!server) hposearch::detail::expect_host(*stream.native_handle(), dialer_->address.host);
    channel = std::make_shared<StreamChannel<Secure>>(id, owner, std::move(stream), no_mutex, server);
  } else {
    channel = std::make_shared<StreamChannel<Tcp::socket>>(id, owner, std::move(socket), no_mutex, server);
  }
  channels_.emplace(id, channel);
  return channel;
}

template <class State>
void Host<State>::opened(Channel& channel) {
  if (is_link(channel))
    dialer_->link.connected(Clock::now());
  else
    state_.connected(channel.id, Clock::now());
}

template <class State>
void Host<State>::arrived(Channel& channel, FrameBuffer& frames) {
  const Time now = Clock::now();
  for (;;) {
    frames.set_limit(is_link(channel) ? unauthenticated_frame_limit : state_.frame_limit(channel.id));
    if (!receive(channel, frames.next(), now)) return;
  }
}

// \returns whether there may be more
template <class State>
bool Host<State>::receive(Channel& channel, const ParsedFrame& parsed, Time now) {
  using Status = ParsedFrame::Status;
  if (parsed.status == Status::incomplete) return false;
  if (is_link(channel)) {
    if (parsed.status == Status::broken)
      dialer_->link.malformed(parsed.error);
    else
      dialer_->link.received(parsed.frame, now);
    if constexpr (requires { state_.adopt(channel.id, url_, now); }) {
      if (dialer_->link.proven()) state_.adopt(channel.id, url_, now);
    }
  } else if (parsed.status == Status::broken) {
    state_.malformed(channel.id, parsed.error, now);
  } else {
    state_.received(channel.id, parsed.frame, now);
  }
  return parsed.status == Status::complete;
}

template <class State>
void Host<State>::ended(Channel& channel, const std::string& why) {
  if (!channel.distrust().empty() && on_notice_) on_notice_({Notice::Kind::refused, {}, channel.distrust()});
  const Time now = Clock::now();
  state_.closed(channel.id, now);
  if (dialer_ && channel.id == dialed_) {
    dialer_->link.closed(now, why);
    if (!channel.distrust().empty()) dialer_->link.distrust(channel.distrust());
  }
  channels_.erase(channel.id);
}

// What the link to the scheduler wants done.
template <class State>
void Host<State>::follow_link() {
  if (!dialer_) return;
  SchedulerLink& link = dialer_->link;
  const auto channel = channel_of(dialed_);
  if (channel && !link.outgoing().empty()) channel->send(link.outgoing());
  if (link.take_close()) {
    if (channel)
      channel->finish();
    else
      dialer_->cancel();
  }
  if (link.take_connect()) {
    dialer_->dial([this](Tcp::socket socket) {
      if (over_) return;
      const auto made = take(std::move(socket), false);
      dialed_ = made->id;
      made->begin();
    });
  }
  if (auto trouble = link.take_trouble(); trouble && on_notice_) on_notice_({Notice::Kind::broken, url_, *trouble});
}

}  // namespace hposearch::inline v0::cluster
