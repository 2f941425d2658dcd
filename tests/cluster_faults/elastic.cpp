// As many worker processes as there is work for.
#include <chrono>
#include <string>

#include <support/catch.hpp>

#include <hposearch/cluster/elastic.hpp>
#include <hposearch/cluster/local_launcher.hpp>

#include "harness.hpp"

using namespace faults;

TEST_CASE("Workers come with the work and leave without it, and no trial is lost by that") {
  hpo::Cluster cluster{quick_options()};
  Play play{cluster};
  const std::string secret{token.bytes().begin(), token.bytes().end()};
  hpo::LocalLauncher launcher{{{HPOSEARCH_TEST_WORKER, cluster.url()}, {{"HPOSEARCH_TOKEN", secret}}}};
  const hpo::Elastic elastic{
      cluster, launcher, {.least = 1, .most = 3, .grow_after = 20ms, .shrink_after = 100ms, .period = 5ms}};
  play.until_slots(1);
  TrialId next = 0;
  play.until([&] {
    while (next < play.ended() + 8) play.start(next++, trial_of("wait", 20));
    return cluster.slots() == 3;
  });
  const TrialId last = next++;
  play.start(last, trial_of("wait", 60'000));
  play.until([&] { return play.ended() == last; });
  play.until_slots(1);  // the last may be with one that leaves
  CHECK_FALSE(play.ended(last));
  cluster.cancel(last);
  play.finish();
  CHECK(play.count(Kind::completed) == last);
  for (TrialId id = 0; id < next; ++id) CHECK(play.begun(id) == 1);
  CHECK(cluster.counters().lost_workers == 0);
  CHECK(elastic.trouble().empty());
}
