#include <chrono>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <cluster/virtual_cluster.hpp>
#include <support/catch.hpp>

#include <hposearch/cluster/worker_state.hpp>

using namespace virtual_cluster;

namespace {

// A worker with the test in the place of its head.
class Alone {
 public:
  explicit Alone(WorkerSettings settings = {}) : worker(token(), with_id(std::move(settings)), now) {}

  Time now{};
  WorkerState worker;

  template <class M>
  void tell(const M& message) {
    Bytes bytes;
    write_message(bytes, message);
    worker.received(parse_frame(bytes, default_frame_limit).frame, now);
  }
  /// The messages that it has sent since.
  std::vector<std::pair<FrameKind, Bytes>> sent() {
    std::vector<std::pair<FrameKind, Bytes>> messages;
    const Bytes bytes = std::exchange(worker.outgoing(), {});
    for (ByteView rest = bytes; !rest.empty();) {
      const ParsedFrame parsed = parse_frame(rest, default_frame_limit);
      REQUIRE(parsed.status == ParsedFrame::Status::complete);
      messages.emplace_back(parsed.frame.kind, Bytes(parsed.frame.body.begin(), parsed.frame.body.end()));
      rest = rest.subspan(parsed.size);
    }
    return messages;
  }
  template <class M>
  M sent_one() {
    const auto messages = sent();
    REQUIRE(messages.size() == 1);
    REQUIRE(messages[0].first == M::kind);
    return read_message<M>(messages[0].second);
  }
  /// Lets time pass, as its clock does.
  void pass(std::chrono::nanoseconds duration) {
    for (const Time end = now + duration; worker.next_tick() <= end;) {
      now = std::max(now, worker.next_tick());
      worker.tick(now);
      if (worker.departure()) return;
      if (worker.take_connect()) {
        attempts.push_back(now);
        worker.closed(now);
      }
    }
  }
  std::vector<Time> attempts;

  void connect() {
    worker.tick(now);
    REQUIRE(worker.take_connect());
    worker.connected(now);
  }
  Join join(bool accepted = true) {
    connect();
    Challenge challenge;
    challenge.nonce[0] = 1;
    tell(challenge);
    const auto hello = sent_one<Hello>();
    CHECK(
        same_proof(hello.proof, make_proof(token().bytes(), Side::worker, challenge.nonce, hello.nonce, hello.worker)));
    tell(Welcome{make_proof(token().bytes(), Side::head, challenge.nonce, hello.nonce, hello.worker)});
    auto join = sent_one<Join>();
    Accept accept;
    accept.heartbeat_ms = 1000;
    accept.lease_ms = 5000;
    if (accepted) tell(accept);
    return join;
  }
  Task task(TaskId id) {
    Task task;
    task.task = id;
    task.point.bytes = no_point();
    tell(task);
    return task;
  }

 private:
  static WorkerSettings with_id(WorkerSettings settings) {
    settings.id = "worker";
    return settings;
  }
};

}  // namespace

TEST_CASE("A worker without a head tries more and more seldom, and leaves in the end", "[cluster]") {
  Alone alone{{.orphan = 60'000ms}};
  alone.pass(1h);
  REQUIRE(alone.worker.departure());
  CHECK(alone.worker.departure()->status == Departure::finished);
  CHECK(alone.now == Time{} + 60s);
  CHECK(alone.attempts.size() > 40);
  CHECK(alone.attempts.size() < 200);
  for (std::size_t i = 1; i < alone.attempts.size(); ++i) CHECK(alone.attempts[i] - alone.attempts[i - 1] <= 2s);
  CHECK(alone.attempts[1] - alone.attempts[0] <= 20ms);
}

TEST_CASE("A worker says nothing about itself to a head that does not have the token", "[cluster]") {
  Alone alone{{.name = "secret"}};
  alone.connect();
  alone.tell(Challenge{});
  static_cast<void>(alone.sent_one<Hello>());
  alone.tell(Welcome{});
  CHECK(alone.sent_one<Refuse>().code == "token");
  CHECK(alone.worker.take_close());
  REQUIRE(alone.worker.departure());
  CHECK(alone.worker.departure()->status == Departure::refused);
}

TEST_CASE("A worker leaves a head of another version, or one that refuses it for good", "[cluster]") {
  const std::string code = GENERATE("version", "token", "space", "replaced", "protocol", "full");
  Alone alone;
  alone.connect();
  if (code == "version") {
    Challenge challenge;
    challenge.min_version = challenge.max_version = protocol_version + 1;
    alone.tell(challenge);
    CHECK(alone.sent_one<Refuse>().code == "version");
  } else {
    alone.tell(Refuse{code, "because"});
  }
  CHECK(alone.worker.take_close());
  const bool for_good = code != "protocol" && code != "full";
  CHECK(alone.worker.departure().has_value() == for_good);
  if (for_good) CHECK(alone.worker.departure()->status == Departure::refused);
}

TEST_CASE("A worker keeps a result until it is acknowledged, and sends it to whoever it meets", "[cluster]") {
  Alone alone;
  CHECK(alone.join().finished.empty());
  alone.task(7);
  REQUIRE(alone.worker.take_orders().size() == 1);
  alone.now += 3s;
  alone.worker.closed(alone.now);
  alone.worker.finished(7, {true, 0.5, {}}, alone.now - 3s, alone.now, alone.now);
  CHECK(alone.sent().empty());
  alone.now += 1s;
  CHECK(alone.join().finished == std::vector<TaskId>{7});
  const auto result = alone.sent_one<Result>();
  CHECK(result.value == 0.5);
  CHECK(result.run_ns == 3'000'000'000);
  CHECK(result.finished_ns == 1'000'000'000);
  alone.task(7);  // once more: it was evaluated
  CHECK(alone.sent_one<Result>().value == 0.5);
  CHECK(alone.worker.take_orders().empty());
  Ack ack;
  ack.task = 7;
  alone.tell(ack);
  CHECK(alone.worker.unacknowledged() == 0);
}

TEST_CASE("A worker is heard of once a heartbeat, and leaves a connection that is silent for a lease", "[cluster]") {
  Alone alone;
  alone.join();
  for (int i = 0; i < 4; ++i) {
    alone.now += 1s;
    alone.worker.tick(alone.now);
    static_cast<void>(alone.sent_one<Ping>());
  }
  CHECK_FALSE(alone.worker.take_close());
  alone.now += 1s;
  alone.worker.tick(alone.now);
  CHECK(alone.worker.take_close());
}

TEST_CASE("A worker refuses what no head sends, and tries again", "[cluster]") {
  Alone alone;
  alone.join();
  alone.tell(Hello{});
  CHECK(alone.sent_one<Refuse>().code == "protocol");
  CHECK(alone.worker.take_close());
  CHECK_FALSE(alone.worker.departure());
  alone.worker.closed(alone.now);
  alone.now += 2s;
  alone.connect();
  alone.task(1);  // before the handshake
  CHECK(alone.sent_one<Refuse>().code == "protocol");
  CHECK(alone.worker.take_orders().empty());
}

TEST_CASE("A worker ignores what concerns no task of its own", "[cluster]") {
  Alone alone;
  alone.join();
  Cancel cancel;
  cancel.task = 5;
  alone.tell(cancel);
  Recall recall;
  recall.task = 5;
  alone.tell(recall);
  Ack ack;
  ack.task = 5;
  alone.tell(ack);
  alone.worker.finished(5, {}, alone.now, alone.now, alone.now);
  alone.worker.reported(5, 1, 1, alone.now);
  CHECK(alone.sent().empty());
  CHECK_FALSE(alone.worker.take_close());
}

TEST_CASE("A message that is too long is cut", "[cluster]") {
  Alone alone;
  alone.join();
  alone.task(1);
  alone.worker.finished(1, {false, 0, std::string(3'000'000, 'x')}, alone.now, alone.now, alone.now);
  const auto result = alone.sent_one<Result>();
  CHECK(result.message.size() > 1'000'000);
  CHECK(result.message.size() < default_frame_limit);
}

TEST_CASE("A worker sends reports again that no pong has confirmed, and no others", "[cluster]") {
  Alone alone;
  alone.join();
  alone.task(7);
  alone.worker.reported(7, 1, 0.5, alone.now);
  CHECK(alone.sent_one<Report>().sequence == 1);
  alone.pass(1s);
  static_cast<void>(alone.sent_one<Ping>());
  alone.worker.reported(7, 2, 0.25, alone.now);
  CHECK(alone.sent_one<Report>().sequence == 2);
  alone.tell(Pong{});  // of the ping before the second
  alone.worker.closed(alone.now);
  alone.worker.reported(7, 3, 0.125, alone.now);
  alone.now += 2s;
  alone.join();
  const auto again = alone.sent();
  REQUIRE(again.size() == 2);
  CHECK(read_message<Report>(again[0].second).step == 2);
  CHECK(read_message<Report>(again[1].second).step == 3);
}

TEST_CASE("A worker that reports all the time asks for a word of its head", "[cluster]") {
  Alone alone;
  alone.join();
  alone.task(7);
  std::size_t pings = 0;
  for (int i = 0; i < 100; ++i) {
    alone.worker.reported(7, i, 0, alone.now);
    alone.pass(100ms);
    alone.now += 100ms;
    for (const auto& [kind, body] : alone.sent()) {
      if (kind != FrameKind::ping) continue;
      ++pings;
      alone.tell(Pong{});
    }
    REQUIRE_FALSE(alone.worker.take_close());
  }
  CHECK(pings > 5);
}
