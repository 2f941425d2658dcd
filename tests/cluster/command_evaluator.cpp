#include <cstdint>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include <support/catch.hpp>
#include <support/thrown.hpp>

#include <hposearch/cluster/command_evaluator.hpp>
#include <hposearch/error.hpp>
#include <hposearch/space/categorical.hpp>
#include <hposearch/space/integer.hpp>
#include <hposearch/space/real.hpp>
#include <hposearch/space/space.hpp>

using namespace hposearch;
using Catch::Contains;

namespace {

const Space space{Real{"rate", 0, 10}, Integer{"n", 0, 100}, Categorical{"pool", {"max", "avg"}},
                  Categorical{"fast", {true, false}}};

double evaluate(const std::string& script, std::vector<std::pair<std::int64_t, double>>* reports = nullptr) {
  const cluster::Evaluator evaluator = cluster::command_evaluator(Command{"sh", "-c", script});
  TrialContext context{3, 0, 1, std::stop_token{}, {}, [&](std::int64_t step, double value) {
                         if (reports) reports->emplace_back(step, value);
                       }};
  return evaluator.evaluate(cluster::encode_point(space.make_point(2.0, 7, "avg", true)), context);
}

}  // namespace

TEST_CASE("A command gets a point that was sent as it gets one of its own program") {
  CHECK(evaluate("test $HPO_POOL = avg && test $HPO_FAST = true && echo $HPO_RATE$HPO_N") == 27);
  CHECK(evaluate(
            "read line; test \"$line\" = '{\"rate\": 2.0, \"n\": 7, \"pool\": \"avg\", \"fast\": true}' && echo 1") ==
        1);
}

TEST_CASE("A command's reports and failures are those of the trial") {
  std::vector<std::pair<std::int64_t, double>> reports;
  CHECK(evaluate("echo hposearch: report 4 0.5; echo 3", &reports) == 3);
  CHECK(reports == std::vector<std::pair<std::int64_t, double>>{{4, 0.5}});
  CHECK_THAT(support::thrown<Error>([] { return evaluate("echo no data >&2; exit 4"); }),
             Contains("exited with status 4") && Contains("no data"));
}

TEST_CASE("A command takes any space") {
  CHECK_FALSE(cluster::command_evaluator(Command{"true"}).space);
  const cluster::Evaluator evaluator = cluster::command_evaluator(Command{"true"});
  TrialContext context{3, 0, 1, std::stop_token{}};
  CHECK_THROWS_AS(evaluator.evaluate({}, context), cluster::MalformedMessage);
}
