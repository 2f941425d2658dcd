#include <array>
#include <span>
#include <stdexcept>
#include <vector>

#include <support/catch.hpp>

#include "../../examples/digits_cnn/options.hpp"

using digits::Options;

namespace {

Options parse(const std::vector<const char*>& arguments) { return digits::parse_options(std::span{arguments}); }

}  // namespace

TEST_CASE("the command line changes what it names and nothing else") {
  const Options defaults = parse({});
  CHECK(defaults.trials == 60);
  CHECK(defaults.workers == 3);
  CHECK_FALSE(defaults.batch);
  const Options options =
      parse({"--trials", "7", "--workers", "2", "--seed", "0", "--epochs", "4", "--batch", "--report", "r.html"});
  CHECK(options.trials == 7);
  CHECK(options.workers == 2);
  CHECK(options.seed == 0);
  CHECK(options.epochs == 4);
  CHECK(options.batch);
  CHECK(options.report == "r.html");
  CHECK(options.data == defaults.data);
}

TEST_CASE("a bad argument is refused by name") {
  CHECK_THROWS_WITH(parse({"--trials", "0"}), "--trials 0: expected a whole number of at least 1");
  CHECK_THROWS_WITH(parse({"--workers", "-2"}), "--workers -2: expected a whole number of at least 1");
  CHECK_THROWS_WITH(parse({"--epochs", "3x"}), "--epochs 3x: expected a whole number of at least 1");
  CHECK_THROWS_WITH(parse({"--seed", ""}), "--seed : expected a whole number of at least 0");
  CHECK_THROWS_WITH(parse({"--report"}), "--report: expected a value after it");
  CHECK_THROWS_WITH(parse({"--trails", "3"}), "unknown argument --trails; --help lists those that exist");
}
