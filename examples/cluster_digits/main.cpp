// The digits of ../digits_cnn on a cluster: one program, which is the head or, with --worker, one of its workers. See
// README.md.
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <limits>
#include <memory>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include <hposearch/cluster.hpp>
#include <hposearch/cluster/local_launcher.hpp>
#include <hposearch/hposearch.hpp>

#include "../digits_cnn/digits.hpp"
#include "../digits_cnn/train.hpp"

namespace hpo = hposearch;

namespace {

struct Options {
  std::size_t trials = 60;
  std::size_t local = 0;              // workers that are started on this machine
  std::string address = "127.0.0.1";  // where to listen
  std::string certificates{};         // the folder that `hposearch certs` has made; none: no TLS
};

Options read_options(int argc, char** argv) {
  Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    if (name == "--trials") options.trials = std::stoul(argv[i + 1]);
    if (name == "--local") options.local = std::stoul(argv[i + 1]);
    if (name == "--listen") options.address = argv[i + 1];
    if (name == "--tls") options.certificates = argv[i + 1];
  }
  return options;
}

/// The loss of a network with these hyperparameters. Reads the data on its first call in each process.
double evaluate(double learning_rate, double keep_prob, int channel, const std::string& pool,
                hpo::TrialContext& context) {
  static const auto data = digits::split(digits::load_digits(DIGITS_DATA), 1);
  const digits::Training training{.architecture = {.channels = Eigen::Index{1} << channel,
                                                   .pool = pool == "max" ? digits::Pool::max : digits::Pool::average},
                                  .learning_rate = learning_rate,
                                  .keep_prob = keep_prob};
  double loss = std::numeric_limits<double>::quiet_NaN();
  digits::train(training, data.train, [&](int epoch, const auto& network) {
    loss = network.evaluate(data.validation.images, data.validation.labels).loss;
    context.report(epoch, loss);
    return std::isfinite(loss) && !context.stop_requested();
  });
  return loss;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const hpo::Space space{hpo::Real{"learning_rate", 1e-6, 1e+1, hpo::log_scale},
                           hpo::Real{"keep_prob", 0.1, 1.0, hpo::log_scale}, hpo::Integer{"channel", 3, 7},
                           hpo::Categorical{"pool", {"max", "avg"}}};
    if (const auto status = hpo::serve_if_asked(argc, argv, space, evaluate)) return *status;

    const Options options = read_options(argc, argv);
    hpo::ClusterOptions listen;
    listen.address = options.address;
    if (!options.certificates.empty()) listen.tls = hpo::TlsFiles::of_head(options.certificates);
    listen.on_notice = [](const auto& notice) {
      if (!notice.text.empty()) fmt::print(stderr, "worker {}: {}\n", notice.worker, notice.text);
    };
    hpo::Cluster cluster{listen};
    fmt::print("workers: {} --worker {}\n", argv[0], cluster.url());

    hpo::LocalLauncher launcher{{{argv[0], "--worker", cluster.url()}}};
    launcher.scale(options.local);
    hpo::Optimizer optimizer{space};
    const auto result =
        hpo::minimize(evaluate, optimizer, cluster, {.trials = options.trials, .on_progress = hpo::Progress{}});
    fmt::print("best validation loss {:.4f} at {}\n", result.best().value, to_text(result.best().point));
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "cluster_digits: {}\n", error.what());
    return 1;
  }
}
