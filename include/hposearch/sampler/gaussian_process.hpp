/// \file
/// Bayesian optimisation with a Gaussian process.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include <hposearch/acquisition/candidates.hpp>
#include <hposearch/acquisition/log_expected_improvement.hpp>
#include <hposearch/acquisition/maximiser.hpp>
#include <hposearch/numeric/random.hpp>
#include <hposearch/sampler.hpp>
#include <hposearch/surrogate/fit.hpp>
#include <hposearch/surrogate/gaussian_process.hpp>
#include <hposearch/surrogate/kernel.hpp>
#include <hposearch/surrogate/prior.hpp>
#include <hposearch/surrogate/targets.hpp>

namespace hposearch::inline v0 {

struct GaussianProcessOptions {
  std::optional<std::size_t> initial;  ///< trials before the model; default clamp(d + 2, 4, 12), a fifth of the budget
  TargetWarp warp;
  PriorOptions prior;
  FitOptions fit;
  MaximiserOptions maximiser;
  std::size_t elites = 6;  ///< observed points whose surroundings are searched for candidates
};

class GaussianProcessSampler {
 public:
  explicit GaussianProcessSampler(GaussianProcessOptions options = {}) : options_(std::move(options)) {}

  [[nodiscard]] EncodedPoints suggest(const SuggestRequest& request) {
    const auto& space = request.space;
    EncodedPoints points(static_cast<Eigen::Index>(request.count), static_cast<Eigen::Index>(space.size()));
    PointSet chosen;
    for (Eigen::Index i = 0; i < points.rows(); ++i) {
      points.row(i) = next(request, points.topRows(i), chosen);
      chosen.insert(points.row(i));
    }
    return points;
  }

 private:
  [[nodiscard]] EncodedPoint next(const SuggestRequest& request, const Eigen::Ref<const EncodedPoints>& before,
                                  const PointSet& chosen) {
    const auto& space = request.space;
    const auto taken = [&](const Eigen::Ref<const EncodedPoint>& point) {
      return request.history.seen().contains(point) || chosen.contains(point);
    };
    const std::size_t index = request.history.size() + static_cast<std::size_t>(before.rows());
    if (space.size() == 0) return EncodedPoint(0);
    if (index < initial(request) || request.history.count(TrialState::completed) < 2) {
      return design_point(request, index, taken);
    }
    return model_point(request, before, index, taken);
  }

  [[nodiscard]] std::size_t initial(const SuggestRequest& request) const {
    if (options_.initial) return *options_.initial;
    const std::size_t wanted = std::clamp<std::size_t>(request.space.size() + 2, 4, 12);
    return request.budget ? std::min(wanted, std::max<std::size_t>(*request.budget / 5, 2)) : wanted;
  }

  template <class Taken>
  [[nodiscard]] EncodedPoint design_point(const SuggestRequest& request, std::size_t index, const Taken& taken) const {
    const auto& space = request.space;
    EncodedPoint start(static_cast<Eigen::Index>(space.size()));
    for (std::size_t j = 0; j < space.size(); ++j) {
      start[static_cast<Eigen::Index>(j)] = space[j].snap(space[j].initial.value_or(0.5));
    }
    if (!taken(start)) return start;
    return quasi_random_points(space, request.seed, index, 1).row(0);
  }

  template <class Taken>
  [[nodiscard]] EncodedPoint model_point(const SuggestRequest& request, const Eigen::Ref<const EncodedPoints>& before,
                                         std::size_t index, const Taken& taken) {
    const auto& space = request.space;
    refit(request);
    std::vector<GaussianProcess>& models = models_;
    std::vector<double> incumbents;
    for (auto& model : models) {
      model.truncate(0);
      for (TrialId id = 0; id < request.history.size(); ++id) {
        if (request.history.state(id) == TrialState::pending) model.append(request.history.point(id));
      }
      for (Eigen::Index i = 0; i < before.rows(); ++i) model.append(before.row(i));
      model.prepare();
      incumbents.push_back(model.fitted().minCoeff());
    }
    LogExpectedImprovement acquisition{models, incumbents};
    numeric::Random random{request.seed, index};
    Maximiser maximiser{acquisition, space, taken, options_.maximiser};
    const auto found = maximiser(candidates(request, index, random), random);
    return found ? found->point : EncodedPoint(quasi_random_points(space, request.seed, index, 1).row(0));
  }

  void refit(const SuggestRequest& request) {
    TrainingData data = training_data(request.history);
    if (data_ && *data_ == data) return;
    data_ = std::move(data);
    const Kernel kernel{request.space};
    const Prior prior{request.space, options_.prior};
    const FittedParameters fitted =
        fit_parameters(kernel, *data_, prior, options_.fit,
                       numeric::Random{request.seed, static_cast<std::uint64_t>(data_->targets.size())});
    models_.clear();
    models_.emplace_back(kernel, data_->points, data_->targets, fitted.parameters, fitted.mean, fitted.scale);
  }

  // Completed trials, and failed ones with the worst target.
  [[nodiscard]] TrainingData training_data(const History& history) const {
    std::vector<TrialId> ids;
    std::vector<double> losses;
    for (TrialId id = 0; id < history.size(); ++id) {
      if (history.state(id) != TrialState::completed) continue;
      ids.push_back(id);
      losses.push_back(history.losses()[id]);
    }
    const double worst = *std::max_element(losses.begin(), losses.end());
    for (TrialId id = 0; id < history.size(); ++id) {
      if (history.state(id) != TrialState::failed) continue;
      ids.push_back(id);
      losses.push_back(worst);
    }
    TrainingData data;
    data.points.resize(static_cast<Eigen::Index>(ids.size()), static_cast<Eigen::Index>(history.dimensions()));
    for (std::size_t i = 0; i < ids.size(); ++i) data.points.row(static_cast<Eigen::Index>(i)) = history.point(ids[i]);
    data.targets = targets(losses, options_.warp).values;
    return data;
  }

  [[nodiscard]] EncodedPoints candidates(const SuggestRequest& request, std::size_t index,
                                         numeric::Random& random) const {
    const auto& space = request.space;
    const auto& sizes = options_.maximiser.candidates;
    const auto cardinality = space.cardinality();
    if (cardinality && *cardinality <= sizes.enumerate) return all_points(space);
    std::vector<Eigen::Index> order(static_cast<std::size_t>(data_->targets.size()));
    std::iota(order.begin(), order.end(), Eigen::Index{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](auto a, auto b) { return models_[0].fitted()[a] < models_[0].fitted()[b]; });
    order.resize(std::min(order.size(), options_.elites));
    const auto global = static_cast<Eigen::Index>(sizes.global), around = static_cast<Eigen::Index>(sizes.around);
    EncodedPoints points(global + around * static_cast<Eigen::Index>(order.size()),
                         static_cast<Eigen::Index>(space.size()));
    points.topRows(global) = quasi_random_points(space, request.seed + 1, index * sizes.global, sizes.global);
    EncodedPoint width(points.cols());
    for (Eigen::Index j = 0; j < width.size(); ++j) {
      width[j] = std::clamp(0.5 * Kernel::root_five / models_[0].scales()[j], 0.01, 0.3);
    }
    for (std::size_t e = 0; e < order.size(); ++e) {
      const EncodedPoint centre = data_->points.row(order[e]);
      perturb(space, centre, width, 20, random,
              points.middleRows(global + around * static_cast<Eigen::Index>(e), around));
    }
    return points;
  }

  GaussianProcessOptions options_;
  std::optional<TrainingData> data_;
  std::vector<GaussianProcess> models_;
};

static_assert(Sampler<GaussianProcessSampler>);

}  // namespace hposearch::inline v0
