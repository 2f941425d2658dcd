/// \file
/// The default sampler.
#pragma once

#include <hposearch/sampler.hpp>
#include <hposearch/sampler/gaussian_process.hpp>

namespace hposearch::inline v0 {

/// Chooses how to search from the space, the budget and the history.
class AutoSampler {
 public:
  [[nodiscard]] EncodedPoints suggest(const SuggestRequest& request) { return model_.suggest(request); }

 private:
  GaussianProcessSampler model_;
};

static_assert(Sampler<AutoSampler>);

}  // namespace hposearch::inline v0
