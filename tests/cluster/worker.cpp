#include <atomic>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/connect.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <cluster/loopback.hpp>
#include <support/catch.hpp>

#include <hposearch/cluster/serve.hpp>
#include <hposearch/cluster/worker.hpp>
#include <hposearch/optimizer.hpp>
#include <hposearch/sampler/random.hpp>
#include <hposearch/search/minimize.hpp>
#include <hposearch/space/integer.hpp>
#include <hposearch/space/real.hpp>
#include <hposearch/space/space.hpp>

using namespace hposearch;
using namespace std::chrono_literals;
using loopback::Clock;
using loopback::ThreadWorker;
using loopback::wait_for_slots;
using Kind = ExecutorEvent::Kind;

namespace {

auto make_space() { return Space{Real{"x", 0.0, 1.0}, Integer{"n", 0, 9}}; }

double sum(double x, int n) { return x + n; }

ClusterOptions quick_options() {
  ClusterOptions options;
  options.port = 0;
  options.token = loopback::token();
  return options;
}

WorkerOptions worker_of(const Cluster& cluster) {
  WorkerOptions options;
  options.head = parse_head_address(cluster.url());
  options.grace = 50ms;
  return options;
}

ExecutorEvent wait_final(Cluster& cluster) {
  for (const auto end = Clock::now() + 60s;;) {
    const auto event = cluster.next_event(end);
    REQUIRE(event);
    if (event->final()) return *event;
  }
}

}  // namespace

TEST_CASE("A search on workers finds what it finds anywhere", "[cluster]") {
  Cluster cluster{quick_options()};
  const auto space = make_space();
  std::vector<std::unique_ptr<ThreadWorker>> workers;
  for (std::size_t slots : {1U, 3U}) {
    WorkerOptions options = worker_of(cluster);
    options.slots = slots;
    workers.push_back(std::make_unique<ThreadWorker>(loopback::token(), options, cluster::make_evaluator(space, sum)));
  }
  Optimizer optimizer{space, {.seed = 1, .sampler = RandomSampler{}}};
  const auto result = minimize(sum, optimizer, cluster, {.trials = 2000});
  CHECK(result.trials.size() == 2000);
  std::set<TrialId> ids;
  for (const auto& trial : result.trials) {
    CHECK(trial.state == TrialState::completed);
    const auto [x, n] = trial.point;
    CHECK(trial.value == x + static_cast<double>(n));
    CHECK(ids.insert(trial.id).second);
  }
}

TEST_CASE("Trials handed over and not begun are chosen again when a result has come", "[cluster]") {
  Cluster cluster{quick_options()};
  const auto space = make_space();
  const auto slow = [](double x, int n) {
    std::this_thread::sleep_for(3ms);
    return x + n;
  };
  WorkerOptions options = worker_of(cluster);
  options.slots = 2;
  ThreadWorker worker{loopback::token(), options, cluster::make_evaluator(space, slow)};
  Optimizer optimizer{space, {.sampler = RandomSampler{}}};
  std::size_t started = 0, ended = 0, replaced = 0;
  SearchOptions<decltype(space)::point_type> search;
  search.trials = 60;
  search.ask_ahead = AskAhead::always;
  search.on_trial_start = [&](const auto&) { ++started; };
  search.on_trial_end = [&](const auto& trial) {
    ++ended;
    if (trial.state == TrialState::cancelled) ++replaced;
  };
  const auto result = minimize(slow, optimizer, cluster, search);
  CHECK(result.trials.size() == 60);
  for (const auto& trial : result.trials) CHECK(trial.state == TrialState::completed);
  CHECK(started == ended);
  CHECK(ended == 60 + replaced);
  CHECK(replaced > 0);
}

TEST_CASE("A worker with another token or space is refused, and says why", "[cluster]") {
  Cluster cluster{quick_options()};
  const auto space = make_space();
  cluster.use_space(space);
  ThreadWorker stranger{Token::random(), worker_of(cluster), cluster::make_evaluator(space, sum)};
  const auto departure = stranger.join();
  CHECK(departure.status == cluster::Departure::refused);
  CHECK(departure.reason.find("another token") != std::string::npos);
  const Space other{Real{"x", 0.0, 2.0}, Integer{"n", 0, 9}};
  ThreadWorker stale{loopback::token(), worker_of(cluster), cluster::make_evaluator(other, sum)};
  CHECK(stale.join().reason.find("another space") != std::string::npos);
  CHECK(cluster.slots() == 0);
}

TEST_CASE("A worker that is stopped gives its trials back", "[cluster]") {
  Cluster cluster{quick_options()};
  const auto space = make_space();
  const auto runs = std::make_shared<std::atomic<int>>(0);
  const auto evaluate = [runs](double, int n, TrialContext& context) {
    if (++*runs == 1)
      while (!context.stop_requested()) std::this_thread::sleep_for(1ms);
    return 1.0 * n;
  };
  auto first =
      std::make_unique<ThreadWorker>(loopback::token(), worker_of(cluster), cluster::make_evaluator(space, evaluate));
  wait_for_slots(cluster, 1);
  cluster.start(0, bind_objective(space, evaluate), space.make_point(0.5, 4));
  while (runs->load() == 0) std::this_thread::sleep_for(1ms);
  first.reset();
  ThreadWorker second{loopback::token(), worker_of(cluster), cluster::make_evaluator(space, evaluate)};
  const ExecutorEvent event = wait_final(cluster);
  CHECK(event.kind == Kind::completed);
  CHECK(event.value == 4);
  CHECK(runs->load() == 2);
}

TEST_CASE("A worker keeps its trial while the objective computes, and while a callback of it hangs", "[cluster]") {
  ClusterOptions quick = quick_options();
  quick.heartbeat = 100ms;
  quick.lease = 800ms;
  Cluster cluster{quick};
  const auto space = make_space();
  const auto evaluate = [](double, int n, TrialContext& context) {
    const std::stop_callback hang{context.stop_token(), [] { std::this_thread::sleep_for(900ms); }};
    if (n == 1) context.report(0, 0);
    const auto end = Clock::now() + 1s;
    while (Clock::now() < end && !context.stop_requested()) continue;
    return 1.0 * static_cast<double>(context.attempt());
  };
  WorkerOptions options = worker_of(cluster);
  options.grace = 10s;
  ThreadWorker worker{loopback::token(), options, cluster::make_evaluator(space, evaluate)};
  wait_for_slots(cluster, 1);
  const auto objective = bind_objective(space, evaluate);
  cluster.start(0, objective, space.make_point(0.5, 0));
  CHECK(wait_final(cluster).value == 1);
  cluster.start(1, objective, space.make_point(0.5, 1));
  const auto report = cluster.next_event(Clock::now() + 60s);
  REQUIRE(report);
  cluster.cancel(1);
  CHECK(wait_final(cluster).kind == Kind::cancelled);
  CHECK(cluster.counters().lost_workers == 0);
}

TEST_CASE("A worker that stays serves the next head", "[cluster]") {
  const auto space = make_space();
  auto cluster = std::make_unique<Cluster>(quick_options());
  const std::uint16_t port = cluster->port();
  WorkerOptions options = worker_of(*cluster);
  options.stay = true;
  ThreadWorker worker{loopback::token(), options, cluster::make_evaluator(space, sum)};
  wait_for_slots(*cluster, 1);
  cluster.reset();
  ClusterOptions again = quick_options();
  again.port = port;
  cluster = std::make_unique<Cluster>(again);
  wait_for_slots(*cluster, 1);
  cluster->start(0, bind_objective(space, sum), space.make_point(0.5, 4));
  CHECK(wait_final(*cluster).value == 4.5);
}

#if !defined(__SANITIZE_THREAD__)  // which has no threads in a process forked from one with several
TEST_CASE("An isolated trial may crash, exit or hang, and its worker goes on", "[cluster]") {
  Cluster cluster{quick_options()};
  const auto space = make_space();
  const auto evaluate = [](double, int n, TrialContext& context) -> double {
    context.report(1, 0.5);
    if (n == 1) std::raise(SIGKILL);
    if (n == 2) std::_Exit(3);
    if (n == 3) throw std::runtime_error("three");
    if (n == 4) std::this_thread::sleep_for(100s);
    return static_cast<double>(context.slot());
  };
  WorkerOptions options = worker_of(cluster);
  options.isolate = true;
  options.slots = 2;
  ThreadWorker worker{loopback::token(), options, cluster::make_evaluator(space, evaluate)};
  wait_for_slots(cluster, 2);
  const auto objective = bind_objective(space, evaluate);
  const auto run = [&](TrialId trial, int n) {
    StartOptions how;
    if (n == 4) how.timeout = 50ms;
    cluster.start(trial, objective, space.make_point(0.5, n), how);
    const auto report = cluster.next_event(Clock::now() + 60s);
    REQUIRE(report);
    CHECK(report->kind == Kind::report);
    return wait_final(cluster);
  };
  CHECK(run(1, 1).message == "killed by signal 9 (Killed)");
  CHECK(run(2, 2).message == "exited with status 3 before returning a value");
  CHECK(run(3, 3).message == "three");
  CHECK(run(4, 4).message.find("exceeded its time limit of 0.05 s") != std::string::npos);
  CHECK(run(5, 5).kind == Kind::completed);
}
#endif

TEST_CASE("Strangers who talk nonsense, or nothing, disturb nobody", "[cluster]") {
  Cluster cluster{quick_options()};
  const auto space = make_space();
  ThreadWorker worker{loopback::token(), worker_of(cluster), cluster::make_evaluator(space, sum)};
  wait_for_slots(cluster, 1);
  boost::asio::io_context io;
  using boost::asio::ip::tcp;
  const tcp::endpoint endpoint{boost::asio::ip::make_address("127.0.0.1"), cluster.port()};
  std::vector<tcp::socket> silent;
  for (int i = 0; i < 50; ++i) {
    silent.emplace_back(io);
    silent.back().connect(endpoint);
    tcp::socket loud{io};
    loud.connect(endpoint);
    const std::string nonsense = i % 2 == 0 ? "GET / HTTP/1.1\r\n\r\n" : std::string(5000, '\xff');
    boost::system::error_code error;
    boost::asio::write(loud, boost::asio::buffer(nonsense), error);
    std::vector<char> rest(10'000);
    boost::asio::read(loud, boost::asio::buffer(rest), error);  // until the head closes
    CHECK(error);
  }
  const auto objective = bind_objective(space, sum);
  for (TrialId trial = 0; trial < 100; ++trial) {
    cluster.start(trial, objective, space.make_point(0.25, 3));
    CHECK(wait_final(cluster).value == 3.25);
  }
  CHECK(cluster.counters().malformed == 50);
}

TEST_CASE("What a worker is told by arguments and environment", "[cluster]") {
  WorkerOptions options;
  const auto variable = [](const char* name) -> const char* {
    const std::string_view text = name;
    if (text == "HPOSEARCH_WORKER") return "tcp://a:1";
    if (text == "HPOSEARCH_SLOTS") return "2";
    if (text == "HPOSEARCH_LABELS") return "big,fast";
    if (text == "HPOSEARCH_RESOURCES") return "gpu:2,licence";
    if (text == "CUDA_VISIBLE_DEVICES") return "3,4";
    return nullptr;
  };
  CHECK(cluster::read_worker_environment(options, variable));
  CHECK(options.head == HeadAddress{false, "a", 1});
  CHECK(options.labels == std::vector<std::string>{"big", "fast"});
  CHECK(options.resources == Resources{{"gpu", 2}, {"licence", 1}});
  REQUIRE(options.slot_options.size() == 2);
  CHECK(options.slot_options[1].devices == std::vector<std::string>{"3", "4"});
  std::vector<std::string> words = {"./train", "--own", "5",        "--worker=tls://b:22",
                                    "--slots", "3",     "--label",  "yet-more",
                                    "--name",  "me",    "--isolate"};
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  CHECK(cluster::read_worker_arguments(options, arguments));
  CHECK(options.head == HeadAddress{true, "b", 22});
  CHECK(options.slots == 3);
  CHECK(options.slot_options.size() == 3);
  CHECK(options.labels.size() == 3);
  CHECK(options.name == "me");
  CHECK(options.isolate);
  WorkerOptions none;
  CHECK_FALSE(cluster::read_worker_environment(none, [](const char*) { return nullptr; }));
  words = {"./train", "--workers", "5"};
  arguments = {words[0].data(), words[1].data(), words[2].data()};
  CHECK_FALSE(cluster::read_worker_arguments(none, arguments));
  words = {"./train", "--worker", "nowhere"};
  arguments = {words[0].data(), words[1].data(), words[2].data()};
  CHECK_THROWS_AS(cluster::read_worker_arguments(none, arguments), InvalidArgument);
}

TEST_CASE("Addresses are read as they are written", "[cluster]") {
  CHECK(parse_head_address("head:8786") == HeadAddress{false, "head", 8786});
  CHECK(parse_head_address("tls://[::1]:9") == HeadAddress{true, "::1", 9});
  for (const char* text : {"tcp://::1:80x", "http://a:1", "tcp://a", "tcp://:1", "tcp://a:0", "tcp://a:70000", ""})
    CHECK_THROWS_AS(parse_head_address(text), InvalidArgument);
  CHECK(to_text(HeadAddress{true, "::1", 9}) == "tls://[::1]:9");
}
