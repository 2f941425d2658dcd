// Searches the hyperparameters of a small convolutional network with a trial on each GPU. See README.md.

#include <cmath>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <hposearch/executor/gpu/simulated.hpp>
#include <hposearch/executor/local_gpus.hpp>
#include <hposearch/hposearch.hpp>

#include "../digits_cnn/digits.hpp"
#include "../digits_cnn/train.hpp"
#include "gpu_training.hpp"
#include "options.hpp"

namespace hpo = hposearch;

namespace {

using digits_gpu::Options;

auto make_space() {
  return hpo::Space{hpo::Real{"learning_rate", 1e-6, 1e+1, hpo::log_scale},
                    hpo::Real{"keep_prob", 0.1, 1.0, hpo::log_scale}, hpo::Integer{"channel", 3, 7},
                    hpo::Categorical{"pool", {"max", "avg"}}};
}

/// What is searched for. The convolution has 2^channel channels.
struct Params {
  double learning_rate;
  double keep_prob;
  int channel;
  std::string pool;
};

digits_gpu::Settings settings_of(const Params& params, const Options& options) {
  return {.shape = {.channels = 1 << params.channel, .max_pool = params.pool == "max"},
          .learning_rate = params.learning_rate,
          .keep_prob = params.keep_prob,
          .epochs = static_cast<int>(options.epochs),
          .seed = options.seed};
}

digits_gpu::Images view(const digits::Digits& data) {
  return {{data.images.data(), static_cast<std::size_t>(data.images.size())}, data.labels};
}

/// The same training on the processor, by examples/digits_cnn.
double train_on_processor(const digits_gpu::Settings& settings, const digits::Split& data,
                          const digits_gpu::AfterEpoch& after_epoch) {
  double loss = std::nan("");
  digits::train({.architecture = {.channels = settings.shape.channels,
                                  .pool = settings.shape.max_pool ? digits::Pool::max : digits::Pool::average},
                 .learning_rate = settings.learning_rate,
                 .keep_prob = settings.keep_prob,
                 .epochs = settings.epochs,
                 .batch = settings.batch,
                 .seed = settings.seed},
                data.train, [&](int epoch, const auto& network) {
                  loss = network.evaluate(data.validation.images, data.validation.labels).loss;
                  return after_epoch(epoch, loss);
                });
  return loss;
}

/// Runs the search and shows its best. \param train called as train(settings, context, after_epoch)
template <class Train>
void search(const Options& options, hpo::LocalGpus& gpus, const Train& train) {
  fmt::print("devices: {}\n", gpus.summary());
  const auto evaluate = [&](const Params& params, hpo::TrialContext& context) {
    return train(settings_of(params, options), context, [&](int epoch, double loss) {
      context.report(epoch, loss);
      return std::isfinite(loss) && !context.stop_requested();
    });
  };
  hpo::Optimizer optimizer{make_space(), {.seed = options.seed}};
  const auto result =
      hpo::minimize(evaluate, optimizer, gpus, {.trials = options.trials, .on_progress = hpo::Progress{}});
  const auto& [learning_rate, keep_prob, channel, pool] = result.best().point;
  fmt::print("best: validation loss {:.4f} at learning_rate {:.4g}, keep_prob {:.4g}, channel {}, pool {}\n",
             result.best().value, learning_rate, keep_prob, channel, pool);
  fmt::print("{} trials in {:.1f} s on {} slots\n", result.trials.size(), result.elapsed.count(), result.slots);
}

hpo::LocalGpusOptions gpu_options(const Options& options, std::size_t validation_images) {
  const auto memory = [validation_images](const Params& params) {
    const digits_gpu::Shape shape{.channels = 1 << params.channel};
    // What a CUDA context takes by itself comes on top.
    return static_cast<double>(digits_gpu::device_bytes(shape, 32, validation_images) + 500 * hpo::mebibyte);
  };
  return {.slots_per_gpu = options.slots_per_gpu,
          .isolation = options.threads ? hpo::Isolation::thread : hpo::Isolation::process,
          .memory = hpo::memory_of(make_space(), memory),
          .retry_alone = true};
}

void run_simulated(const Options& options, const digits::Split& data) {
  fmt::print("simulated devices: no GPU is used, networks are trained on the processor\n");
  const hpo::SimulatedDevices devices{options.simulate};
  hpo::LocalGpus gpus{devices, gpu_options(options, data.validation.size())};
  search(options, gpus,
         [&](const digits_gpu::Settings& settings, const hpo::TrialContext& context, const auto& after_epoch) {
           const auto memory = devices.allocate(
               context, digits_gpu::device_bytes(settings.shape, settings.batch, data.validation.size()));
           return train_on_processor(settings, data, after_epoch);
         });
}

#if defined(MULTI_GPU_CUDA)

void run(const Options& options, const digits::Split& data) {
  if (options.simulate > 0) return run_simulated(options, data);
  hpo::LocalGpusOptions settings = gpu_options(options, data.validation.size());
  settings.cuda_runtime = digits_gpu::cuda_runtime();
  if (options.threads) settings.enter = digits_gpu::streams_for_slots();
  hpo::LocalGpus gpus{settings};
  search(options, gpus, [&](const auto& trial_settings, const hpo::TrialContext& context, const auto& after_epoch) {
    return digits_gpu::train_on_gpu(trial_settings, view(data.train), view(data.validation), context, after_epoch);
  });
}
constexpr std::string_view advice = "\nWithout a GPU: multi_gpu --simulate 4";

#else

void run(Options options, const digits::Split& data) {
  if (options.simulate == 0) {
    fmt::print("built without CUDA, as no nvcc was found: ");
    options.simulate = 2;
  }
  run_simulated(options, data);
}
constexpr std::string_view advice = "";

#endif

}  // namespace

int main(int argc, char** argv) {
  try {
    const Options options = digits_gpu::parse_options(
        std::span<const char* const>{argv, static_cast<std::size_t>(argc)}.subspan(1), {.data = DIGITS_DATA});
    if (options.help)
      fmt::print("{}", digits_gpu::usage);
    else
      run(options, digits::split(digits::load_digits(options.data), 1));
    return 0;
  } catch (const hpo::NoDevice& error) {
    fmt::print(stderr, "multi_gpu: {}{}\n", error.what(), advice);
  } catch (const std::exception& error) {
    fmt::print(stderr, "multi_gpu: {}\n", error.what());
  }
  return 1;
}
