// Many workers in one process: real connections and the library's own worker state machine, but trials that only wait.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <hposearch/cluster/channel.hpp>
#include <hposearch/cluster/token.hpp>
#include <hposearch/cluster/worker_state.hpp>

namespace benchmark {

/// One worker with one slot, whose trials take a given time.
class CrowdWorker final : public hposearch::cluster::ChannelOwner {
  using Clock = std::chrono::steady_clock;
  using Tcp = boost::asio::ip::tcp;
  using Error = boost::system::error_code;

 public:
  CrowdWorker(boost::asio::io_context& io, const Tcp::endpoint& head, const hposearch::Token& token, std::size_t number,
              Clock::duration trial_time)
      : io_(io), head_(head), trial_time_(trial_time), state_(token, settings(number), Clock::now()) {
    act();
  }
  [[nodiscard]] bool left() const { return state_.departure().has_value(); }

 private:
  using Order = hposearch::cluster::WorkerState::Order;

  static hposearch::cluster::WorkerSettings settings(std::size_t number) {
    hposearch::cluster::WorkerSettings settings;
    settings.id = "crowd" + std::to_string(number);
    settings.name = settings.id;
    settings.seed = number;
    settings.handshake = std::chrono::seconds{30};
    return settings;
  }

  void opened(hposearch::cluster::Channel&) override {
    state_.connected(Clock::now());
    act();
  }
  void arrived(hposearch::cluster::Channel&, hposearch::cluster::FrameBuffer& frames) override {
    frames.set_limit(state_.frame_limit());
    for (auto parsed = frames.next(); parsed.status == hposearch::cluster::ParsedFrame::Status::complete;
         parsed = frames.next()) {
      state_.received(parsed.frame, Clock::now());
      frames.set_limit(state_.frame_limit());
    }
    act();
  }
  void ended(hposearch::cluster::Channel&, const std::string&) override {
    channel_.reset();
    state_.closed(Clock::now());
    act();
  }

  // Does what the state asks for, and comes back when it has something to do.
  void act() {
    if (const auto now = Clock::now(); now >= state_.next_tick()) state_.tick(now);
    for (const Order& order : state_.take_orders())
      if (order.kind == Order::Kind::run) run(order.task.task);
    if (state_.take_connect()) connect();
    const auto channel = channel_;
    if (channel && !state_.outgoing().empty()) channel->send(state_.outgoing());
    if (state_.take_close() && channel) channel->finish();
    if (left()) return static_cast<void>(timer_.cancel());
    const auto next = state_.next_tick();
    if (next == timer_.expiry()) return;
    timer_.expires_at(next);
    timer_.async_wait([this](Error error) {
      if (!error) act();
    });
  }
  void connect() {
    auto socket = std::make_shared<Tcp::socket>(io_);
    socket->async_connect(head_, [this, socket](Error error) {
      if (error) {
        state_.closed(Clock::now());
        return act();
      }
      hposearch::cluster::configure_socket(*socket);
      channel_ = std::make_shared<hposearch::cluster::StreamChannel<Tcp::socket>>(1, *this, std::move(*socket), nullptr,
                                                                                  false);
      channel_->begin();
    });
  }
  void run(hposearch::cluster::TaskId task) {
    const auto began = Clock::now();
    trial_.expires_at(began + trial_time_);
    trial_.async_wait([this, task, began](Error error) {
      if (error) return;
      const auto now = Clock::now();
      state_.finished(task, {true, 0.5, {}}, began, now, now);
      act();
    });
  }

  boost::asio::io_context& io_;
  Tcp::endpoint head_;
  Clock::duration trial_time_;
  boost::asio::steady_timer timer_{io_}, trial_{io_};
  std::shared_ptr<hposearch::cluster::Channel> channel_;
  hposearch::cluster::WorkerState state_;
};

/// Lets that many workers serve the head until it sends them home.
inline void serve_as_crowd(std::uint16_t port, const hposearch::Token& token, std::size_t workers,
                           std::chrono::steady_clock::duration trial_time) {
  boost::asio::io_context io{1};
  const boost::asio::ip::tcp::endpoint head{boost::asio::ip::address_v4::loopback(), port};
  std::vector<std::unique_ptr<CrowdWorker>> crowd;
  for (std::size_t i = 0; i < workers; ++i)
    crowd.push_back(std::make_unique<CrowdWorker>(io, head, token, i, trial_time));
  io.run();
}

}  // namespace benchmark
