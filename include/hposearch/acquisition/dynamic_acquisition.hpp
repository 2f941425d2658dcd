/// \file
/// An acquisition whose type is chosen at run time, and what it is made from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include <Eigen/Core>

#include <hposearch/acquisition/log_expected_improvement.hpp>
#include <hposearch/space/encoded_space.hpp>
#include <hposearch/surrogate/observations.hpp>
#include <hposearch/trial/history.hpp>

namespace hposearch::inline v0 {

/// What an acquisition's values are, which decides how a probability enters them.
enum class Measure : unsigned char {
  logarithm,  ///< of something positive: the logarithm of the probability is added
  positive,   ///< multiplied by the probability
  real,       ///< of either sign, in the targets' standard deviations: the logarithm of the probability is added
};

/// A model of the Acquisition concept by virtual functions. The sampler's own acquisition goes without them.
class DynamicAcquisition {
 public:
  virtual ~DynamicAcquisition() = default;
  [[nodiscard]] virtual Measure measure() const noexcept { return Measure::logarithm; }
  /// Values at the rows of `points` (canonical).
  [[nodiscard]] virtual Eigen::ArrayXd operator()(const Eigen::Ref<const EncodedPoints>& points) = 0;
  /// Bounds or guesses of them at a cost linear in the number of data.
  [[nodiscard]] virtual Eigen::ArrayXd screen(const Eigen::Ref<const EncodedPoints>& points) = 0;
  /// Value at one point, not necessarily canonical, and its gradient (0 for categories).
  [[nodiscard]] virtual double operator()(const Eigen::Ref<const EncodedPoint>& point,
                                          Eigen::Ref<EncodedPoint> gradient) = 0;

 protected:
  DynamicAcquisition() = default;
  DynamicAcquisition(const DynamicAcquisition&) = default;
  DynamicAcquisition(DynamicAcquisition&&) = default;
  DynamicAcquisition& operator=(const DynamicAcquisition&) = default;
  DynamicAcquisition& operator=(DynamicAcquisition&&) = default;
};

/// What is known when the next point is to be chosen. The references are valid while the acquisition is used.
struct AcquisitionContext {
  const EncodedSpace& space;
  const History& history;
  const Observations& known;  ///< what the models learned from, in the order in which it came
  std::uint64_t seed;         ///< the study's
  std::uint64_t index;        ///< of the trial that the point is for
  /// The models, conditioned on pending points and prepared, with their weights and the values to improve upon.
  std::vector<LogExpectedImprovement::Part> parts;
};

/// Makes an acquisition for each point to be chosen. May keep caches, but what it makes depends on the context alone.
/// The rule must outlive what it makes, which is no longer valid once it makes another.
using AcquisitionRule = std::function<std::unique_ptr<DynamicAcquisition>(const AcquisitionContext&)>;

/// Holds an acquisition that has no virtual functions.
template <class A>
class DynamicAcquisitionOf final : public DynamicAcquisition {
 public:
  explicit DynamicAcquisitionOf(A acquisition) : acquisition_(std::move(acquisition)) {}

  [[nodiscard]] Eigen::ArrayXd operator()(const Eigen::Ref<const EncodedPoints>& points) override {
    return acquisition_(points);
  }
  [[nodiscard]] Eigen::ArrayXd screen(const Eigen::Ref<const EncodedPoints>& points) override {
    return acquisition_.screen(points);
  }
  [[nodiscard]] double operator()(const Eigen::Ref<const EncodedPoint>& point,
                                  Eigen::Ref<EncodedPoint> gradient) override {
    return acquisition_(point, gradient);
  }

 private:
  A acquisition_;
};

}  // namespace hposearch::inline v0
