/// \file
/// The command line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "../digits_cnn/options.hpp"

namespace digits_gpu {

inline constexpr std::string_view usage =
    R"(Searches the hyperparameters of a small convolutional network, with a trial on each GPU of this machine.

usage: multi_gpu [options]
  --trials N         networks to train                                        (60)
  --epochs N         passes over the training images for each network         (20)
  --seed N           of the search and of each training run                   (1)
  --slots-per-gpu N  networks in training on each GPU at once                 (1)
  --threads          trials are threads of this program, not processes
  --simulate N       on N simulated GPUs: trains on the processor
  --data FILE        the digits                                               (examples/data/optdigits.csv)
  --help             show this
)";

/// What the command line may set.
struct Options {
  std::size_t trials = 60;
  std::size_t epochs = 20;
  std::uint64_t seed = 1;
  std::size_t slots_per_gpu = 1;
  std::size_t simulate = 0;
  bool threads = false;
  bool help = false;
  std::string data;
};

/// \param arguments without the program's name
/// \param options   what holds where the command line says nothing
/// \throws std::invalid_argument that names the argument
[[nodiscard]] inline Options parse_options(std::span<const char* const> arguments, Options options = {}) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view name = arguments[i];
    const auto value = [&]() -> std::string_view {
      if (i + 1 == arguments.size()) throw std::invalid_argument(std::string{name} + ": expected a value after it");
      return arguments[++i];
    };
    const auto number = [&](auto least, auto& into) { digits::detail::parse_number(name, value(), least, into); };
    if (name == "--trials")
      number(std::size_t{1}, options.trials);
    else if (name == "--epochs")
      number(std::size_t{1}, options.epochs);
    else if (name == "--seed")
      number(std::uint64_t{0}, options.seed);
    else if (name == "--slots-per-gpu")
      number(std::size_t{1}, options.slots_per_gpu);
    else if (name == "--simulate")
      number(std::size_t{1}, options.simulate);
    else if (name == "--threads")
      options.threads = true;
    else if (name == "--data")
      options.data = value();
    else if (name == "--help" || name == "-h")
      options.help = true;
    else
      throw std::invalid_argument("unknown argument " + std::string{name} + "; --help lists those that exist");
  }
  return options;
}

}  // namespace digits_gpu
