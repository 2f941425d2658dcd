#include <set>
#include <vector>

#include <support/acquisition_models.hpp>
#include <support/catch.hpp>

#include <hposearch/acquisition/thompson.hpp>

using namespace hposearch;

TEST_CASE("A Thompson sample has the gradient of its values, and differs from trial to trial") {
  const auto models = support::models(2);
  const EncodedSpace space = support::mixed_space();
  const History history{5};
  const Observations known;
  std::set<double> values;
  for (std::uint64_t index = 0; index < 6; ++index) {
    const AcquisitionContext context{space, history, known, 7, index, support::parts(models, 0)};
    const auto sample = thompson_sampling()(context);
    support::check_gradient(*sample);
    CHECK(sample->measure() == Measure::real);
    const EncodedPoints centre = EncodedPoints::Constant(1, 5, 0.5);
    values.insert((*sample)(centre)[0]);
    CHECK((*thompson_sampling()(context))(centre)[0] == (*sample)(centre)[0]);
  }
  CHECK(values.size() == 6);
}
