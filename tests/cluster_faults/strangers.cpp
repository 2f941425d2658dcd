// Peers that do not belong to the cluster, or do not keep to the protocol.
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <support/catch.hpp>

#include <hposearch/cluster/authentication.hpp>
#include <hposearch/cluster/codec.hpp>
#include <hposearch/cluster/message.hpp>
#include <hposearch/numeric/random.hpp>

#include "harness.hpp"

using namespace faults;
using namespace hposearch::cluster;
using boost::asio::ip::tcp;
using Catch::Contains;

namespace {

/// A connection to a head, by hand.
class Stranger {
 public:
  explicit Stranger(const hpo::Cluster& cluster) {
    socket_.connect({boost::asio::ip::address_v4::loopback(), cluster.port()});
  }

  /// Whether it could be sent.
  bool send(const Bytes& bytes) {
    boost::system::error_code error;
    boost::asio::write(socket_, boost::asio::buffer(bytes), error);
    return !error;
  }
  template <class M>
  bool say(const M& message) {
    Bytes bytes;
    write_message(bytes, message);
    return send(bytes);
  }
  /// The next message, which must be of this kind.
  template <class M>
  M expect() {
    const auto [kind, body] = next();
    REQUIRE(kind == M::kind);
    return read_message<M>(body);
  }
  /// The refusal with which the head ends the connection; what comes before is passed over.
  std::string refusal() {
    for (;;) {
      const auto [kind, body] = next();
      if (kind != FrameKind::refuse) continue;
      const auto refuse = read_message<Refuse>(body);
      return refuse.code + ": " + refuse.reason;
    }
  }
  /// Proves itself, as a worker of this name would.
  void greet(const std::string& name, const hpo::Token& own_token = token) {
    const auto challenge = expect<Challenge>();
    Hello hello;
    hello.worker = name;
    hello.proof = make_proof(own_token.bytes(), Side::worker, challenge.nonce, hello.nonce, name);
    say(hello);
  }
  void join(const std::string& name, std::uint32_t slots = 1) {
    greet(name);
    static_cast<void>(expect<Welcome>());
    Join join;
    join.slots = slots;
    say(join);
    static_cast<void>(expect<Accept>());
  }
  /// Whether the head closes the connection, whatever it says before.
  bool is_closed() {
    std::array<char, 4096> bytes;
    boost::system::error_code error;
    while (!error) socket_.read_some(boost::asio::buffer(bytes), error);
    return true;
  }

 private:
  std::pair<FrameKind, Bytes> next() {
    std::array<unsigned char, frame_header_bytes> header;
    boost::asio::read(socket_, boost::asio::buffer(header));
    ParsedFrame parsed = parse_frame(header, std::numeric_limits<std::uint32_t>::max() / 2);
    Bytes body(parsed.size - frame_header_bytes);
    boost::asio::read(socket_, boost::asio::buffer(body));
    return {static_cast<FrameKind>(header[4]), body};
  }

  boost::asio::io_context io_;
  tcp::socket socket_{io_};
};

/// The cluster works, with the one worker that it is to have.
void check_alive(hpo::Cluster& cluster, Play& play, TrialId id) {
  play.until_slots(1);
  play.start(id, trial_of("wait", 1));
  play.finish();
  CHECK(play.end_of(id).kind == Kind::completed);
  CHECK(cluster.slots() == 1);
}

Bytes header(std::uint32_t length, unsigned char kind, unsigned char flags = 0) {
  Bytes bytes{0, 0, 0, 0, kind, flags, 0, 0};
  for (std::size_t i = 0; i < 4; ++i) bytes[i] = static_cast<unsigned char>(length >> (8 * i));
  return bytes;
}

}  // namespace

TEST_CASE("Whoever has another token is refused, and both sides are told") {
  std::vector<std::string> notices;
  auto options = quick_options();
  options.on_notice = [&](const Notice& notice) { notices.push_back(notice.text); };
  hpo::Cluster cluster{options};
  Play play{cluster};
  WorkerProcess worker{cluster.url(), {}, hpo::Token{std::string(40, 'x')}};
  play.until([&] { return worker.has_ended(); });
  CHECK(worker.status() == 2);
  CHECK_THAT(worker.output(), Contains("token") && !Contains("xxx"));
  REQUIRE(notices.size() == 1);
  CHECK_THAT(notices.front(), Contains("token"));
  Stranger stranger{cluster};
  stranger.greet("guess", hpo::Token{std::string(32, 'g')});
  CHECK_THAT(stranger.refusal(), Contains("token: "));
  CHECK(stranger.is_closed());
  CHECK(cluster.slots() == 0);
}

TEST_CASE("A worker of another space or another version is refused with the reason") {
  hpo::Cluster cluster{quick_options()};
  cluster.use_space(faults::space);
  Play play{cluster};
  WorkerProcess worker{cluster.url(), {"space=other"}};
  play.until([&] { return worker.has_ended(); });
  CHECK(worker.status() == 2);
  CHECK_THAT(worker.output(), Contains("space"));
  Stranger stranger{cluster};
  const auto challenge = stranger.expect<Challenge>();
  CHECK(challenge.max_version == protocol_version);
  Hello hello;
  hello.version = protocol_version + 1;
  hello.worker = "newer";
  stranger.say(hello);
  CHECK_THAT(stranger.refusal(), Contains("version: "));
  CHECK(stranger.is_closed());
}

TEST_CASE("What is no message ends its connection and nothing else") {
  hpo::Cluster cluster{quick_options()};
  Play play{cluster};
  const WorkerProcess worker{cluster.url()};
  play.until_slots(1);
  const std::vector<Bytes> nonsense{
      Bytes{'G', 'E', 'T', ' ', '/', ' ', 'H', 'T', 'T', 'P', '/', '1', '.', '1', '\r', '\n'},
      header(std::numeric_limits<std::uint32_t>::max(), 2),  // 4 GiB
      header(1025, 2),                                       // more than strangers may say
      header(0, 0),
      header(0, 17),
      header(0, 2, 1),
      header(0, 2),   // a hello that says nothing
      header(0, 8)};  // a result of a stranger
  TrialId id = 0;
  for (const Bytes& bytes : nonsense) {
    Stranger stranger{cluster};
    stranger.send(bytes);
    CHECK_THAT(stranger.refusal(), Contains("protocol: "));
    CHECK(stranger.is_closed());
    check_alive(cluster, play, id++);
  }
  CHECK(cluster.counters().malformed == nonsense.size());
}

TEST_CASE("A member that sends nonsense is thrown out, and its trial goes to another") {
  hpo::Cluster cluster{quick_options()};
  Play play{cluster};
  Stranger member{cluster};
  member.join("odd");
  play.until_slots(1);
  play.start(0, trial_of("wait", 1, 0.5));
  static_cast<void>(member.expect<Task>());
  const WorkerProcess worker{cluster.url()};
  member.send(header(std::numeric_limits<std::uint32_t>::max(), 8));
  play.finish();
  CHECK(play.end_of(0).value == 0.5);
  CHECK(cluster.slots() == 1);
  CHECK(member.is_closed());
}

TEST_CASE("Results of trials that a member does not have, or has sent before, change nothing") {
  hpo::Cluster cluster{quick_options()};
  Play play{cluster};
  Stranger member{cluster};
  member.join("twice");
  play.until_slots(1);
  play.start(0, trial_of("wait"));
  const auto task = member.expect<Task>();
  Result result;
  result.task = task.task;
  result.value = 0.25;
  for (int i = 0; i < 100; ++i) member.say(result);
  result.task = task.task + 77;
  member.say(result);
  play.finish();
  CHECK(play.end_of(0).value == 0.25);
  play.start(1, trial_of("wait"));
  while (true) {
    static_cast<void>(cluster.next_event(Clock::now() + 1ms));
    if (cluster.counters().duplicates >= 100) break;
  }
  CHECK(cluster.counters().results == 1);
  CHECK(cluster.slots() == 1);
}

TEST_CASE("A thousand garbled and cut off sessions leave the cluster as it was") {
  hpo::Cluster cluster{quick_options()};
  Play play{cluster};
  const WorkerProcess worker{cluster.url()};
  play.until_slots(1);
  hpo::numeric::Random random{1};
  Bytes session;
  Hello hello;
  hello.worker = "garbled";
  write_message(session, hello);
  Join join;
  join.slots = 2;
  write_message(session, join);
  TrialId id = 0;
  for (int round = 0; round < 1000; ++round) {
    Bytes bytes = session;
    for (std::uint64_t changes = random.below(4); changes > 0; --changes)
      bytes[random.below(bytes.size())] = static_cast<unsigned char>(random.below(256));
    bytes.resize(1 + random.below(bytes.size()));
    Stranger stranger{cluster};
    stranger.send(bytes);
    if (round % 100 == 0) check_alive(cluster, play, id++);
  }
  check_alive(cluster, play, id++);
  CHECK(play.begun(0) == 1);
}

TEST_CASE("Connections that say nothing are closed in time, and do not keep others out") {
  auto options = quick_options();
  options.advanced.handshake = 200ms;
  options.advanced.max_strangers = 50;
  hpo::Cluster cluster{options};
  Play play{cluster};
  const WorkerProcess worker{cluster.url()};
  play.until_slots(1);
  std::vector<std::unique_ptr<Stranger>> silent;
  for (int i = 0; i < 40; ++i) silent.push_back(std::make_unique<Stranger>(cluster));
  check_alive(cluster, play, 0);
  for (auto& stranger : silent) CHECK(stranger->is_closed());
  const WorkerProcess late{cluster.url()};
  play.until_slots(2);
}

TEST_CASE("Ten thousand connections without a word leave the head responsive") {
  hpo::Cluster cluster{quick_options()};
  Play play{cluster};
  const WorkerProcess worker{cluster.url()};
  play.until_slots(1);
  play.start(0, trial_of("wait", 1'000'000));
  play.until_running(0);
  for (int i = 0; i < 10'000; ++i) {
    const Stranger stranger{cluster};
    if (i % 100 == 0) play.until([] { return true; });
  }
  CHECK(play.begun(0) == 1);  // its worker has not lost the lease
  cluster.cancel(0);
  play.finish();
  check_alive(cluster, play, 1);
  CHECK(cluster.counters().lost_workers == 0);
}

TEST_CASE("A member that does not read does not hold up the others") {
  hpo::Cluster cluster{quick_options()};
  Play play{cluster};
  Stranger deaf{cluster};
  deaf.join("deaf", 64);
  const WorkerProcess worker{cluster.url()};
  play.until_slots(65);
  // Pings are answered; the answers pile up at the deaf member.
  Bytes pings;
  for (int i = 0; i < 100'000; ++i) write_message(pings, Ping{});
  std::thread flood{[&] {
    for (int i = 0; i < 30; ++i)
      if (!deaf.send(pings)) return;
  }};
  for (TrialId id = 0; id < 100; ++id) play.start(id, trial_of("wait", 1));
  play.until([&] { return cluster.slots() == 1 || play.ended() == 100; });
  play.finish();
  flood.join();
  CHECK(play.count(Kind::completed) == 100);
}
