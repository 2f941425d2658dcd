/// \file
/// The axis on which a numeric dimension is searched.
#pragma once

#include <cstdint>
#include <string_view>

namespace hposearch::inline v0 {

/// How the values of a numeric dimension are spread over the unit interval.
enum class Scale : std::uint8_t {
  linear,  ///< equal differences are equally far apart
  log,     ///< equal ratios are equally far apart; needs a lower bound above 0
};

inline constexpr Scale linear_scale = Scale::linear;
inline constexpr Scale log_scale = Scale::log;

[[nodiscard]] constexpr std::string_view to_text(Scale scale) noexcept {
  return scale == Scale::log ? "log" : "linear";
}

}  // namespace hposearch::inline v0
