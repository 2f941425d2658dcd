// Random spaces for property tests.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include <hposearch/space/dynamic_space.hpp>

namespace support {

/// Random numbers that are the same with every standard library: its distributions are not.
class RandomSpaces {
 public:
  explicit RandomSpaces(std::uint64_t seed) : random_(seed) {}

  /// In [0, n).
  [[nodiscard]] std::size_t below(std::size_t n) { return random_() % n; }
  /// In [0, 1).
  [[nodiscard]] double uniform() { return static_cast<double>(random_() >> 11) * 0x1p-53; }

  /// 1 to 8 dimensions of all kinds, now and then with defaults and fixed values.
  [[nodiscard]] hposearch::DynamicSpace space() {
    hposearch::DynamicSpace::dimensions_type dimensions;
    const std::size_t count = 1 + below(8);
    for (std::size_t i = 0; i < count; ++i) dimensions.push_back(dimension("x" + std::to_string(i)));
    hposearch::DynamicSpace space{dimensions};
    for (const auto& dimension : dimensions) {
      if (below(6) == 0) space.fix(dimension.name(), dimension.decode(uniform()));
    }
    return space;
  }

  [[nodiscard]] hposearch::DynamicDimension dimension(const std::string& name) {
    switch (below(6)) {
      case 0:
        return linear_real(name);
      case 1:
        return log_real(name);
      case 2:
        return stepped_real(name);
      case 3:
        return integer(name);
      case 4:
        return hposearch::Categorical<hposearch::DynamicValue>{name, choices()};
      default:
        return hposearch::Ordinal<hposearch::DynamicValue>{name, choices()};
    }
  }

 private:
  [[nodiscard]] hposearch::Real linear_real(const std::string& name) {
    const double low = std::ldexp(uniform() - 0.5, static_cast<int>(below(600)) - 300);
    const double width = std::ldexp(uniform() + 0.1, static_cast<int>(below(20)));
    return {name, low, low + width * std::abs(low) + 1e-300};
  }

  [[nodiscard]] hposearch::Real log_real(const std::string& name) {
    const double low = std::ldexp(uniform() + 0.1, static_cast<int>(below(600)) - 300);
    const double high = low * (1 + std::ldexp(uniform() + 0.1, static_cast<int>(below(400)) - 20));
    return {name, low, high, hposearch::log_scale};
  }

  [[nodiscard]] hposearch::Real stepped_real(const std::string& name) {
    constexpr double steps[] = {0.1, 0.05, 0.25, 1e-3, 1, 1.0 / 3, 0x1p-7};
    const double step = steps[below(7)];
    const double low = step * static_cast<double>(below(100) + 1);
    const double high = low + step * static_cast<double>(below(200) + 1);
    return {name, low, high, below(2) == 0 ? hposearch::log_scale : hposearch::linear_scale, {.step = step}};
  }

  [[nodiscard]] hposearch::Integer integer(const std::string& name) {
    const auto step = static_cast<std::int64_t>(below(3) == 0 ? 1 + below(50) : 1);
    const auto low = static_cast<std::int64_t>(1 + below(1000));
    const auto high = low + step * static_cast<std::int64_t>(1 + below(std::size_t{1} << below(30)));
    return {name,
            low,
            high,
            below(2) == 0 ? hposearch::log_scale : hposearch::linear_scale,
            {.step = step, .initial = low}};
  }

  [[nodiscard]] std::vector<hposearch::DynamicValue> choices() {
    std::vector<hposearch::DynamicValue> choices;
    const std::size_t count = 1 + below(12);
    for (std::size_t k = 0; k < count; ++k) {
      const auto number = static_cast<std::int64_t>(k);
      switch (below(3)) {
        case 0:
          choices.emplace_back("choice " + std::to_string(k));
          break;
        case 1:
          choices.emplace_back(number);
          break;
        default:
          choices.emplace_back(static_cast<double>(number) + 0.5);
      }
    }
    if (below(4) == 0) choices.emplace_back(true);
    return choices;
  }

  std::mt19937_64 random_;
};

}  // namespace support
