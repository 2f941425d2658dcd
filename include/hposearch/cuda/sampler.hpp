/// \file
/// Bayesian optimisation with a Gaussian process on a device.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include <hposearch/cuda/algebra.hpp>
#include <hposearch/cuda/on_device.hpp>
#include <hposearch/sampler.hpp>
#include <hposearch/sampler/gaussian_process.hpp>

namespace hposearch::inline v0::cuda {

struct GaussianProcessOptions {
  hposearch::GaussianProcessOptions model{};
  /// Ended trials from which on the device is used. Not measured: benchmarks/gpu.sh measures it.
  std::size_t device_from = 1000;
  /// Observations that a model on the device is fitted to and conditioned on; of more, a working set. In the place of
  /// `model.surrogate.most_observations` and `model.surrogate.fit.most_observations`, which are for the processor.
  std::size_t most_on_device = 20'000;
};

/// The GaussianProcessSampler of the library up to some number of trials, and from then on the same on a device, with
/// the exact posterior of all trials in the place of that of a working set.
///
/// What it proposes depends on the request and on the device: sums differ in their last bits from one kind of device to
/// another. It must be called by one thread, in which the device is current. A program that uses it has used CUDA, and
/// cannot fork processes that do: trials of the same program that use GPUs need Isolation::thread.
template <Algebra A>
class GaussianProcessSamplerOn {
 public:
  /// \throws InvalidArgument as hposearch::GaussianProcessSamplerOn
  explicit GaussianProcessSamplerOn(GaussianProcessOptions options = {}, std::shared_ptr<A> algebra = {})
      : device_from_(options.device_from),
        on_device_(for_device(options), OnDevice<A>{options.model.most_in_flight, std::move(algebra)}),
        on_processor_(std::move(options.model)) {}

  [[nodiscard]] EncodedPoints suggest(const SuggestRequest& request) {
    return request.history.ended().size() < device_from_ ? on_processor_.suggest(request) : on_device_.suggest(request);
  }

 private:
  [[nodiscard]] static hposearch::GaussianProcessOptions for_device(const GaussianProcessOptions& options) {
    hposearch::GaussianProcessOptions model = options.model;
    model.surrogate.most_observations = model.surrogate.fit.most_observations = options.most_on_device;
    return model;
  }

  std::size_t device_from_;
  hposearch::GaussianProcessSamplerOn<OnDevice<A>> on_device_;
  hposearch::GaussianProcessSampler on_processor_;
};

}  // namespace hposearch::inline v0::cuda
