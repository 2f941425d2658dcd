/// \file
/// The command line.
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace digits {

inline constexpr std::string_view usage =
    R"(Searches the hyperparameters of a small convolutional network on real handwritten digits.

usage: digits_cnn [options]
  --trials N     networks to train                                        (60)
  --workers N    networks in training at once                             (3)
  --epochs N     passes over the training images for each network         (20)
  --seed N       of the search and of each training run                   (1)
  --batch        search again in rounds that wait for their slowest, with the same number of trials,
                 and show both idle times
  --report FILE  where to write the report                                (report.html)
  --data FILE    the digits                                               (examples/data/optdigits.csv)
  --help         show this
)";

/// What the command line may set.
struct Options {
  std::size_t trials = 60;
  std::size_t workers = 3;
  std::size_t epochs = 20;
  std::uint64_t seed = 1;
  bool batch = false;
  bool help = false;
  std::string report = "report.html";
  std::string data;
};

namespace detail {

template <class T>
void parse_number(std::string_view name, std::string_view text, T least, T& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < least)
    throw std::invalid_argument(std::string{name} + " " + std::string{text} + ": expected a whole number of at least " +
                                std::to_string(least));
}

}  // namespace detail

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
    if (name == "--trials")
      detail::parse_number(name, value(), std::size_t{1}, options.trials);
    else if (name == "--workers")
      detail::parse_number(name, value(), std::size_t{1}, options.workers);
    else if (name == "--epochs")
      detail::parse_number(name, value(), std::size_t{1}, options.epochs);
    else if (name == "--seed")
      detail::parse_number(name, value(), std::uint64_t{0}, options.seed);
    else if (name == "--batch")
      options.batch = true;
    else if (name == "--report")
      options.report = value();
    else if (name == "--data")
      options.data = value();
    else if (name == "--help" || name == "-h")
      options.help = true;
    else
      throw std::invalid_argument("unknown argument " + std::string{name} + "; --help lists those that exist");
  }
  return options;
}

}  // namespace digits
