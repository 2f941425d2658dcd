/// \file
/// The surrogate's parameters as data arrive.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include <hposearch/numeric/random.hpp>
#include <hposearch/surrogate/fit.hpp>
#include <hposearch/surrogate/kernel.hpp>
#include <hposearch/surrogate/observations.hpp>
#include <hposearch/surrogate/prior.hpp>
#include <hposearch/surrogate/targets.hpp>

namespace hposearch::inline v0 {

/// Fits at a growing number of observations, each started from the one before.
///
/// The sizes at which it is fitted depend on nothing (3, 4, ..., 40, 42, ..., 80, 83, ...: about 2.5% apart), and each
/// fit depends on the observations up to there and on the seed alone. So the parameters for some observations are a
/// function of these, though each fit costs a few steps from the last one's result; a path that is asked about other
/// observations than before keeps the fits up to the first difference.
class ParameterPath {
 public:
  ParameterPath(Kernel kernel, Prior prior, TargetWarp warp, FitOptions options, std::uint64_t seed)
      : kernel_(std::move(kernel)), prior_(std::move(prior)), warp_(warp), options_(options), seed_(seed) {}

  /// Parameters (see Evidence) for `observations`.
  [[nodiscard]] Eigen::VectorXd at(const Observations& observations) {
    const std::size_t shared = known_.shared_prefix(observations);
    while (!fits_.empty() && fits_.back().size > shared) fits_.pop_back();
    known_ = observations;
    for (std::size_t size = next(); size <= std::min(observations.size(), options_.most_observations); size = next()) {
      fits_.push_back({.size = size, .parameters = fit(observations.head(size))});
    }
    return fits_.empty() ? prior_.mode() : fits_.back().parameters;
  }

 private:
  struct Fit {
    std::size_t size;
    Eigen::VectorXd parameters;
  };

  [[nodiscard]] std::size_t next() const {
    return fits_.empty() ? first_size : fits_.back().size + 1 + fits_.back().size / 40;
  }

  [[nodiscard]] Eigen::VectorXd fit(const Observations& observations) const {
    numeric::Random random{seed_, observations.size()};
    std::optional<Eigen::VectorXd> last;
    if (!fits_.empty()) last = fits_.back().parameters;
    const Targets y = targets(observations.losses, warp_);
    return fit_parameters(kernel_, observations.points, y.values, prior_, options_, last, random);
  }

  static constexpr std::size_t first_size = 3;

  Kernel kernel_;
  Prior prior_;
  TargetWarp warp_;
  FitOptions options_;
  std::uint64_t seed_;
  Observations known_;
  std::vector<Fit> fits_;
};

}  // namespace hposearch::inline v0
