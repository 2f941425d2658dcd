#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include <cluster/virtual_cluster.hpp>
#include <support/catch.hpp>

#include <hposearch/cluster/head_state.hpp>

using namespace virtual_cluster;
using Kind = ExecutorEvent::Kind;

namespace {

/// Lets one of two workers have run trial 0, which takes a second, for `time`. \returns that worker
std::size_t run_on_one_of_two(Net& net, std::chrono::milliseconds time) {
  for (int i = 0; i < 2; ++i) net.add_worker();
  net.behaviour = [](TrialId) { return Net::Behaviour{.duration = 1s}; };
  net.run_for(10ms);
  net.start(0);
  net.run_for(time);
  return net.worker(0).runs.empty() ? 1 : 0;
}

}  // namespace

TEST_CASE("A trial is given to a worker, and its result told", "[cluster]") {
  Net net;
  net.add_worker();
  net.run_for(10ms);
  REQUIRE(net.head().slots() == 1);
  net.start(7);
  net.run_for(20ms);
  REQUIRE(net.finals(7) == 1);
  const auto& event = net.final_of(7);
  CHECK(event.kind == Kind::completed);
  CHECK(event.value == 1);
  CHECK(event.finished - event.started == 10ms);
  net.run_for(1s);
  CHECK(net.worker(0).state->unacknowledged() == 0);
}

TEST_CASE("Trials wait for the first worker", "[cluster]") {
  Net net;
  net.start(1);
  net.run_for(1min);
  CHECK(net.finals(1) == 0);
  net.add_worker();
  net.run_for(1s);
  CHECK(net.finals(1) == 1);
}

TEST_CASE("A trial whose worker was killed is run by another, at once", "[cluster]") {
  Net net;
  net.kill(run_on_one_of_two(net, 100ms));
  const Time killed = net.now();
  REQUIRE(net.run_until([&] { return net.executions(0) == 2; }));
  CHECK(net.now() - killed <= 100ms);
  net.run_for(2s);
  REQUIRE(net.finals(0) == 1);
  CHECK(net.head().counters().requeued == 1);
}

TEST_CASE("A worker that stands still loses its trial after a lease, and its late result is dropped", "[cluster]") {
  Net net;
  const std::size_t still = run_on_one_of_two(net, 500ms);
  net.worker(still).stopped = true;
  const Time stopped = net.now();
  REQUIRE(net.run_until([&] { return net.executions(0) == 2; }));
  CHECK(net.now() - stopped <= net.head().options().lease + 100ms);
  CHECK(net.now() - stopped >= net.head().options().lease - net.head().options().heartbeat);
  net.run_for(2s);
  REQUIRE(net.finals(0) == 1);
  net.worker(still).stopped = false;
  net.run_for(10s);
  CHECK(net.finals(0) == 1);
  CHECK(net.head().counters().duplicates == 1);
  CHECK(net.head().slots() == 2);
  CHECK(net.worker(still).state->unacknowledged() == 0);
}

TEST_CASE("A worker that stands still for less than a lease keeps its trial", "[cluster]") {
  Net net;
  const std::size_t still = run_on_one_of_two(net, 500ms);
  net.worker(still).stopped = true;
  net.run_for(3s);
  net.worker(still).stopped = false;
  net.run_for(3s);
  CHECK(net.finals(0) == 1);
  CHECK(net.executions(0) == 1);
}

TEST_CASE("A connection that breaks costs nothing", "[cluster]") {
  Net net;
  net.add_worker();
  net.add_worker();
  net.behaviour = [](TrialId) { return Net::Behaviour{.duration = 1s}; };
  net.run_for(10ms);
  net.start(0);
  net.start(1);
  for (int i = 0; i < 5; ++i) {
    net.run_for(100ms);
    net.disconnect(0);
    net.disconnect(1);
  }
  net.run_for(3s);
  for (TrialId trial = 0; trial < 2; ++trial) {
    CHECK(net.finals(trial) == 1);
    CHECK(net.executions(trial) == 1);
  }
}

TEST_CASE("A partition shorter than the lease costs nothing, a longer one a run", "[cluster]") {
  const auto longer = GENERATE(false, true);
  Net net;
  const std::size_t cut = run_on_one_of_two(net, 100ms);
  net.partition(cut, longer ? 20s : 2s);
  net.run_for(30s);
  CHECK(net.finals(0) == 1);
  CHECK(net.executions(0) == (longer ? 2 : 1));
  CHECK(net.head().slots() == 2);
}

TEST_CASE("A trial that kills three workers fails, and the others go on", "[cluster]") {
  Net net;
  for (int i = 0; i < 5; ++i) net.add_worker();
  net.behaviour = [](TrialId trial) { return Net::Behaviour{.kills_worker = trial == 3}; };
  net.run_for(10ms);
  for (TrialId trial = 0; trial < 10; ++trial) net.start(trial);
  net.run_for(10s);
  CHECK(net.executions(3) == 3);
  CHECK(net.head().workers() == 2);
  const auto& failed = net.final_of(3);
  CHECK(failed.kind == Kind::failed);
  CHECK(failed.message.find("lost 3 times with its worker") != std::string::npos);
  for (TrialId trial = 0; trial < 10; ++trial) {
    CHECK(net.finals(trial) == 1);
    if (trial != 3) CHECK(net.final_of(trial).kind == Kind::completed);
  }
}

TEST_CASE("Every result may come twice", "[cluster]") {
  Net net;
  net.doubles_results = true;
  for (int i = 0; i < 3; ++i) net.add_worker();
  net.run_for(10ms);
  for (TrialId trial = 0; trial < 200; ++trial) net.start(trial);
  net.run_for(10s);
  CHECK(net.events.size() == 200);
  CHECK(net.head().counters().results == 200);
  CHECK(net.head().counters().duplicates == 200);
}

TEST_CASE("A head that was started anew lets workers go on with what they have", "[cluster]") {
  Net net;
  for (int i = 0; i < 3; ++i) net.add_worker();
  net.behaviour = [](TrialId) { return Net::Behaviour{.duration = 3s}; };
  net.run_for(10ms);
  for (TrialId trial = 0; trial < 3; ++trial) net.start(trial);
  net.run_for(1s);
  net.kill(2);
  net.restart_head();
  net.run_for(20s);
  std::size_t executions = 0;
  for (TrialId trial = 0; trial < 3; ++trial) {
    CHECK(net.finals(trial) == 1);
    executions += net.executions(trial);
  }
  CHECK(executions == 4);
}

TEST_CASE("A cancelled trial ends so: waiting, at hand, running, or with a worker that does not listen", "[cluster]") {
  Net net;
  net.behaviour = [](TrialId trial) { return Net::Behaviour{.duration = 1h, .heeds_stop = trial != 3}; };
  net.start(0);
  net.head().cancel(0, net.now());
  net.run_for(1ms);
  CHECK(net.final_of(0).kind == Kind::cancelled);
  net.add_worker({.grace = 100ms});
  net.run_for(1ms);
  for (TrialId trial : {1U, 2U}) net.start(trial);
  net.run_for(1s);
  net.head().cancel(2, net.now());
  net.run_for(1s);
  CHECK(net.final_of(2).kind == Kind::cancelled);
  CHECK(net.executions(2) == 0);
  net.head().cancel(1, net.now());
  net.run_for(1s);
  CHECK(net.final_of(1).kind == Kind::cancelled);
  net.start(3);
  net.run_for(1s);
  net.head().cancel(3, net.now());
  net.run_for(1s);
  CHECK(net.final_of(3).kind == Kind::cancelled);
  CHECK(net.events.size() == 4);
}

TEST_CASE("A trial over its limit fails", "[cluster]") {
  Net net;
  net.add_worker({.grace = 100ms});
  net.behaviour = [](TrialId trial) { return Net::Behaviour{.duration = 1h, .heeds_stop = trial == 0}; };
  net.run_for(1ms);
  net.start(0, {.timeout = 2s});
  net.start(1, {.timeout = 2s});
  net.run_for(10s);
  CHECK(net.final_of(0).message == "exceeded its time limit of 2 s");
  CHECK(net.final_of(1).message == "exceeded its time limit of 2 s and did not stop");
  CHECK(net.final_of(1).started >= net.final_of(0).finished);
}

TEST_CASE("A trial that was not begun can be recalled; one that was goes on", "[cluster]") {
  Net net;
  net.add_worker();
  net.behaviour = [](TrialId) { return Net::Behaviour{.duration = 1s}; };
  net.run_for(1ms);
  for (TrialId trial = 0; trial < 3; ++trial) net.start(trial);
  net.run_for(100ms);
  for (TrialId trial = 0; trial < 3; ++trial) net.head().recall(trial, net.now());
  net.run_for(100ms);
  CHECK(net.final_of(1).kind == Kind::cancelled);
  CHECK(net.final_of(2).kind == Kind::cancelled);
  CHECK(net.finals(0) == 0);
  net.run_for(1s);
  CHECK(net.final_of(0).kind == Kind::completed);
}

TEST_CASE("What waits behind a long trial moves to a slot that is free", "[cluster]") {
  Net net;
  net.add_worker();
  net.behaviour = [](TrialId trial) { return Net::Behaviour{.duration = trial == 0 ? 1h : 10ms}; };
  net.run_for(1ms);
  net.start(0);
  net.start(1);
  net.run_for(1s);
  CHECK(net.finals(1) == 0);
  net.add_worker();
  net.run_for(1s);
  CHECK(net.finals(1) == 1);
  CHECK(net.executions(1) == 1);
}

TEST_CASE("Trials go where what they need is", "[cluster]") {
  Net net;
  net.add_worker({.name = "plain", .slots = 4});
  net.add_worker({.name = "big", .slots = 4, .labels = {"big"}, .resources = {{"gpu", 2}}});
  net.behaviour = [](TrialId) { return Net::Behaviour{.duration = 1s}; };
  net.run_for(1ms);
  for (TrialId trial = 0; trial < 4; ++trial)
    net.start(trial, {.needs = {.resources = {{"gpu", 1}}, .labels = {"big"}}});
  net.start(9, {.needs = {.labels = {"nowhere"}}});
  net.run_for(100ms);
  CHECK(net.worker(0).runs.empty());
  CHECK(net.worker(1).runs.size() == 2);
  net.run_for(2s);
  for (TrialId trial = 0; trial < 4; ++trial) CHECK(net.finals(trial) == 1);
  CHECK(net.finals(9) == 0);
  net.add_worker({.labels = {"nowhere"}});
  net.run_for(2s);
  CHECK(net.finals(9) == 1);
}

TEST_CASE("A drained worker finishes what it runs, gives back the rest, and leaves", "[cluster]") {
  const auto by_head = GENERATE(false, true);
  Net net;
  net.add_worker({.id = "first"});
  net.behaviour = [](TrialId) { return Net::Behaviour{.duration = 1s}; };
  net.run_for(1ms);
  net.start(0);
  net.start(1);
  net.run_for(10ms);
  if (by_head)
    CHECK(net.head().drain("first", net.now()));
  else
    net.worker(0).state->drain(net.now());
  net.run_for(10ms);
  CHECK(net.head().slots() == 0);
  net.add_worker();
  net.run_for(5s);
  CHECK(net.finals(0) == 1);
  CHECK(net.finals(1) == 1);
  CHECK(net.executions(0) == 1);
  CHECK(net.executions(1) == 1);
  REQUIRE(net.worker(0).departure);
  CHECK(net.worker(0).departure->status == Departure::finished);
  CHECK(net.head().counters().lost_workers == 0);
}

TEST_CASE("Workers are sent home", "[cluster]") {
  Net net;
  net.add_worker();
  net.add_worker({.stay = true});
  net.run_for(10ms);
  net.head().shut_down("finished");
  net.run_for(10ms);
  REQUIRE(net.worker(0).departure);
  CHECK(net.worker(0).departure->status == Departure::finished);
  CHECK_FALSE(net.worker(1).departure);
}

TEST_CASE("A worker of another space is refused, with the reason on both sides", "[cluster]") {
  Net net{{.space = 5}};
  net.add_worker({.space = 6});
  net.add_worker({.space = 5});
  net.add_worker();
  net.run_for(1s);
  CHECK(net.head().slots() == 2);
  REQUIRE(net.worker(0).departure);
  CHECK(net.worker(0).departure->status == Departure::refused);
  CHECK(net.worker(0).departure->reason.find("another space") != std::string::npos);
  bool noticed = false;
  for (const Notice& notice : net.head().take_notices())
    noticed =
        noticed || (notice.kind == Notice::Kind::refused && notice.text.find("another space") != std::string::npos);
  CHECK(noticed);
  net.head().use_space(7, net.now());
  net.run_for(1s);
  CHECK(net.head().slots() == 1);
}

TEST_CASE("Reports come before the end, in order", "[cluster]") {
  Net net;
  net.add_worker();
  net.behaviour = [](TrialId) { return Net::Behaviour{.reports = {3, 2, 1}}; };
  net.run_for(1ms);
  net.start(0);
  net.run_for(1s);
  REQUIRE(net.events.size() == 4);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(net.events[i].kind == Kind::report);
    CHECK(net.events[i].step == static_cast<std::int64_t>(i));
    CHECK(net.events[i].value == 3 - static_cast<double>(i));
  }
}

namespace {

template <class M>
Bytes frame_of(const M& message) {
  Bytes bytes;
  write_message(bytes, message);
  return bytes;
}

// Whether the head closes the connection of someone who says this.
bool refuses(const std::vector<Bytes>& said, HeadState& head, ConnectionId id) {
  head.connected(id, Time{});
  for (const Bytes& bytes : said) head.received(id, parse_frame(bytes, default_frame_limit).frame, Time{});
  const auto closed = head.take_closed();
  return std::ranges::count(closed, id) == 1;
}

}  // namespace

TEST_CASE("Whoever has not joined and sends anything else is refused", "[cluster]") {
  HeadOptions options;
  options.nonce = [] { return Nonce{}; };
  HeadState head{token(), options};
  Hello hello;
  hello.worker = "w";
  hello.proof = make_proof(token().bytes(), Side::worker, {}, hello.nonce, hello.worker);
  const std::vector<Bytes> others = {frame_of(Challenge{}), frame_of(Welcome{}), frame_of(Accept{}), frame_of(Task{}),
                                     frame_of(Result{}),    frame_of(Ack{}),     frame_of(Report{}), frame_of(Cancel{}),
                                     frame_of(Recall{}),    frame_of(Ping{}),    frame_of(Pong{}),   frame_of(Drain{}),
                                     frame_of(Bye{})};
  ConnectionId id = 1;
  for (const Bytes& other : others) {
    CHECK(refuses({other}, head, id++));
    CHECK(refuses({frame_of(hello), other}, head, id++));
  }
  CHECK(refuses({frame_of(Join{})}, head, id++));
  CHECK(refuses({frame_of(hello), frame_of(hello)}, head, id++));
  Hello stranger = hello;
  stranger.proof[0] ^= 1;
  CHECK(refuses({frame_of(stranger)}, head, id++));
  Hello old = hello;
  old.version = 0;
  CHECK(refuses({frame_of(old)}, head, id++));
  CHECK_FALSE(refuses({frame_of(hello), frame_of(Join{})}, head, id++));
  CHECK(head.slots() == 1);
  // A worker that has joined: what a head sends is nonsense.
  head.received(id - 1, parse_frame(frame_of(Welcome{}), 1000).frame, Time{});
  CHECK(head.slots() == 0);
  CHECK(head.counters().lost_workers == 1);
}

TEST_CASE("Those who prove nothing are closed after a while, and never many at once", "[cluster]") {
  HeadOptions options;
  options.max_strangers = 10;
  HeadState head{token(), options};
  for (ConnectionId id = 1; id <= 15; ++id) head.connected(id, Time{});
  CHECK(head.take_closed().size() == 5);
  head.tick(Time{} + options.handshake);
  CHECK(head.take_closed().size() == 10);
  for (ConnectionId id = 1; id <= 15; ++id) head.closed(id, Time{} + options.handshake);
  head.connected(16, Time{} + options.handshake);
  CHECK(head.take_closed().empty());
}

TEST_CASE("A worker that connects anew takes the place of its old connection", "[cluster]") {
  HeadOptions options;
  options.nonce = [] { return Nonce{}; };
  HeadState head{token(), options};
  Hello hello;
  hello.worker = "w";
  hello.proof = make_proof(token().bytes(), Side::worker, {}, hello.nonce, hello.worker);
  CHECK_FALSE(refuses({frame_of(hello), frame_of(Join{})}, head, 1));
  head.connected(2, Time{});
  head.received(2, parse_frame(frame_of(hello), 1000).frame, Time{});
  head.received(2, parse_frame(frame_of(Join{}), 1000).frame, Time{});
  CHECK(head.take_closed() == std::vector<ConnectionId>{1});
  head.closed(1, Time{});
  CHECK(head.slots() == 1);
  CHECK(head.workers() == 1);
}

TEST_CASE("A head that stood still takes nobody for dead that it could not hear", "[cluster]") {
  const auto pause = GENERATE(3s, 6s, 8s, 30s, 5min);
  Net net;
  net.behaviour = [](TrialId) { return Net::Behaviour{.duration = 4s}; };
  for (int i = 0; i < 3; ++i) net.add_worker();
  net.run_for(10ms);
  for (TrialId trial = 0; trial < 3; ++trial) net.start(trial);
  net.run_for(700ms);
  net.head_stopped = true;
  net.run_for(pause);
  net.head_stopped = false;
  net.run_for(10s);
  for (TrialId trial = 0; trial < 3; ++trial) {
    CHECK(net.finals(trial) == 1);
    CHECK(net.executions(trial) == 1);
  }
  CHECK(net.head().counters().lost_workers == 0);
}

TEST_CASE("A head that stood still finds out who is dead a lease later", "[cluster]") {
  Net net;
  const std::size_t running = run_on_one_of_two(net, 100ms);
  net.head_stopped = true;
  net.run_for(100ms);
  net.worker(running).stopped = true;
  net.run_for(10s);
  net.head_stopped = false;
  const Time back = net.now();
  REQUIRE(net.run_until([&] { return net.executions(0) == 2; }));
  CHECK(net.now() - back <= net.head().options().lease + 2s);
  net.run_for(10s);
  CHECK(net.finals(0) == 1);
}

TEST_CASE("Reports under way when a connection breaks arrive once, and in order", "[cluster]") {
  Net net{{.max_losses = 1000}};
  net.add_worker();
  net.latency = [] { return 5ms; };
  net.behaviour = [](TrialId) { return Net::Behaviour{.duration = 20s}; };
  net.run_for(100ms);
  net.start(0);
  net.run_for(100ms);
  numeric::Random random{5};
  const std::int64_t count = 400;
  for (std::int64_t step = 0; step < count; ++step) {
    auto& worker = net.worker(0);
    worker.state->reported(worker.runs.at(0).task, step, static_cast<double>(step), net.now());
    net.run_for(std::chrono::milliseconds{random.below(8)});
    if (random.below(8) == 0) net.disconnect(0);
    if (random.below(100) == 0) net.partition(0, 3s);
  }
  net.run_for(30s);
  std::vector<std::int64_t> steps;
  for (const ExecutorEvent& event : net.events)
    if (event.kind == Kind::report) steps.push_back(event.step);
  REQUIRE(steps.size() == static_cast<std::size_t>(count));
  CHECK(std::ranges::is_sorted(steps));
  CHECK(net.executions(0) == 1);
  CHECK(net.finals(0) == 1);
}
