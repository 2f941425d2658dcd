#include <cmath>
#include <memory>

#include <support/acquisition_models.hpp>
#include <support/catch.hpp>

#include <hposearch/acquisition/per_second.hpp>

using namespace hposearch;

namespace {

// Trials whose run time grows tenfold along the first dimension.
History timed(std::size_t count) {
  History history{5};
  numeric::Random random{5};
  const EncodedPoints points = support::random_points(support::mixed_space(), count, random);
  for (Eigen::Index i = 0; i < points.rows(); ++i) {
    const TrialId id = history.create(points.row(i));
    history.complete(id, random.normal());
    history.took(id, std::pow(10, points(i, 0)));
  }
  return history;
}

}  // namespace

TEST_CASE("The improvement per second is the improvement by the run time that is expected") {
  const auto models = support::models(2);
  const EncodedSpace space = support::mixed_space();
  const History history = timed(30);
  const Observations known;
  const AcquisitionContext context{space, history, known, 7, 1, support::parts(models, -0.5)};
  const AcquisitionRule rule = improvement_per_second();
  const auto acquisition = rule(context);
  support::check_gradient(*acquisition);

  LogExpectedImprovement plain{context.parts};
  EncodedPoints points = EncodedPoints::Constant(2, 5, 0.5);
  points(0, 0) = 0.1;
  points(1, 0) = 0.9;
  const Eigen::ArrayXd factor = (*acquisition)(points)-plain(points);
  CHECK(factor[0] - factor[1] == Approx(0.8 * std::log(10)).epsilon(0.1));
}

TEST_CASE("It is the improvement alone where run times are unknown, few, or equal") {
  const auto models = support::models(1);
  const EncodedSpace space = support::mixed_space();
  const Observations known;
  History few = timed(2), equal = timed(8), unknown{5};
  for (TrialId id = 0; id < 8; ++id) equal.took(id, 3);
  few.create(EncodedPoint::Constant(5, 0.5));
  for (const History* history : {&few, &equal, &unknown}) {
    const AcquisitionContext context{space, *history, known, 7, 1, support::parts(models, -0.5)};
    const EncodedPoints points = EncodedPoints::Constant(1, 5, 0.5);
    CHECK((*improvement_per_second()(context))(points)[0] == LogExpectedImprovement{context.parts}(points)[0]);
  }
}
