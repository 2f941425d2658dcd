/// \file
/// A head, or a scheduler, on the network: who runs it, and when.
#pragma once

#include <hposearch/cluster/host_class.hpp>

namespace hposearch::inline v0::cluster {

template <class State>
Host<State>::Host(State state, ListenOptions where, NoticeSink on_notice)
    : on_notice_(std::move(on_notice)), state_(std::move(state)) {
  if (where.tls) tls_.emplace(hposearch::detail::make_tls_context(hposearch::detail::TlsSide::head, *where.tls));
  listen(where);
  accept();
  start();
}

template <class State>
Host<State>::Host(State state, const Token& token, DialOptions dial, NoticeSink on_notice)
    : port_(dial.address.port),
      url_(to_text(dial.address)),
      on_notice_(std::move(on_notice)),
      state_(std::move(state)) {
  if (dial.address.tls != dial.tls.has_value()) {
    throw InvalidArgument("tls", dial.tls ? "given" : "nothing",
                          "must be given where the scheduler's address begins with tls://, and only there");
  }
  if (dial.tls) tls_.emplace(hposearch::detail::make_tls_context(hposearch::detail::TlsSide::worker, *dial.tls));
  dialer_.emplace(io_, token, dial.address);
  start();
}

// Sends what there is to send. Short of memory, connections that are left with half a message are dropped.
template <class State>
void Host<State>::flush() noexcept {
  for (;;) {
    follow_link();
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
template <class State>
void Host<State>::flush_soon(Time now) noexcept {
  constexpr auto quick = std::chrono::microseconds{50};
  constexpr unsigned most = 64;
  if (state_.has_event() && now < handed_out_ + quick && ++put_off_ < most) return;
  put_off_ = 0;
  flush();
}

// Handles what has happened on the network, but not for ever: more may happen all the time, and answers wait meanwhile.
template <class State>
void Host<State>::poll_some() {
  constexpr int most = 200;
  for (int i = 0; i < most && io_.poll_one() > 0; ++i) continue;
}

// Handles what happens on the network, once, or until then. The mutex is held.
template <class State>
void Host<State>::run_network(Time until) {
  flush();
  io_.run_one_until(std::min(until, next_tick()));
  if (Clock::now() >= next_tick()) {
    poll_some();  // what has arrived in time is not late
    tick(Clock::now());
  }
}

template <class State>
void Host<State>::tick(Time now) {
  if (dialer_) dialer_->link.tick(now);
  if (now >= state_.next_tick()) state_.tick(now);
}

template <class State>
template <class Before>
std::optional<HeadEvent> Host<State>::wait_event(Time deadline, const Before& before) {
  Turn turn{*this};
  const Waiting waiting{*this};
  before(state_);
  while (!state_.has_event()) {
    if (dialer_ && dialer_->link.refusal())
      throw Error("the scheduler at " + url_ + " is not for this program: " + *dialer_->link.refusal());
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
template <class State>
void Host<State>::keep_alive() {
  std::unique_lock lock{mutex_};
  while (!over_) {
    if (wanted_.load() > 0) {
      lock.unlock();
      std::this_thread::yield();
      lock.lock();
    } else if (Clock::now() < waited_ + away) {
      parked_.wait_for(lock, away / 2);
    } else {
      run_network(Time::max());
    }
  }
}

template <class State>
Host<State>::~Host() {
  {
    Turn turn{*this};
    ErrorCode ignored;
    acceptor_.close(ignored);
    pause_.cancel();
    if (dialer_) dialer_->cancel();
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
