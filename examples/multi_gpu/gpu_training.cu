#include <hposearch/cuda/streams.hpp>

#include "gpu_backend.cuh"
#include "gpu_training.hpp"

namespace digits_gpu {

double train_on_gpu(const Settings& settings, const Images& training, const Images& validation,
                    const hposearch::TrialContext& context, const AfterEpoch& after_epoch) {
  Gpu gpu{hposearch::cuda::stream(context)};
  return train(gpu, settings, training, validation, after_epoch);
}

std::function<std::shared_ptr<void>(hposearch::TrialContext&)> streams_for_slots() {
  return hposearch::cuda::streams();
}

int cuda_runtime() { return CUDART_VERSION; }

}  // namespace digits_gpu
