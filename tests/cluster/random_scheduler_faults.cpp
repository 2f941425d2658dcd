// A scheduler, its workers and several programs under seeded random faults: each program is told each of its trials
// exactly once.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <cluster/virtual_scheduler.hpp>
#include <support/catch.hpp>

namespace {

using namespace virtual_scheduler;

class Schedule {
 public:
  Schedule(std::uint64_t seed, std::size_t trials) : random_(seed), trials_(trials), net_(options()) {
    net_.latency = [this] {
      if (random_.below(50) == 0) return std::chrono::nanoseconds{milliseconds(1, 300)};
      return std::chrono::nanoseconds{milliseconds(0, 2)};
    };
    for (int i = 0; i < 4; ++i) add_worker();
    for (int i = 0; i < 3; ++i) add_program();
  }

  void run() {
    for (int i = 0; i < 10'000 && !over(); ++i) {
      net_.run_for(milliseconds(1, 100));
      change_minds();
      if (random_.below(3) == 0) strike();
      if (living_workers() < 4 && random_.below(4) == 0) add_worker();
    }
    for (auto& peer : net_.peers()) peer->stopped = false;
    for (int i = 0; i < 2; ++i) add_worker();
    CHECK(net_.run_until([this] { return over(); }, 30min));
    net_.run_for(1min);
    check();
  }

 private:
  static HeadOptions options() {
    HeadOptions options;
    options.heartbeat = 200ms;
    options.lease = 1000ms;
    options.patience = 2000ms;
    return options;
  }
  std::chrono::milliseconds milliseconds(std::uint64_t low, std::uint64_t high) {
    return std::chrono::milliseconds{low + random_.below(high - low + 1)};
  }
  std::optional<std::uint64_t> space() {
    if (random_.below(2) == 0) return std::nullopt;
    return 1 + random_.below(2);
  }

  void add_worker() {
    WorkerSettings settings;
    settings.slots = 1 + random_.below(3);
    settings.grace = 200ms;
    settings.orphan = 1h;
    if (workers_.size() > 4) settings.space = space();
    workers_.push_back(&net_.add_worker(std::move(settings)));
    workers_.back()->duration = [this](TrialId) {
      return random_.below(20) == 0 ? milliseconds(500, 3000) : milliseconds(0, 120);
    };
  }
  void add_program() {
    programs_.push_back(&net_.add_program(trials_, space()));
    if (random_.below(3) == 0) programs_.back()->at_once = 1 + random_.below(4);
  }
  std::size_t living_workers() const {
    std::size_t count = 0;
    for (const WorkerPeer* worker : workers_) count += worker->alive ? 1 : 0;
    return count;
  }
  bool over() const {
    for (const ProgramPeer* program : programs_)
      if (program->alive && !program->done()) return false;
    return true;
  }

  void change_minds() {
    ProgramPeer& program = *programs_[random_.below(programs_.size())];
    if (!program.alive || program.stopped || program.started == 0) return;
    const TrialId trial = program.started - 1 - random_.below(std::min<std::size_t>(program.started, 6));
    if (random_.below(6) == 0) program.head.cancel(trial, net_.now());
    if (random_.below(6) == 0) program.head.recall(trial, net_.now());
  }

  void strike() {
    Peer& peer = *net_.peers()[random_.below(net_.peers().size())];
    switch (random_.below(10)) {
      case 0:
        if (auto* worker = dynamic_cast<WorkerPeer*>(&peer); worker != nullptr && worker->alive) net_.kill(*worker);
        break;
      case 1:
        peer.stopped = true;
        break;
      case 2:
        for (auto& any : net_.peers()) any->stopped = false;
        break;
      case 3:
      case 4:
        net_.disconnect(peer);
        break;
      case 5:
      case 6:
        net_.partition(peer, milliseconds(50, 3000));
        break;
      case 7:
        if (random_.below(4) == 0) net_.kill_scheduler(random_.below(2) == 0 ? 0ms : milliseconds(1, 3000));
        break;
      case 8:
        if (random_.below(20) == 0 && programs_.size() < 5) {
          net_.kill(*programs_[random_.below(programs_.size())]);
          add_program();
        }
        break;
      default:
        if (auto* worker = dynamic_cast<WorkerPeer*>(&peer); worker != nullptr && worker->alive && !worker->stopped)
          worker->state.drain(net_.now());
        break;
    }
  }

  void check() {
    for (std::size_t i = 0; i < programs_.size(); ++i) {
      INFO("program " << i);
      const ProgramPeer& program = *programs_[i];
      for (const auto& [trial, ends] : program.ends) {
        INFO("trial " << trial);
        CHECK(ends <= 1);
      }
      if (!program.alive) continue;
      CHECK(program.ended == trials_);
      CHECK(program.ends.size() == trials_);
      CHECK(program.head.in_flight() == 0);
    }
    for (std::size_t i = 0; i < workers_.size(); ++i) {
      if (!workers_[i]->alive) continue;
      INFO("worker " << i);
      CHECK(workers_[i]->state.running() == 0);
      CHECK(workers_[i]->state.unacknowledged() == 0);
    }
    CHECK(net_.scheduler().in_flight() == 0);
    for (const ProgramInfo& program : net_.scheduler().program_infos()) CHECK(program.unfinished == 0);
  }

  numeric::Random random_;
  std::size_t trials_;
  Net net_;
  std::vector<WorkerPeer*> workers_;
  std::vector<ProgramPeer*> programs_;
};

void run_schedules(std::uint64_t first, std::size_t runs, std::size_t trials) {
  for (std::uint64_t seed = first; seed < first + runs; ++seed) {
    INFO("seed " << seed);
    Schedule{seed, trials}.run();
  }
}

}  // namespace

TEST_CASE("Each program is told each trial exactly once, whatever happens to the scheduler and around it",
          "[cluster]") {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  run_schedules(1, 30, 150);
#else
  run_schedules(1, 100, 150);
#endif
}

TEST_CASE("Each program is told each trial exactly once in a thousand schedules of faults", "[cluster][long]") {
  run_schedules(1'000, 1'000, 150);
}
