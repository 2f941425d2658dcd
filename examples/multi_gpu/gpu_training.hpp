/// \file
/// Training on a GPU, as the rest of the program sees it: without a word of CUDA.
#pragma once

#include <functional>
#include <memory>

#include <hposearch/trial/context.hpp>

#include "training.hpp"

namespace digits_gpu {

/// As train(), on the first device of the trial's slot and in its stream, if it has one.
double train_on_gpu(const Settings& settings, const Images& training, const Images& validation,
                    const hposearch::TrialContext& context, const AfterEpoch& after_epoch);

/// For LocalGpusOptions::enter where trials are threads.
std::function<std::shared_ptr<void>(hposearch::TrialContext&)> streams_for_slots();

/// The version of the CUDA runtime that this program is built with.
int cuda_runtime();

}  // namespace digits_gpu
