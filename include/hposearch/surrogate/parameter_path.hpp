/// \file
/// The surrogate's parameters as data arrive.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include <hposearch/numeric/random.hpp>
#include <hposearch/surrogate/fit.hpp>
#include <hposearch/surrogate/kernel.hpp>
#include <hposearch/surrogate/observations.hpp>
#include <hposearch/surrogate/on_processor.hpp>
#include <hposearch/surrogate/prior.hpp>
#include <hposearch/surrogate/targets.hpp>
#include <hposearch/surrogate/working_set.hpp>

namespace hposearch::inline v0 {

/// Fits at a growing number of observations, each started from one at a smaller number.
///
/// Anchors are fitted at sizes a quarter apart (3, 4, 5, 6, 7, 8, 10, 12, 15, ...), each started from the one before
/// and, below 80, afresh as well. Between them a fit starts from the anchor below, at sizes about 2.5% apart (5% from
/// 80 on), and below 40 afresh as well. So the parameters for some observations are a function of these and of the seed
/// alone, whatever was asked before, and a long history that is new to the path costs the anchors, whose costs grow
/// geometrically: a few times the last fit. Above FitOptions::most_observations, fits see a working set of that size
/// and start from the last anchor.
/// \tparam Where see OnProcessor
template <class Where>
class ParameterPathOn {
 public:
  ParameterPathOn(Kernel kernel, Prior prior, TargetWarp warp, FitOptions options, std::uint64_t seed, Where where = {})
      : kernel_(std::move(kernel)),
        prior_(std::move(prior)),
        warp_(warp),
        options_(options),
        seed_(seed),
        where_(std::move(where)) {}

  /// Parameters (see Evidence) for `observations`.
  [[nodiscard]] Eigen::VectorXd at(const Observations& observations) {
    forget_beyond(known_.shared_prefix(observations));
    known_ = observations;
    const std::size_t size = fine_size(observations.size());
    for (std::size_t next = next_anchor(); next <= std::min(size, options_.most_observations); next = next_anchor()) {
      anchors_.push_back({.size = next, .parameters = fit(next, next < 2 * fresh_below)});
    }
    if (anchors_.empty()) return prior_.mode();
    if (size <= anchors_.back().size) return anchors_.back().parameters;
    if (!latest_ || latest_->size != size) latest_ = {.size = size, .parameters = fit(size, size < fresh_below)};
    return latest_->parameters;
  }

 private:
  struct Fit {
    std::size_t size;
    Eigen::VectorXd parameters;
  };

  void forget_beyond(std::size_t size) {
    while (!anchors_.empty() && anchors_.back().size > size) anchors_.pop_back();
    if (latest_ && latest_->size > size) latest_.reset();
  }

  // The largest of the fine sizes that is at most `size`.
  [[nodiscard]] static std::size_t fine_size(std::size_t size) {
    std::size_t fine = 0;
    for (std::size_t next = first_size; next <= size; next += 1 + next / (next < 2 * fresh_below ? 40 : 20))
      fine = next;
    return fine;
  }

  [[nodiscard]] std::size_t next_anchor() const {
    return anchors_.empty() ? first_size : anchors_.back().size + std::max<std::size_t>(1, anchors_.back().size / 4);
  }

  // Fits the first `size` observations, from the last anchor (where there is one) and, if wanted, afresh.
  [[nodiscard]] Eigen::VectorXd fit(std::size_t size, bool fresh) const {
    numeric::Random random{seed_, size};
    std::optional<Eigen::VectorXd> last;
    if (!anchors_.empty()) last = anchors_.back().parameters;
    Observations observations = known_.head(size);
    if (last) observations = working_set(observations, kernel_, *last, options_.most_observations);
    const Targets y = targets(observations.losses, warp_);
    return fit_parameters(
        ParameterDensity{where_.evidence(kernel_, observations.points, y.values, prior_.scale_weight()), prior_},
        prior_, options_, last, fresh, random);
  }

  static constexpr std::size_t first_size = 3;
  static constexpr std::size_t fresh_below = 40;

  Kernel kernel_;
  Prior prior_;
  TargetWarp warp_;
  FitOptions options_;
  std::uint64_t seed_;
  Where where_;
  Observations known_;
  std::vector<Fit> anchors_;
  std::optional<Fit> latest_;
};

using ParameterPath = ParameterPathOn<OnProcessor>;

}  // namespace hposearch::inline v0
