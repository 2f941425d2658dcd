#include <cmath>

#include <support/catch.hpp>
#include <support/encoded_spaces.hpp>

#include <hposearch/acquisition/maximiser.hpp>
#include <hposearch/numeric/random.hpp>

using namespace hposearch;

namespace {

// A hill with a known top over a mixed space; its categories differ by a constant.
struct Hill {
  EncodedSpace space = support::mixed_space();
  EncodedPoint top = EncodedPoint::Constant(5, 0.37);
  int evaluations = 0;

  [[nodiscard]] double at(const Eigen::Ref<const EncodedPoint>& x) const {
    return -(x - top).head(4).squaredNorm() + (space[4].cell(x[4]) == 2 ? 0.3 : 0);
  }
  [[nodiscard]] Eigen::ArrayXd operator()(const EncodedPoints& points) {
    Eigen::ArrayXd values(points.rows());
    for (Eigen::Index i = 0; i < points.rows(); ++i) values[i] = at(points.row(i));
    return values;
  }
  [[nodiscard]] Eigen::ArrayXd screen(const EncodedPoints& points) { return (*this)(points); }
  [[nodiscard]] double operator()(const EncodedPoint& x, EncodedPoint& gradient) {
    gradient = -2 * (x - top);
    gradient[4] = 0;
    ++evaluations;
    return at(x);
  }
};

}  // namespace

TEST_CASE("The maximiser finds the top of a hill over reals, cells and categories") {
  Hill hill;
  numeric::Random random{1};
  const auto nothing_taken = [](const Eigen::Ref<const EncodedPoint>&) { return false; };
  Maximiser maximiser{hill, hill.space, nothing_taken, MaximiserOptions{}};
  const auto found = maximiser(quasi_random_points(hill.space, 1, 0, 40), random);
  REQUIRE(found);
  CHECK(found->point[0] == Approx(0.37).margin(1e-3));
  CHECK(found->point[1] == Approx(0.37).margin(1e-3));
  CHECK(hill.space[2].cell(found->point[2]) == hill.space[2].cell(0.37));
  CHECK(hill.space[3].cell(found->point[3]) == hill.space[3].cell(0.37));
  CHECK(hill.space[4].cell(found->point[4]) == 2);
  CHECK(found->value == hill.at(found->point));
}

TEST_CASE("Taken points are passed over, and where all are taken there is no maximum") {
  Hill hill;
  numeric::Random random{2};
  const auto upper_half = [](const Eigen::Ref<const EncodedPoint>& point) { return point[0] < 0.5; };
  const EncodedPoints candidates = quasi_random_points(hill.space, 1, 0, 60);
  Maximiser some{hill, hill.space, upper_half, MaximiserOptions{}};
  const auto found = some(candidates, random);
  REQUIRE(found);
  CHECK(found->point[0] >= 0.5);
  const auto everything = [](const Eigen::Ref<const EncodedPoint>&) { return true; };
  Maximiser none{hill, hill.space, everything, MaximiserOptions{}};
  CHECK_FALSE(none(candidates, random));
}
