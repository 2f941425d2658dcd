/// \file
/// Several Gaussian processes that see the losses differently, weighted by how well they predict.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include <hposearch/numeric/elementary.hpp>
#include <hposearch/numeric/ranks.hpp>
#include <hposearch/space/encoded_space.hpp>
#include <hposearch/surrogate/kernel.hpp>
#include <hposearch/surrogate/observations.hpp>
#include <hposearch/surrogate/on_processor.hpp>
#include <hposearch/surrogate/parameter_path.hpp>
#include <hposearch/surrogate/prior.hpp>
#include <hposearch/surrogate/targets.hpp>
#include <hposearch/surrogate/working_set.hpp>

namespace hposearch::inline v0 {

struct EnsembleOptions {
  std::vector<TargetWarp> warps{{.half_rank = true, .log_offset = 1, .yeo_johnson = false},
                                {.half_rank = false, .log_offset = 1, .yeo_johnson = false}};
  PriorOptions prior{};
  FitOptions fit{};
  double least_weight = 0.02;           ///< members that weigh less are left out
  std::size_t most_observations = 320;  ///< of a longer history, a working set of this size is used
};

/// The same with one model, of the losses as they are.
[[nodiscard]] inline EnsembleOptions with_plain_targets(EnsembleOptions options) {
  options.warps = {{.half_rank = false, .log_offset = 1, .yeo_johnson = false}};
  return options;
}

/// One Gaussian process per warp of the losses.
///
/// A member's weight is its leave-one-out predictive density of the better half of the losses, in units of the losses:
/// where the model is wanted, and where all warps can be compared. Rasmussen and Williams (2006), section 5.4.2.
/// \tparam Where see OnProcessor
template <class Where>
class EnsembleOn {
 public:
  EnsembleOn(const EncodedSpace& space, const EnsembleOptions& options, std::uint64_t seed, Where where = {})
      : kernel_(space), prior_(space, options.prior), options_(options), where_(std::move(where)) {
    for (const auto& warp : options.warps) paths_.emplace_back(kernel_, prior_, warp, options.fit, seed, where_);
  }

  /// Conditions the members on `all` observations, at least two, or on a working set of them.
  /// \param lies further ones that do not count where parameters are fitted
  void condition(const Observations& all, const Observations& lies = {}) {
    members_.clear();
    const Eigen::VectorXd first = paths_[0].at(all);
    observations_ = working_set(all, kernel_, first, options_.most_observations);
    if (lies.size() > 0) observations_.append(lies);
    std::vector<Member> members;
    const double median = numeric::median(observations_.losses);
    for (std::size_t w = 0; w < paths_.size(); ++w) {
      const Targets y = targets(observations_.losses, options_.warps[w]);
      const Eigen::VectorXd parameters = w == 0 ? first : paths_[w].at(all);
      Member member{.model = where_.model(kernel_, observations_.points, y.values, parameters, prior_.scale_weight()),
                    .log_weight = 0,
                    .log_unit = 0};
      if (paths_.size() > 1) {
        member.model.prepare();
        const Eigen::ArrayXd density = member.model.leave_one_out();
        for (std::size_t i = 0; i < observations_.size(); ++i) {
          const auto row = static_cast<Eigen::Index>(i);
          if (observations_.losses[i] <= median) member.log_weight += density[row] + y.log_slope[row];
        }
        const auto best = std::min_element(observations_.losses.begin(), observations_.losses.end());
        member.log_unit = -y.log_slope[best - observations_.losses.begin()];
      }
      members.push_back(std::move(member));
    }
    keep_heavy(std::move(members));
  }

  struct Member {
    typename Where::Model model;
    double log_weight = 0;  ///< relative to the heaviest
    double log_unit = 0;    ///< log of the loss per unit of target around the best observation
  };

  /// What the members are conditioned on, in the order of their fitted().
  [[nodiscard]] const Observations& observations() const noexcept { return observations_; }

  /// The heaviest first.
  [[nodiscard]] std::vector<Member>& members() noexcept { return members_; }
  [[nodiscard]] const std::vector<Member>& members() const noexcept { return members_; }

 private:
  void keep_heavy(std::vector<Member> all) {
    double heaviest = all[0].log_weight;
    for (const auto& member : all) heaviest = std::max(heaviest, member.log_weight);
    for (auto& member : all) {
      member.log_weight -= heaviest;
      if (numeric::exp(member.log_weight) >= options_.least_weight) members_.push_back(std::move(member));
    }
    std::stable_sort(members_.begin(), members_.end(),
                     [](const auto& a, const auto& b) { return a.log_weight > b.log_weight; });
  }

  Kernel kernel_;
  Prior prior_;
  EnsembleOptions options_;
  Where where_;
  std::vector<ParameterPathOn<Where>> paths_;
  Observations observations_;
  std::vector<Member> members_;
};

using Ensemble = EnsembleOn<OnProcessor>;

}  // namespace hposearch::inline v0
