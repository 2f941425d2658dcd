/// \file
/// How a program gets to its scheduler: when it connects, and how the two prove themselves to each other.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <hposearch/cluster/authentication.hpp>
#include <hposearch/cluster/backoff.hpp>
#include <hposearch/cluster/bytes.hpp>
#include <hposearch/cluster/codec.hpp>
#include <hposearch/cluster/frame.hpp>
#include <hposearch/cluster/message.hpp>
#include <hposearch/cluster/token.hpp>
#include <hposearch/numeric/random.hpp>
#include <hposearch/text.hpp>

namespace hposearch::inline v0::cluster {

struct SchedulerLinkSettings {
  std::string id{};                           ///< the program's: random, the same for as long as it lives
  std::chrono::milliseconds handshake{5000};  ///< how long a connection may take to be made and proven
  std::chrono::milliseconds first_wait{20};   ///< before the second attempt to connect, at most
  std::chrono::milliseconds longest_wait{2000};
  std::uint64_t seed = 0;  ///< of the waits
  std::function<Nonce()> nonce = random_nonce;
};

/// No socket, thread or clock: it is told what happens and when, and its outputs are read after each call.
///
/// Inputs: connected, received, malformed, closed, tick. Outputs: outgoing(), take_connect(), take_close(), proven(),
/// refusal(), next_tick(). Once proven() says so, frames are the head's; closed() is told all the same.
class SchedulerLink {
 public:
  using Time = std::chrono::steady_clock::time_point;

  SchedulerLink(Token token, SchedulerLinkSettings settings, Time now)
      : token_(std::move(token)), settings_(std::move(settings)), random_(settings_.seed), due_(now) {}

  void connected(Time now) {
    if (phase_ == Phase::connecting) proceed(Phase::greeting, now);
  }
  void received(const Frame& frame, Time now) {
    if (phase_ == Phase::waiting || phase_ == Phase::closing) return;
    try {
      if (frame.kind == FrameKind::refuse) return refused(read_message<Refuse>(frame.body));
      if (phase_ == Phase::greeting && frame.kind == FrameKind::challenge)
        return answer(read_message<Challenge>(frame.body), now);
      if (phase_ == Phase::proving && frame.kind == FrameKind::welcome)
        return check(read_message<Welcome>(frame.body), now);
      throw MalformedMessage("a scheduler sends this kind of message at another time");
    } catch (const MalformedMessage& error) {
      malformed(error.what());
    }
  }
  /// What has arrived is no message.
  void malformed(std::string_view why) { give_up("protocol", why); }
  /// The connection has ended, or could not be made.
  /// \param why for people
  void closed(Time now, std::string_view why = {}) {
    if (phase_ != Phase::proven && failures_ == 0 && !why.empty()) trouble_ = why;
    // One that lasted was a good one.
    if (phase_ == Phase::proven && now >= since_ + settings_.longest_wait) failures_ = 0;
    phase_ = Phase::waiting;
    close_ = false;
    outgoing_.clear();
    due_ = now + full_jitter(random_, failures_++, settings_.first_wait, settings_.longest_wait);
  }
  /// The scheduler is not who it should be.
  void distrust(std::string_view why) { refusal_ = why; }
  void tick(Time now) {
    if (now < next_tick()) return;
    if (phase_ != Phase::waiting) return close();
    proceed(Phase::connecting, now);
    connect_ = true;
  }
  [[nodiscard]] Time next_tick() const noexcept {
    if (refusal_ || phase_ == Phase::proven || phase_ == Phase::closing) return Time::max();
    return phase_ == Phase::waiting ? due_ : since_ + settings_.handshake;
  }

  [[nodiscard]] Bytes& outgoing() noexcept { return outgoing_; }
  [[nodiscard]] bool take_connect() noexcept { return std::exchange(connect_, false); }
  [[nodiscard]] bool take_close() noexcept { return std::exchange(close_, false); }
  /// Whether both sides have proven themselves on this connection.
  [[nodiscard]] bool proven() const noexcept { return phase_ == Phase::proven; }
  /// Why the first attempt in a row did not succeed, once.
  [[nodiscard]] std::optional<std::string> take_trouble() { return std::exchange(trouble_, std::nullopt); }
  /// Why it makes no sense to try again, if so.
  [[nodiscard]] const std::optional<std::string>& refusal() const noexcept { return refusal_; }

 private:
  enum class Phase : std::uint8_t { waiting, connecting, greeting, proving, proven, closing };

  void proceed(Phase phase, Time now) {
    phase_ = phase;
    since_ = now;
  }
  void close() {
    phase_ = Phase::closing;
    close_ = true;
  }
  void give_up(std::string code, std::string_view why) {
    if (phase_ == Phase::greeting || phase_ == Phase::proving)
      write_message(outgoing_, Refuse{std::move(code), std::string{why}});
    close();
  }
  void refused(const Refuse& refuse) {
    if (refuse.code == "version" || refuse.code == "token" || refuse.code == "role") refusal_ = refuse.reason;
    close();
  }
  void answer(const Challenge& challenge, Time now) {
    if (challenge.protocol != "hposearch") throw MalformedMessage("that is no scheduler of hposearch");
    if (challenge.min_version > protocol_version || challenge.max_version < protocol_version) {
      refusal_ = "it speaks versions " + to_text(challenge.min_version) + " to " + to_text(challenge.max_version) +
                 " of the protocol, and this program " + to_text(protocol_version);
      return give_up("version", *refusal_);
    }
    head_nonce_ = challenge.nonce;
    nonce_ = settings_.nonce();
    Hello hello;
    hello.worker = settings_.id;
    hello.nonce = nonce_;
    hello.role = "program";
    hello.proof = make_proof(token_.bytes(), Side::program, head_nonce_, nonce_, settings_.id);
    write_message(outgoing_, hello);
    proceed(Phase::proving, now);
  }
  void check(const Welcome& welcome, Time now) {
    const Proof expected = make_proof(token_.bytes(), Side::head, head_nonce_, nonce_, settings_.id);
    if (same_proof(expected, welcome.proof)) return proceed(Phase::proven, now);
    refusal_ = "it has another token";
    give_up("token", "the scheduler has another token");
  }

  Token token_;
  SchedulerLinkSettings settings_;
  numeric::Random random_;
  Phase phase_ = Phase::waiting;
  Nonce nonce_{}, head_nonce_{};
  Bytes outgoing_;
  bool connect_ = false, close_ = false;
  std::optional<std::string> refusal_, trouble_;
  Time due_, since_{};
  unsigned failures_ = 0;
};

}  // namespace hposearch::inline v0::cluster
