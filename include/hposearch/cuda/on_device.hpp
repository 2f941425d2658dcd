/// \file
/// A device as the place where the surrogate is fitted and conditioned.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include <Eigen/Core>

#include <hposearch/cuda/algebra.hpp>
#include <hposearch/cuda/evidence.hpp>
#include <hposearch/cuda/posterior.hpp>
#include <hposearch/surrogate/kernel.hpp>

namespace hposearch::inline v0::cuda {

/// What OnProcessor is for the processor. The device is not touched before there is something to compute, so that a
/// program can fork until then. Copies use the same algebra.
template <Algebra A>
class OnDevice {
 public:
  using Model = PosteriorOn<A>;

  /// \param room    pending points that models have room for
  /// \param algebra a new one for the device that is current when it is first needed, if empty
  explicit OnDevice(std::size_t room = 128, std::shared_ptr<A> algebra = {})
      : room_(room), algebra_(std::make_shared<std::shared_ptr<A>>(std::move(algebra))) {}

  [[nodiscard]] EvidenceOn<A> evidence(const Kernel& kernel, const Eigen::MatrixXd& points,
                                       const Eigen::VectorXd& targets, double scale_weight) const {
    return {algebra(), kernel, points, targets, scale_weight};
  }

  [[nodiscard]] Model model(const Kernel& kernel, const Eigen::MatrixXd& points, const Eigen::VectorXd& targets,
                            const Eigen::VectorXd& parameters, double scale_weight) const {
    return {algebra(), room_, kernel, points, targets, parameters, scale_weight};
  }

 private:
  [[nodiscard]] const std::shared_ptr<A>& algebra() const {
    if (!*algebra_) *algebra_ = std::make_shared<A>();
    return *algebra_;
  }

  std::size_t room_;
  std::shared_ptr<std::shared_ptr<A>> algebra_;
};

}  // namespace hposearch::inline v0::cuda
