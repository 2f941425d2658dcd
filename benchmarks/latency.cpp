// What does it cost to decide? CPU time of one ask and the tell of its result on the notebook's space, by sampler and
// by the number of trials told before, each measured in a process of its own; and how near the fit of the surrogate
// comes to the machine's floating-point peak.
//
//   latency [--samplers default,tpe] [--sizes 10,100] [--cycles 20] [--ask 1] [--most 10] [--csv FILE]
//
// A model that is not fitted at every tell is cheap most of the time: hence the mean over the cycles beside the worst
// and the median. --most: seconds of CPU for a size, after which no further cycle starts and larger sizes are left out.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <hposearch/hposearch.hpp>
#include <hposearch/sampler/by_name.hpp>
#include <hposearch/surrogate/evidence.hpp>
#include <hposearch/surrogate/kernel.hpp>
#include <hposearch/surrogate/prior.hpp>

namespace hpo = hposearch;

namespace {

struct Options {
  std::vector<std::string> samplers;  ///< all of them where none is named
  std::vector<std::size_t> sizes{10, 50, 100, 200, 500, 1000, 2000, 10000, 100000};
  std::size_t cycles = 20, ask = 1;
  double most = 10;
  std::string csv;
};

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> parts;
  std::istringstream stream{list};
  for (std::string part; std::getline(stream, part, ',');) parts.push_back(part);
  return parts;
}

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    const std::string value = argv[i + 1];
    if (name == "--samplers") {
      options.samplers = split(value);
    } else if (name == "--sizes") {
      options.sizes.clear();
      for (const auto& size : split(value)) options.sizes.push_back(std::stoul(size));
    } else if (name == "--cycles") {
      options.cycles = std::max(1ul, std::stoul(value));
    } else if (name == "--ask") {
      options.ask = std::stoul(value);
    } else if (name == "--most") {
      options.most = std::stod(value);
    } else if (name == "--csv") {
      options.csv = value;
    } else {
      fmt::print(stderr, "unknown option {}\n", name);
      std::exit(2);
    }
  }
  if (options.samplers.empty()) {
    for (const auto& sampler : hpo::named_samplers()) options.samplers.emplace_back(sampler.name);
  }
  return options;
}

/// CPU seconds of all threads of this process.
double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

auto notebook_space() {
  return hpo::Space{hpo::Real{"learning_rate", 1e-6, 1e+1, hpo::log_scale},
                    hpo::Real{"keep_prob", 0.1, 1.0, hpo::log_scale}, hpo::Integer{"channel", 3, 7},
                    hpo::Categorical{"pool", {"max", "avg"}}};
}

using NotebookPoint = decltype(notebook_space())::point_type;

/// A curved valley, roughly what a small network's loss looks like.
double loss(const NotebookPoint& point) {
  const auto& [learning_rate, keep_prob, channel, pool] = point;
  const double c = static_cast<double>(channel), avg = pool == "avg" ? 1.0 : 0.0;
  const double t = std::log10(learning_rate) + 2.9 + 0.18 * (c - 3) - 0.35 * avg;
  const double k = std::log10(keep_prob) + 0.3 - 0.05 * (c - 5);
  return std::tanh(0.035 + 0.09 * t * t + 0.35 * k * k + 0.004 * (c - 5.4) * (c - 5.4) + 0.01 * avg);
}

struct Cost {
  double first;                ///< seconds of the first ask and tell, which fits the model to all that was told
  double median, mean, worst;  ///< seconds of the later ones
  double peak_mib;
};

/// In this process: tells `size` random trials, then asks and tells.
Cost measure(const std::string& sampler, std::size_t size, const Options& options) {
  const auto space = notebook_space();
  hpo::Optimizer optimizer{
      space, {.seed = 1, .sampler = hpo::make_sampler(sampler), .budget = std::max<std::size_t>(size + 20, 50)}};
  hpo::Optimizer random{space, {.seed = size, .sampler = hpo::RandomSampler{}}};
  for (const auto& trial : random.ask(size)) optimizer.observe(trial.point, loss(trial.point));

  std::vector<double> seconds;
  double spent = 0;
  for (std::size_t cycle = 0; cycle <= options.cycles && (cycle < 2 || spent < options.most); ++cycle) {
    const double start = cpu_seconds();
    const auto trials = optimizer.ask(options.ask);
    const double between = cpu_seconds();
    std::vector<double> values;
    for (const auto& trial : trials) values.push_back(loss(trial.point));
    const double told = cpu_seconds();
    optimizer.tell(trials, values);
    seconds.push_back(cpu_seconds() - told + between - start);
    spent += seconds.back();
  }
  const double first = seconds.front();
  seconds.erase(seconds.begin());
  double sum = 0;
  for (const double value : seconds) sum += value;
  std::sort(seconds.begin(), seconds.end());
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return {.first = first,
          .median = seconds[seconds.size() / 2],
          .mean = sum / static_cast<double>(seconds.size()),
          .worst = seconds.back(),
          .peak_mib = static_cast<double>(usage.ru_maxrss) / 1024};
}

/// The same in a process of its own, so that peak memory and caches are those of one measurement.
std::optional<Cost> measure_apart(const std::string& sampler, std::size_t size, const Options& options) {
  int ends[2];
  if (pipe(ends) != 0) return {};
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    const Cost cost = measure(sampler, size, options);
    const bool written = write(ends[1], &cost, sizeof cost) == sizeof cost;
    _exit(written ? 0 : 1);
  }
  close(ends[1]);
  Cost cost{};
  const bool complete = read(ends[0], &cost, sizeof cost) == sizeof cost;
  close(ends[0]);
  waitpid(child, nullptr, 0);
  return complete ? std::optional{cost} : std::nullopt;
}

void print_sampler(const std::string& sampler, const Options& options, std::ofstream& csv) {
  fmt::print("\n{}\n{:>9} {:>12} {:>12} {:>12} {:>12} {:>8} {:>10}\n", sampler, "trials", "mean ms", "median ms",
             "worst ms", "first ms", "growth", "peak MiB");
  std::optional<std::pair<double, double>> before;  // log of size and of mean
  for (const std::size_t size : options.sizes) {
    const auto cost = measure_apart(sampler, size, options);
    if (!cost) {
      fmt::print("{:>9} failed\n", size);
      continue;
    }
    const std::pair now{std::log(static_cast<double>(size)), std::log(cost->mean)};
    const auto growth =
        before ? fmt::format("{:.2f}", (now.second - before->second) / (now.first - before->first)) : std::string{};
    fmt::print("{:>9} {:>12.4f} {:>12.4f} {:>12.4f} {:>12.4f} {:>8} {:>10.1f}\n", size, 1e3 * cost->mean,
               1e3 * cost->median, 1e3 * cost->worst, 1e3 * cost->first, growth, cost->peak_mib);
    if (csv) csv << fmt::format("{},{},{},{},{}\n", sampler, size, options.ask, 1e3 * cost->mean, cost->peak_mib);
    before = now;
    if (cost->mean * static_cast<double>(options.cycles) > options.most || cost->first > options.most) break;
  }
}

/// Least CPU seconds of a call, over a fifth of a second of them.
template <class Task>
double least_seconds(Task task) {
  double least = 1e300;
  for (const double end = cpu_seconds() + 0.2; cpu_seconds() < end;) {
    const double start = cpu_seconds();
    task();
    least = std::min(least, cpu_seconds() - start);
  }
  return least;
}

/// Multiplications and additions a second that this build can do on data in registers.
double peak() {
  constexpr int chains = 12, steps = 20000;
  using Lanes = Eigen::Array<double, 8, 1>;
  Lanes sums[chains];
  for (auto& sum : sums) sum.setConstant(1);
  const Lanes factor = Lanes::Constant(0.999), summand = Lanes::Constant(1e-3);
  volatile double sink = 0;
  const double seconds = least_seconds([&] {
    for (int step = 0; step < steps; ++step) {
      for (auto& sum : sums) sum = sum * factor + summand;
    }
    sink = sink + sums[0][0];
  });
  return 2.0 * 8 * chains * steps / seconds;
}

/// One value and gradient of the log marginal likelihood is what a fit consists of: a factorisation and an inverse,
/// n^3 operations, beside the kernel's, which are not counted.
void print_fit() {
  const auto space = notebook_space();
  const double top = peak();
  fmt::print(
      "\nfit of the surrogate: one value and gradient of the evidence, n^3 operations; peak of multiplications and\n"
      "additions in registers {:.1f} GFLOP/s\n",
      1e-9 * top);
  fmt::print("{:>6} {:>10} {:>10} {:>16} {:>14} {:>14}\n", "n", "ms", "GFLOP/s", "Eigen's LLT", "of Eigen's",
             "of the peak");
  for (const Eigen::Index n : {50, 100, 200, 300, 500, 1000}) {
    hpo::Optimizer random{space, {.seed = 1, .sampler = hpo::RandomSampler{}}};
    const auto trials = random.ask(static_cast<std::size_t>(n));
    Eigen::MatrixXd points(n, static_cast<Eigen::Index>(space.encoded().size()));
    Eigen::VectorXd targets(n), gradient;
    for (Eigen::Index i = 0; i < n; ++i) {
      const auto& point = trials[static_cast<std::size_t>(i)].point;
      points.row(i) = space.encode(point);
      targets[i] = loss(point);
    }
    const hpo::Prior prior{space.encoded(), {}};
    const Eigen::VectorXd parameters = prior.mode();
    hpo::Evidence evidence{hpo::Kernel{space.encoded()}, points, targets, prior.scale_weight()};
    const double operations = std::pow(static_cast<double>(n), 3);
    volatile double sink = 0;
    const double ours = least_seconds([&] { sink = evidence(parameters, gradient); });

    Eigen::MatrixXd covariance = Eigen::MatrixXd::Identity(n, n) * 2;
    covariance.array() += 0.5;
    Eigen::LLT<Eigen::MatrixXd> llt(n);
    const double eigens = least_seconds([&] { llt.compute(covariance); });
    const double rate = operations / ours, eigens_rate = operations / 3 / eigens;
    fmt::print("{:>6} {:>10.3f} {:>10.2f} {:>16.2f} {:>13.0f}% {:>13.0f}%\n", n, 1e3 * ours, 1e-9 * rate,
               1e-9 * eigens_rate, 100 * rate / eigens_rate, 100 * rate / top);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = parse(argc, argv);
  std::ofstream csv;
  if (!options.csv.empty()) csv.open(options.csv);
  fmt::print("CPU of ask({}) and the tell of it, on the notebook's space; up to {} cycles after the first\n",
             options.ask, options.cycles);
  for (const auto& sampler : options.samplers) print_sampler(sampler, options, csv);
  if (options.ask == 1) print_fit();
}
