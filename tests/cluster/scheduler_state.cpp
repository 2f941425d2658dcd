#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include <cluster/virtual_scheduler.hpp>
#include <support/catch.hpp>

#include <hposearch/cluster/fair_shares.hpp>
#include <hposearch/cluster/scheduler_state.hpp>

using namespace virtual_scheduler;
using Catch::Contains;

namespace {

std::size_t running_for(Net& net, const ProgramPeer& program) {
  std::size_t count = 0;
  for (const auto& peer : net.peers())
    if (const auto* worker = dynamic_cast<const WorkerPeer*>(peer.get()); worker != nullptr && worker->alive)
      count += static_cast<std::size_t>(std::ranges::count_if(
          worker->runs, [&](const auto& run) { return run.second.task >> 32U == program.head.options().incarnation; }));
  return count;
}

}  // namespace

TEST_CASE("Slots are shared equally, as far as they are wanted and suit", "[cluster]") {
  using Shares = std::vector<std::size_t>;
  constexpr auto all = ShareWish::everything;
  const std::optional<std::uint64_t> none;
  CHECK(fair_shares({{none, 10}}, {}) == Shares{});
  CHECK(fair_shares({}, {{}, {1}}) == Shares{0, 0});
  CHECK(fair_shares({{none, 10}}, {{}}) == Shares{10});
  CHECK(fair_shares({{none, 10}}, {{}, {}, {}}) == Shares{4, 3, 3});
  CHECK(fair_shares({{none, 10}}, {{none, 1}, {}}) == Shares{1, 9});
  CHECK(fair_shares({{none, 10}}, {{none, 0}, {none, 0}}) == Shares{5, 5});
  CHECK(fair_shares({{none, 10}}, {{none, 0}, {none, 2}, {}}) == Shares{0, 2, 8});
  // slots of a space are for those who search it; what is common makes up for it
  CHECK(fair_shares({{1, 4}, {2, 4}}, {{1}, {2}}) == Shares{4, 4});
  CHECK(fair_shares({{1, 4}, {2, 4}}, {{1}, {1}, {3}}) == Shares{2, 2, 0});
  CHECK(fair_shares({{1, 4}, {none, 4}}, {{1}, {2}}) == Shares{4, 4});
  CHECK(fair_shares({{1, 2}, {none, 8}}, {{1}, {2}}) == Shares{5, 5});
  CHECK(fair_shares({{1, 8}, {none, 2}}, {{1}, {2}}) == Shares{8, 2});
  CHECK(fair_shares({{1, 6}, {2, 6}}, {{1}, {none}}) == Shares{6, 6});
  const auto large = fair_shares({{1, 100'000}, {none, 50'000}}, {{1, all}, {1, 7}, {2, all}});
  CHECK(large[1] == 7);
  CHECK(large[0] + large[2] == 149'993);
  CHECK(large[2] == 50'000);
}

TEST_CASE("A program's trials run on the workers of a scheduler", "[cluster]") {
  Net net;
  auto& program = net.add_program(20);
  net.add_worker({.slots = 2});
  REQUIRE(net.run_until([&] { return program.done(); }));
  CHECK(program.not_completed == 0);
  CHECK(program.reports == 20);
  CHECK(program.last_event.finished - program.last_event.started == 10ms);
  CHECK(program.head.slots() == 2);
  net.run_for(1min);
  CHECK(net.scheduler().in_flight() == 0);
  CHECK(net.scheduler().program_infos().at(0).unfinished == 0);
  CHECK(net.scheduler().program_infos().at(0).name == "program 1");
}

TEST_CASE("Two programs share the slots, and a newcomer gets its part as trials end", "[cluster]") {
  Net net;
  std::vector<WorkerPeer*> workers;
  for (int i = 0; i < 3; ++i) net.add_worker({.slots = 4}).duration = [](TrialId) { return 1s; };
  auto& first = net.add_program(100'000);
  net.run_for(10s);
  CHECK(running_for(net, first) == 12);
  auto& second = net.add_program(100'000);
  net.run_for(3s);  // two trials, and a bit
  CHECK(running_for(net, first) == 6);
  CHECK(running_for(net, second) == 6);
  CHECK(first.head.slots() == 6);
  CHECK(second.head.slots() == 6);

  SECTION("one that wants less leaves the rest to others") {
    second.at_once = 2;
    net.run_for(5s);
    CHECK(running_for(net, second) <= 2);
    CHECK(running_for(net, first) >= 10);
    second.at_once = 1000;
    net.run_for(4s);
    CHECK(running_for(net, first) == 6);
    CHECK(running_for(net, second) == 6);
  }
  SECTION("one that has nothing to do takes none") {
    second.trials = second.started;
    net.run_for(5s);
    CHECK(running_for(net, first) == 12);
    CHECK(second.head.slots() == 1);
  }
  SECTION("one that leaves takes none") {
    second.head.shut_down("finished");
    second.link.distrust("it is over");
    net.run_for(3s);
    CHECK(running_for(net, first) == 12);
    CHECK(net.scheduler().program_infos().size() == 1);
  }
}

TEST_CASE("A program has the workers that fit its space", "[cluster]") {
  Net net;
  net.add_worker({.slots = 1, .space = 1});
  net.add_worker({.slots = 2, .space = 2});
  net.add_worker({.slots = 3});
  auto& first = net.add_program(50, 1);
  auto& second = net.add_program(50, 2);
  auto& third = net.add_program(50, 3);
  REQUIRE(net.run_until([&] { return first.done() && second.done() && third.done(); }));
  for (const auto& peer : net.peers()) {
    if (const auto* worker = dynamic_cast<const WorkerPeer*>(peer.get())) CHECK(worker->begun > 0);
  }
  net.run_for(10s);
  CHECK(first.head.slots() + second.head.slots() + third.head.slots() == 6);
  const std::size_t before = first.head.slots();
  first.head.use_space(9, net.now());
  net.run_for(1s);
  CHECK(first.head.slots() <= before);
}

TEST_CASE("A program's demands are passed on", "[cluster]") {
  Net net;
  net.add_worker({.slots = 2});
  auto& large = net.add_worker({.slots = 2, .labels = {"big"}, .resources = {{"gpu", 1}}});
  auto& program = net.add_program(20);
  program.options.needs = {{{"gpu", 1}}, {"big"}};
  std::size_t most = 0;
  REQUIRE(net.run_until([&] {
    most = std::max(most, large.runs.size());
    return program.done();
  }));
  CHECK(large.begun == 20);
  CHECK(most == 1);
}

TEST_CASE("A dead program's trials are stopped after a lease", "[cluster]") {
  Net net;
  auto& worker = net.add_worker({.slots = 2});
  worker.duration = [](TrialId) { return 1h; };
  auto& program = net.add_program(100);
  net.run_for(1s);
  REQUIRE(worker.runs.size() == 2);
  net.kill(program);
  net.run_for(4s);
  CHECK(worker.runs.size() == 2);
  net.run_for(2s);
  CHECK(worker.runs.empty());
  CHECK(net.scheduler().in_flight() == 0);
  CHECK(worker.state.unacknowledged() == 0);
  CHECK(net.notices.back().kind == Notice::Kind::lost);
  CHECK(net.notices.back().program);
}

TEST_CASE("A program whose connection breaks finds the results that it has missed", "[cluster]") {
  Net net;
  auto& worker = net.add_worker({.slots = 2});
  worker.duration = [](TrialId) { return 1s; };
  auto& program = net.add_program(2);
  net.run_for(500ms);
  program.stopped = true;
  net.disconnect(program);
  net.run_for(2s);
  CHECK(worker.state.unacknowledged() == 2);
  program.stopped = false;
  net.run_for(3s);
  CHECK(program.ended == 2);
  CHECK(worker.begun == 2);
  CHECK(worker.state.unacknowledged() == 0);
}

TEST_CASE("A trial that takes its workers down fails for its program after three", "[cluster]") {
  Net net;
  for (int i = 0; i < 5; ++i) net.add_worker();
  auto& program = net.add_program(1);
  for (int i = 0; i < 3; ++i) {
    REQUIRE(net.run_until([&] { return running_for(net, program) == 1; }));
    for (const auto& peer : net.peers())
      if (auto* worker = dynamic_cast<WorkerPeer*>(peer.get());
          worker != nullptr && worker->alive && !worker->runs.empty())
        net.kill(*worker);
    net.run_for(5ms);
  }
  net.run_for(1s);
  REQUIRE(program.ended == 1);
  CHECK(program.last_event.kind == ExecutorEvent::Kind::failed);
  CHECK_THAT(program.last_event.message, Contains("lost 3 times"));
}

TEST_CASE("A scheduler that was killed finds its workers and programs again, and no trial begins twice", "[cluster]") {
  Net net;
  auto& worker = net.add_worker({.slots = 2});
  worker.duration = [](TrialId) { return 3s; };
  auto& program = net.add_program(4);
  net.run_for(1s);
  REQUIRE(worker.begun == 2);
  SECTION("at once") { net.kill_scheduler(); }
  SECTION("after the trials have ended") { net.kill_scheduler(2500ms); }
  SECTION("after long") { net.kill_scheduler(1min); }
  REQUIRE(net.run_until([&] { return program.done(); }, 2min));
  CHECK(program.not_completed == 0);
  CHECK(worker.begun == 4);
  net.run_for(10s);
  CHECK(worker.state.unacknowledged() == 0);
}

TEST_CASE("What workers have from before is stopped where no program comes for it", "[cluster]") {
  Net net;
  auto& worker = net.add_worker({.slots = 2});
  worker.duration = [](TrialId trial) { return trial == 0 ? 1h : 2s; };
  auto& program = net.add_program(2);
  net.run_for(1s);
  net.kill(program);
  net.kill_scheduler(100ms);
  net.run_for(4s);
  CHECK(worker.state.running() == 1);
  CHECK(worker.state.unacknowledged() == 1);
  net.run_for(3s);
  CHECK(worker.state.running() == 0);
  CHECK(worker.state.unacknowledged() == 0);
}

TEST_CASE("Two programs' tasks are not mixed up, whatever their ids", "[cluster]") {
  Net net;
  net.add_worker().duration = [](TrialId) { return 1s; };
  HeadOptions options;
  options.incarnation = 7;
  net.peers().push_back(std::make_unique<ProgramPeer>("a", options, net.now()));
  auto& first = dynamic_cast<ProgramPeer&>(*net.peers().back());
  first.trials = 1;
  net.run_for(100ms);
  net.peers().push_back(std::make_unique<ProgramPeer>("b", options, net.now()));
  auto& second = dynamic_cast<ProgramPeer&>(*net.peers().back());
  second.trials = 1;
  net.run_for(5s);
  CHECK(first.last_event.kind == ExecutorEvent::Kind::completed);
  CHECK(second.last_event.kind == ExecutorEvent::Kind::failed);
  CHECK_THAT(second.last_event.message, Contains("another program"));
  CHECK(net.scheduler().in_flight() == 0);
}

TEST_CASE("A trial is cancelled or taken back through a scheduler", "[cluster]") {
  Net net;
  auto& worker = net.add_worker();
  worker.duration = [](TrialId) { return 1h; };
  auto& program = net.add_program(2);
  net.run_for(1s);
  CHECK(program.head.recall(1, net.now()));
  net.run_for(1s);
  CHECK(program.ended == 1);
  CHECK(program.last_event.kind == ExecutorEvent::Kind::cancelled);
  CHECK(worker.begun == 1);
  program.head.cancel(0, net.now());
  net.run_for(1s);
  CHECK(program.ended == 2);
  CHECK(worker.runs.empty());
}

TEST_CASE("A program is told why it cannot have a scheduler", "[cluster]") {
  Net net;
  HeadState other{token(), {}};
  other.connected(1, {});
  ProgramPeer program{"p", {}, {}};
  program.connected({});
  program.tick({});
  static_cast<void>(program.take_connect());
  program.connected({});
  for (int i = 0; i < 4; ++i) {
    const Bytes to_program = std::exchange(other.outgoing(1), {});
    if (!to_program.empty()) program.received(parse_frame(to_program, default_frame_limit).frame, {});
    const Bytes to_head = program.take_outgoing();
    if (!to_head.empty()) other.received(1, parse_frame(to_head, default_frame_limit).frame, {});
  }
  REQUIRE(program.link.refusal());
  CHECK_THAT(*program.link.refusal(), Contains("programs need a scheduler"));
}
