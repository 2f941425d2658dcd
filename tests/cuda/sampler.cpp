#include <memory>

#include <support/catch.hpp>
#include <support/encoded_spaces.hpp>

#include <hposearch/cuda/host_algebra.hpp>
#include <hposearch/cuda/sampler.hpp>
#include <hposearch/sampler.hpp>

using namespace hposearch;
using SamplerOnHost = cuda::GaussianProcessSamplerOn<cuda::HostAlgebra>;

static_assert(Sampler<SamplerOnHost>);

namespace {

double sum_of_squares(const EncodedPoint& x) {
  double sum = x[4] > 0.5 ? 0.5 : 0;
  for (Eigen::Index j = 0; j < 4; ++j) sum += (x[j] - 0.3) * (x[j] - 0.3);
  return sum;
}

// A history with trials that are pending and, if wanted, some that failed.
History history_of(const EncodedSpace& space, std::size_t failures) {
  numeric::Random random{4};
  History history{space.size()};
  const EncodedPoints points = support::random_points(space, 24, random);
  for (Eigen::Index i = 0; i < points.rows(); ++i) {
    const TrialId id = history.create(points.row(i));
    if (i < 20) history.complete(id, sum_of_squares(points.row(i)));
    if (i >= 20 && i < 20 + static_cast<Eigen::Index>(failures)) history.end(id, TrialState::failed);
  }
  return history;
}

}  // namespace

TEST_CASE("the sampler on a device proposes what it proposes on the processor, with trials in flight and failed") {
  const EncodedSpace space = support::mixed_space();
  cuda::GaussianProcessOptions options;
  options.device_from = 0;
  options.most_on_device = 160;  // as on the processor
  // Screening by bounds there, by values here: without it both see the same.
  options.model.maximiser.candidates.global = 60;
  options.model.maximiser.candidates.around = 10;
  options.model.elites = 2;
  for (const std::size_t failures : {0U, 3U}) {
    const History history = history_of(space, failures);
    SamplerOnHost on_device{options};
    GaussianProcessSampler on_processor{options.model};
    const SuggestRequest request{space, history, 5, 2, {}};
    const EncodedPoints found = on_device.suggest(request), expected = on_processor.suggest(request);
    REQUIRE(found.rows() == 2);
    CHECK((found - expected).cwiseAbs().maxCoeff() < 1e-3);
  }
}

TEST_CASE("the device is used from as many trials on as wanted, and not touched before") {
  const EncodedSpace space = support::mixed_space();
  const History history = history_of(space, 0);
  cuda::GaussianProcessOptions options;
  options.device_from = 21;
  const SuggestRequest request{space, history, 5, 1, {}};
  CHECK(SamplerOnHost{options}.suggest(request) == GaussianProcessSampler{}.suggest(request));
}

TEST_CASE("what is made for models on the processor is refused") {
  cuda::GaussianProcessOptions options;
  options.model.pending = PendingStrategy::fantasies;
  CHECK_THROWS_AS(SamplerOnHost{options}, InvalidArgument);
  options.model.pending = PendingStrategy::believer;
  options.model.acquisition = [](const AcquisitionContext&) { return std::unique_ptr<DynamicAcquisition>{}; };
  CHECK_THROWS_AS(SamplerOnHost{options}, InvalidArgument);
}
