/// \file
/// The default sampler.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include <hposearch/sampler.hpp>
#include <hposearch/sampler/cma_es.hpp>
#include <hposearch/sampler/differential_evolution.hpp>
#include <hposearch/sampler/gaussian_process.hpp>
#include <hposearch/text.hpp>

namespace hposearch::inline v0 {

/// From when on AutoSampler leaves the Gaussian process; see docs/sampler-notes.md for what was measured.
struct AutoOptions {
  /// Ended trials of a history whose next point an evolution strategy finds as well, in a hundredth of the time.
  std::size_t long_history = 10'000;
  /// Mean run time, in seconds, from which on trials are worth the model's time however many there are.
  double dear_trial = 1;
  /// Dimensions from which on choosing a point by the model takes tenths of a second.
  std::size_t many_dimensions = 1000;
  GaussianProcessOptions model{};
  /// Ended trials from which on `accelerated` takes the model's place, where there is one. Nothing has been measured
  /// that would give a default: it is where benchmarks/gpu.sh finds the device to be faster on a machine.
  std::size_t accelerated_from = std::numeric_limits<std::size_t>::max();
  /// Makes the sampler on an accelerator, such as cuda::GaussianProcessSampler.
  std::function<AnySampler()> accelerated{};
};

/// How to search, and why.
struct AutoChoice {
  enum class Method : std::uint8_t { gaussian_process, accelerated, cma_es, differential_evolution };
  Method method;
  std::string reason;
};

/// What AutoSampler does about `request`: a function of the space, the number of trials and their run times.
[[nodiscard]] inline AutoChoice auto_choice(const SuggestRequest& request, const AutoOptions& options = {}) {
  using Method = AutoChoice::Method;
  const std::size_t d = request.space.size();
  if (d > options.many_dimensions) {
    return {Method::differential_evolution, "differential evolution, since a model of " + to_text(d) +
                                                " dimensions takes tenths of a second for each point"};
  }
  const History& history = request.history;
  const std::size_t ended = history.ended().size();
  const auto by_model = [&](std::string reason) -> AutoChoice {
    if (!options.accelerated || ended < options.accelerated_from) return {Method::gaussian_process, std::move(reason)};
    return {Method::accelerated, std::move(reason) + "; on the accelerator, which is for " +
                                     to_text(options.accelerated_from) + " ended trials and more"};
  };
  if (ended < options.long_history) {
    return by_model("a Gaussian process, which needs the fewest trials: " + to_text(ended) + " of " +
                    to_text(options.long_history) + " ended trials");
  }
  double seconds = 0, timed = 0;
  for (const double trial : history.seconds()) {
    if (!(trial > 0) || !std::isfinite(trial)) continue;
    seconds += trial;
    timed += 1;
  }
  if (timed > 0 && seconds / timed >= options.dear_trial) {
    return by_model("a Gaussian process, since a trial takes " + to_text(seconds / timed) +
                    " seconds, which a model of some of the " + to_text(ended) + " ended trials is worth");
  }
  const bool categorical =
      std::any_of(request.space.begin(), request.space.end(),
                  [](const EncodedDimension& dimension) { return dimension.kind == DimensionKind::categorical; });
  const std::string history_text = ", started from the history, since " + to_text(ended) + " trials have ended";
  if (categorical) return {Method::differential_evolution, "differential evolution" + history_text};
  return {Method::cma_es, "CMA-ES with margin" + history_text};
}

/// Chooses how to search, see auto_choice().
class AutoSampler {
 public:
  explicit AutoSampler(AutoOptions options = {}) : options_(std::move(options)), model_(options_.model) {}

  [[nodiscard]] EncodedPoints suggest(const SuggestRequest& request) {
    AutoChoice choice = auto_choice(request, options_);
    reason_ = std::move(choice.reason);
    switch (choice.method) {
      case AutoChoice::Method::cma_es:
        return cma_es_.suggest(request);
      case AutoChoice::Method::differential_evolution:
        return differential_evolution_.suggest(request);
      case AutoChoice::Method::accelerated:
        if (!accelerated_) accelerated_ = options_.accelerated();
        return accelerated_->suggest(request);
      default:
        return model_.suggest(request);
    }
  }

  /// Why the last points were chosen as they were; empty before the first.
  [[nodiscard]] const std::string& reason() const noexcept { return reason_; }

 private:
  AutoOptions options_;
  GaussianProcessSampler model_;
  CmaEsSampler cma_es_;
  DifferentialEvolutionSampler differential_evolution_;
  std::optional<AnySampler> accelerated_;
  std::string reason_;
};

static_assert(Sampler<AutoSampler>);

}  // namespace hposearch::inline v0
