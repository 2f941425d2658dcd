// Searches the hyperparameters of a small convolutional network on real handwritten digits: three networks are in
// training at any time, and each that is done makes room for the next choice at once. See README.md.

#include <cmath>
#include <cstdio>
#include <exception>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <hposearch/hposearch.hpp>

#include "digits.hpp"
#include "options.hpp"
#include "report/page.hpp"
#include "train.hpp"

namespace hpo = hposearch;

namespace {

/// What is searched for. The convolution has 2^channel channels.
struct Params {
  double learning_rate;
  double keep_prob;
  int channel;
  std::string pool;
};

auto make_space() {
  return hpo::Space{hpo::Real{"learning_rate", 1e-6, 1e+1, hpo::log_scale},
                    hpo::Real{"keep_prob", 0.1, 1.0, hpo::log_scale}, hpo::Integer{"channel", 3, 7},
                    hpo::Categorical{"pool", {"max", "avg"}}};
}

using Point = decltype(make_space())::point_type;
using Result = hpo::SearchResult<Point>;

Params params_of(const Point& point) {
  const auto& [learning_rate, keep_prob, channel, pool] = point;
  return {learning_rate, keep_prob, static_cast<int>(channel), pool};
}

std::string text_of(const Params& params) {
  return fmt::format("learning_rate {:.4g}, keep_prob {:.4g}, channel {} ({} channels), pool {}", params.learning_rate,
                     params.keep_prob, params.channel, 1 << params.channel, params.pool);
}

/// How a network is trained. All have the same seed, so that the loss depends on the parameters alone.
digits::Training training_of(const Params& params, const digits::Options& options) {
  return {.architecture = {.channels = Eigen::Index{1} << params.channel,
                           .pool = params.pool == "max" ? digits::Pool::max : digits::Pool::average},
          .learning_rate = params.learning_rate,
          .keep_prob = params.keep_prob,
          .epochs = static_cast<int>(options.epochs),
          .batch = 32,
          .seed = options.seed};
}

/// One search: asynchronous, or in rounds as long as their slowest trial.
Result search(const digits::Options& options, const digits::Split& data, bool batch) {
  // A network that diverges has no finite loss: its trial fails.
  const auto evaluate = [&](const Params& params, hpo::TrialContext& context) {
    double loss = std::numeric_limits<double>::quiet_NaN();
    digits::train(training_of(params, options), data.train, [&](int epoch, const auto& network) {
      loss = network.evaluate(data.validation.images, data.validation.labels).loss;
      context.report(epoch, loss);
      return std::isfinite(loss) && !context.stop_requested();
    });
    return loss;
  };

  hpo::Optimizer optimizer{make_space(), {.seed = options.seed}};
  hpo::ThreadPool workers{options.workers};
  return hpo::minimize(evaluate, optimizer, workers,
                       {.trials = options.trials, .batch = batch, .on_progress = hpo::Progress{}});
}

/// Trains once more with the best parameters, on all images but the test's, which no choice has depended on so far.
digits::Score test_score(const digits::Options& options, const digits::Split& data, const Params& params) {
  const auto network = digits::train(training_of(params, options), digits::join(data.train, data.validation),
                                     [](int, const auto&) { return true; });
  return network.evaluate(data.test.images, data.test.labels);
}

/// Time that workers had no trial to train, in seconds, all workers together.
double idle_seconds(const Result& result) {
  double idle = static_cast<double>(result.slots) * result.elapsed.count();
  for (const auto& use : result.slot_uses) idle -= use.finished - use.started;
  return idle;
}

/// Idle time twice: up to the start of the last trial, as workers run dry after that whatever one does, and in all.
std::string use_text(const Result& result) {
  return fmt::format(
      "{} trials in {:.1f} s; workers idle {:.1f} % until the last trial started, {:.1f} worker-seconds in all",
      result.trials.size(), result.elapsed.count(), 100 * (1 - result.busy_share()), idle_seconds(result));
}

report::Run run_of(std::string name, const Result& result) {
  report::Run run{std::move(name), {}, result.slots, result.elapsed.count(), result.busy_share()};
  for (const auto& trial : result.trials) {
    const Params params = params_of(trial.point);
    report::Trial shown{.id = trial.id, .value = trial.value, .reason = trial.reason};
    shown.coordinates = {params.learning_rate, params.keep_prob, static_cast<double>(params.channel),
                         params.pool == "max" ? 0.0 : 1.0};
    for (const auto& use : result.slot_uses) {
      if (use.trial != trial.id) continue;
      shown.slot = use.slot;
      shown.started = use.started;
      shown.finished = use.finished;
    }
    run.trials.push_back(std::move(shown));
  }
  return run;
}

void run(const digits::Options& options) {
  const auto data = digits::split(digits::load_digits(options.data), 1);
  report::Report report{.title = "Hyperparameters of a convolutional network on handwritten digits",
                        .value_name = "validation loss",
                        .axes = {{"learning_rate", true, {}},
                                 {"keep_prob", true, {}},
                                 {"channel", false, {}},
                                 {"pool", false, {"max", "avg"}}}};
  const auto say = [&](const std::string& name, const std::string& text) {
    fmt::print("{:<16} {}\n", name, text);
    report.facts.emplace_back(name, text);
  };

  const Result result = search(options, data, false);
  report.runs.push_back(run_of("asynchronous", result));
  std::optional<Result> batch;
  if (options.batch && result.stopped_by != hpo::StopReason::interrupted) {
    fmt::print("once more in rounds of {}, each as long as its slowest trial:\n", options.workers);
    batch = search(options, data, true);
    report.runs.push_back(run_of("batch", *batch));
  }

  const Params best = params_of(result.best().point);
  const digits::Score score = test_score(options, data, best);
  say("best parameters", text_of(best));
  say("validation loss", fmt::format("{:.4f}", result.best().value));
  say("test accuracy",
      fmt::format("{:.2f} % of {} digits, loss {:.4f}", 100 * score.accuracy, data.test.size(), score.loss));
  say("asynchronous", use_text(result));
  if (batch) say("batch", use_text(*batch));
  report::write(report, options.report);
  fmt::print("{:<16} {}\n", "report", options.report);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const auto options = digits::parse_options(
        std::span<const char* const>{argv, static_cast<std::size_t>(argc)}.subspan(1), {.data = DIGITS_DATA});
    if (options.help)
      fmt::print("{}", digits::usage);
    else
      run(options);
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "digits_cnn: {}\n", error.what());
    return 1;
  }
}
