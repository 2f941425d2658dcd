// How much better than random search is the default sampler on the notebook's space? A closed form stands in for the
// training run: its optimum is known, so regret can be told exactly.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <hposearch/hposearch.hpp>
#include <hposearch/numeric/ranks.hpp>

namespace hpo = hposearch;

namespace {

// The loss of a small network, roughly: a curved valley in the learning rate whose place depends on the pooling and
// the width, a dropout that trades against the width, and a plateau at ln 10 where training diverges or stands still.
double stand_in(double learning_rate, double keep_prob, int channel, std::string_view pool) {
  const double lr = std::log10(learning_rate), keep = std::log10(keep_prob), avg = pool == "avg" ? 1.0 : 0.0;
  const double t = lr - (-2.9 - 0.18 * (channel - 3) + 0.35 * avg);
  const double valley = (t > 0 ? 0.09 * (1 + 0.4 * t) : 0.05) * t * t;
  const double dropout = 0.35 * std::pow(keep + 0.3 - 0.05 * (channel - 5), 2) * (1 + 0.5 * avg);
  const double width = 0.035 + 0.04 * (0.1 * std::pow(channel - 5.4, 2) + 0.25 * avg);
  const double top = std::log(10.0);
  return top * std::tanh((width + valley + dropout + 0.15 * std::max(t, 0.0) * std::max(-keep, 0.0)) / top);
}

auto notebook_space() {
  return hpo::Space{hpo::Real{"learning_rate", 1e-6, 1e+1, hpo::log_scale},
                    hpo::Real{"keep_prob", 0.1, 1.0, hpo::log_scale}, hpo::Integer{"channel", 3, 7},
                    hpo::Categorical{"pool", {"max", "avg"}}};
}

// For each channel and pool the formula is smallest at t = 0 and at the keep_prob that zeroes the dropout's term.
double optimum() {
  double best = 1e300;
  for (int channel = 3; channel <= 7; ++channel) {
    for (const std::string_view pool : {"max", "avg"}) {
      const double avg = pool == "avg" ? 1.0 : 0.0;
      const double lr = std::pow(10.0, -2.9 - 0.18 * (channel - 3) + 0.35 * avg);
      const double keep = std::pow(10.0, std::min(0.0, -0.3 + 0.05 * (channel - 5)));
      best = std::min(best, stand_in(lr, keep, channel, pool));
    }
  }
  return best;
}

double regret(hpo::AnySampler sampler, std::uint64_t seed, std::size_t trials) {
  hpo::Optimizer optimizer{notebook_space(), {.seed = seed, .sampler = std::move(sampler)}};
  hpo::InlineExecutor here;
  return hpo::minimize(stand_in, optimizer, here, {.trials = trials}).best().value - optimum();
}

std::string row(const std::vector<double>& values) {
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  return fmt::format("{:.3g} [{:.3g}, {:.3g}]", hpo::numeric::median(values), *least, *most);
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t trials = argc > 1 ? std::stoul(argv[1]) : 100;
  const std::uint64_t seeds = argc > 2 ? std::stoul(argv[2]) : 10;
  std::vector<double> ours, random, sobol;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    ours.push_back(regret(hpo::AutoSampler{}, seed, trials));
    random.push_back(regret(hpo::RandomSampler{}, seed, trials));
    sobol.push_back(regret(hpo::SobolSampler{}, seed, trials));
  }
  fmt::print("regret after {} trials on the notebook's space, {} seeds; median [min, max]\n", trials, seeds);
  fmt::print("{:<9} {}\n{:<9} {}\n{:<9} {}\n", "default", row(ours), "random", row(random), "sobol", row(sobol));
  fmt::print("default / random, of the medians: {:.3g}\n", hpo::numeric::median(ours) / hpo::numeric::median(random));
}
