/// \file
/// One run of CMA-ES over a mixed space: what it proposes and how it learns from a ranked population.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include <hposearch/numeric/random.hpp>
#include <hposearch/sampler/cma_es/categories.hpp>
#include <hposearch/sampler/cma_es/constants.hpp>
#include <hposearch/sampler/cma_es/gaussian.hpp>
#include <hposearch/sampler/cma_es/margin.hpp>
#include <hposearch/space/encoded_space.hpp>

namespace hposearch::inline v0::cma_es {

/// A point with what it was made from: `latent` holds the real and ordered dimensions before the latter were stretched
/// and rounded.
struct Sample {
  EncodedPoint point;
  Eigen::VectorXd latent;
  bool own = false;  ///< drawn from the very distribution that is to learn from it
};

/// The distribution of one run. Real and ordered dimensions share a Gaussian, ordered ones with margin; categorical
/// ones have distributions of their own. Refers to the space, which must outlive it.
class Strategy {
 public:
  /// \param start where the mean begins, a coordinate per dimension
  Strategy(const EncodedSpace& space, const EncodedPoint& start, double sigma, std::size_t population)
      : space_(&space), population_(population) {
    std::vector<std::size_t> sizes;
    for (std::size_t j = 0; j < space.size(); ++j) {
      if (space[j].kind == DimensionKind::categorical) {
        categorical_.push_back(j);
        sizes.push_back(space[j].cells);
      } else {
        numerical_.push_back(j);
      }
    }
    categories_.emplace(sizes);
    stretch_.assign(numerical_.size(), 1);
    if (numerical_.empty()) return;
    Eigen::VectorXd mean(static_cast<Eigen::Index>(numerical_.size()));
    for (std::size_t j = 0; j < numerical_.size(); ++j) mean[at(j)] = start[at(numerical_[j])];
    gaussian_.emplace(std::move(mean), sigma);
  }

  /// Individuals of a generation.
  [[nodiscard]] std::size_t population() const noexcept { return population_; }

  /// The numerical part, if the space has any.
  [[nodiscard]] const std::optional<Gaussian>& gaussian() const noexcept { return gaussian_; }

  /// Draws a point. Real coordinates outside the cube are drawn again, up to 100 times in few dimensions, and clipped
  /// in the end.
  [[nodiscard]] Sample sample(numeric::Random random) const {
    Sample result;
    result.point.resize(at(space_->size()));
    if (gaussian_) {
      const std::size_t tries = std::clamp<std::size_t>(40000 / (numerical_.size() * numerical_.size()), 1, 100);
      for (std::size_t i = 0; i < tries; ++i) {
        result.latent = gaussian_->sample(random);
        if (feasible(result.latent)) break;
      }
    }
    for (std::size_t j = 0; j < numerical_.size(); ++j) {
      const auto& dimension = (*space_)[numerical_[j]];
      double& x = result.latent[at(j)];
      double u = x;
      if (dimension.discrete()) {
        const double mean = gaussian_->mean()[at(j)];
        u = mean + stretch_[j] * (x - mean);
      } else {
        x = std::clamp(x, 0.0, 1.0);
      }
      result.point[at(numerical_[j])] = dimension.snap(u);
    }
    for (std::size_t j = 0; j < categorical_.size(); ++j) {
      result.point[at(categorical_[j])] = (*space_)[categorical_[j]].centre(categories_->sample(j, random));
    }
    return result;
  }

  /// A point that came from elsewhere: its latent coordinates are those nearest to the mean that give the point.
  [[nodiscard]] Sample adopt(const EncodedPoint& point) const {
    Sample result{point, Eigen::VectorXd(at(numerical_.size())), false};
    for (std::size_t j = 0; j < numerical_.size(); ++j) {
      const auto& dimension = (*space_)[numerical_[j]];
      double u = point[at(numerical_[j])];
      if (dimension.discrete()) {
        const std::size_t cell = dimension.cell(u);
        const double mean = gaussian_->mean()[at(j)];
        const double nearest = std::clamp(mean, dimension.border(cell), dimension.border(cell + 1));
        u = mean + (nearest - mean) / stretch_[j];
      }
      result.latent[at(j)] = u;
    }
    return result;
  }

  /// Learns from a generation, at least two individuals, best first.
  /// \param best the smallest loss
  void update(const std::vector<Sample>& samples, double best) {
    const Constants constants{std::max<std::size_t>(numerical_.size(), 1), samples.size()};
    if (gaussian_) {
      Eigen::MatrixXd latents(at(numerical_.size()), at(samples.size()));
      std::vector<bool> own;
      for (std::size_t i = 0; i < samples.size(); ++i) {
        latents.col(at(i)) = samples[i].latent;
        own.push_back(samples[i].own);
      }
      gaussian_->update(latents, own, constants);
      keep_margins();
    }
    std::vector<std::vector<std::size_t>> cells;
    for (const Sample& sample : samples) {
      cells.emplace_back();
      for (const std::size_t j : categorical_) cells.back().push_back((*space_)[j].cell(sample.point[at(j)]));
    }
    categories_->update(cells, constants.weights);
    // In halves, so that the largest numbers do not overflow.
    const bool changed = !(std::fabs(best / 2 - reference_ / 2) <= 1e-13 * (std::fabs(best) / 2));
    flat_ = changed ? 0 : flat_ + 1;
    if (changed) reference_ = best;
  }

  /// Whether more generations would find nothing new: the distribution has shrunk to rounding errors, is degenerate, or
  /// the best loss of every generation has long been the same.
  [[nodiscard]] bool converged() const {
    const std::size_t patience = 10 + 30 * numerical_.size() / population_;
    if (flat_ >= patience) return true;
    return gaussian_ && (gaussian_->largest_deviation() < 1e-12 || gaussian_->condition() > 1e14);
  }

 private:
  [[nodiscard]] static Eigen::Index at(std::size_t i) noexcept { return static_cast<Eigen::Index>(i); }

  [[nodiscard]] bool feasible(const Eigen::VectorXd& latent) const {
    for (std::size_t j = 0; j < numerical_.size(); ++j) {
      if ((*space_)[numerical_[j]].discrete()) continue;
      if (!(latent[at(j)] >= 0 && latent[at(j)] <= 1)) return false;
    }
    return true;
  }

  void keep_margins() {
    const double margin = 1 / static_cast<double>(numerical_.size() * population_);
    for (std::size_t j = 0; j < numerical_.size(); ++j) {
      const auto& dimension = (*space_)[numerical_[j]];
      double& mean = gaussian_->mean()[at(j)];
      mean = std::clamp(mean, 0.0, 1.0);
      if (!dimension.discrete()) continue;
      const Marginal kept = keep_margin(dimension, {mean, stretch_[j]}, gaussian_->deviation(at(j)), margin);
      mean = kept.mean;
      stretch_[j] = kept.stretch;
    }
  }

  const EncodedSpace* space_;
  std::size_t population_;
  std::vector<std::size_t> numerical_, categorical_;
  std::optional<Gaussian> gaussian_;
  std::vector<double> stretch_;
  std::optional<Categories> categories_;
  double reference_ = std::numeric_limits<double>::quiet_NaN();  // best loss of a generation
  std::size_t flat_ = 0;                                         // generations since that had the same
};

}  // namespace hposearch::inline v0::cma_es
