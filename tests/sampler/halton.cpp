#include <support/catch.hpp>
#include <support/dimensions.hpp>
#include <support/sampler_properties.hpp>

#include <hposearch/sampler/halton.hpp>

using namespace hposearch;

TEST_CASE("Halton's points keep to the cube, whatever the space and the losses") {
  support::check_sampler([] { return AnySampler{HaltonSampler{}}; }, 30, 30);
}

TEST_CASE("Trial i gets point i of the sequence, in whatever batches") {
  const EncodedSpace space = support::reals(3);
  const EncodedPoints together = HaltonSampler{}.suggest({space, History{3}, 4, 6, {}});
  History history{3};
  for (Eigen::Index i = 0; i < 6; ++i) {
    CHECK(HaltonSampler{}.suggest({space, history, 4, 1, {}}).row(0) == together.row(i));
    history.create(EncodedPoint::Constant(3, 0.5));
  }
  CHECK(HaltonSampler{}.suggest({space, History{3}, 5, 6, {}}) != together);
}
