/// \file
/// Keeps CMA-ES from freezing in a cell of an ordered dimension.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>

#include <hposearch/numeric/normal.hpp>
#include <hposearch/space/encoded_space.hpp>

namespace hposearch::inline v0::cma_es {

/// Mean of a marginal distribution and the factor that stretches its samples before they are rounded to cells.
struct Marginal {
  double mean;
  double stretch;
};

/// Moves and stretches the marginal N(mean, (stretch * deviation)^2) of an ordered dimension so that both neighbours of
/// the mean's cell keep probability, about `margin` / 2 each, or `margin` for the next cell of one at an end.
///
/// Source: R. Hamano, S. Saito, M. Nomura, S. Shirakawa, CMA-ES with margin: lower-bounding marginal probability for
/// mixed-integer black-box optimization, GECCO 2022, section 4.
[[nodiscard]] inline Marginal keep_margin(const EncodedDimension& dimension, Marginal marginal, double deviation,
                                          double margin) {
  const std::size_t cell = dimension.cell(marginal.mean);
  const std::size_t last = dimension.cells - 1;
  const double below = dimension.border(std::max<std::size_t>(cell, 1));
  const double above = dimension.border(std::min(cell, last - 1) + 1);
  const double scale = marginal.stretch * deviation;
  const double low = numeric::cdf((below - marginal.mean) / scale);
  const double high = numeric::cdf((marginal.mean - above) / scale);
  if (std::max(low, high) > 0.5) {  // at an end, where one border counts
    if (std::min(low, high) >= margin) return marginal;
    const double reach = -scale * numeric::quantile(margin);
    return {above + (marginal.mean > above ? reach : -reach), marginal.stretch};
  }
  const double least = margin / 2;
  const double inside = 1 - (low + high);
  const double low_raised = std::max(low, least), high_raised = std::max(high, least);
  const double excess = 1 - low_raised - high_raised - inside;
  const double room = low_raised + inside + high_raised - 3 * least;
  const auto shared = [&](double p) { return std::clamp(p + excess * (p - least) / room, 1e-10, 0.5 - 1e-10); };
  const double z_low = -numeric::quantile(shared(low_raised)), z_high = -numeric::quantile(shared(high_raised));
  return {(below * z_high + above * z_low) / (z_low + z_high), (above - below) / ((z_low + z_high) * deviation)};
}

}  // namespace hposearch::inline v0::cma_es
