#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include <support/catch.hpp>

#include <hposearch/numeric/random.hpp>
#include <hposearch/surrogate/targets.hpp>

using namespace hposearch;

namespace {

const std::vector<TargetWarp> warps{{.half_rank = false, .log_offset = 1, .yeo_johnson = false},
                                    {.half_rank = true, .log_offset = 1, .yeo_johnson = false},
                                    {.half_rank = false, .log_offset = 1.5, .yeo_johnson = false},
                                    {.half_rank = false, .log_offset = 1, .yeo_johnson = true},
                                    {.half_rank = true, .log_offset = 1.5, .yeo_johnson = true}};

void check_standardised(const Eigen::VectorXd& y) {
  CHECK(y.mean() == Approx(0).margin(1e-12));
  CHECK(std::sqrt(y.squaredNorm() / static_cast<double>(y.size())) == Approx(1));
}

}  // namespace

TEST_CASE("Targets are standardised and keep the order of the losses") {
  numeric::Random random{1};
  std::vector<double> losses(41);
  for (auto& loss : losses) loss = std::exp(5 * random.normal());
  losses[7] = losses[3];
  for (const auto& warp : warps) {
    const Eigen::VectorXd y = targets(losses, warp).values;
    check_standardised(y);
    CHECK(y[7] == y[3]);
    for (std::size_t i = 0; i < losses.size(); ++i) {
      for (std::size_t k = 0; k < losses.size(); ++k) {
        if (losses[i] < losses[k]) CHECK(y[static_cast<Eigen::Index>(i)] <= y[static_cast<Eigen::Index>(k)]);
      }
    }
  }
}

TEST_CASE("The half-rank warp leaves the good half alone and tames the rest") {
  const std::vector<double> losses{1, 2, 3, 4, 5, 6, 1e9};
  const Eigen::VectorXd y = targets(losses, {.half_rank = true, .log_offset = 1, .yeo_johnson = false}).values;
  CHECK(y[2] - y[1] == Approx(y[1] - y[0]));
  CHECK(y[3] - y[2] == Approx(y[1] - y[0]));
  CHECK(y[6] - y[5] < 3 * (y[1] - y[0]));
  CHECK(y[6] > y[5]);
}

TEST_CASE("Visits to a plateau of equal best losses do not change the half-rank warp's scale") {
  std::vector<double> losses{0, 1, 2, 3, 4, 5, 6};
  const TargetWarp warp{.half_rank = true, .log_offset = 1, .yeo_johnson = false};
  const auto step = [&] {
    const Eigen::VectorXd y = targets(losses, warp).values;
    return (y[6] - y[1]) / (y[1] - y[0]);
  };
  const double before = step();
  losses.insert(losses.end(), 20, 0.0);
  CHECK(step() == Approx(before));
}

TEST_CASE("Yeo-Johnson makes log-normal losses nearly symmetric") {
  numeric::Random random{2};
  std::vector<double> losses(400);
  for (auto& loss : losses) loss = std::exp(random.normal());
  const Eigen::VectorXd plain = targets(losses, warps[0]).values, warped = targets(losses, warps[3]).values;
  CHECK(plain.array().cube().mean() > 2);
  CHECK(std::fabs(warped.array().cube().mean()) < 0.5);
}

TEST_CASE("Slopes are the derivatives of targets by losses") {
  numeric::Random random{3};
  std::vector<double> losses(60);
  for (auto& loss : losses) loss = random.normal();
  losses.push_back(-0.5);
  losses.push_back(-0.5 + 1e-7);
  for (const auto& warp : warps) {
    const Targets y = targets(losses, warp);
    const double slope = (y.values[61] - y.values[60]) / 1e-7;
    // The losses are divided by the power of two above the largest before anything else.
    const double largest = std::fabs(*std::max_element(losses.begin(), losses.end(),
                                                       [](double a, double b) { return std::fabs(a) < std::fabs(b); }));
    CHECK(y.log_slope[60] - std::log(2.0) * (std::ilogb(largest) + 1) == Approx(std::log(slope)).epsilon(1e-4));
  }
}

TEST_CASE("Constant, two-valued, huge, tiny and lone losses give finite targets") {
  const double huge = std::numeric_limits<double>::max(), tiny = std::numeric_limits<double>::denorm_min();
  const std::vector<std::vector<double>> cases{{},
                                               {3},
                                               {2, 2, 2, 2},
                                               {0, 0, 0},
                                               {1, 2, 1, 2, 2},
                                               {-huge, huge, 0},
                                               {1, 2, 3, 1e300},
                                               {-1e300, 1, 2, 3},
                                               {tiny, 2 * tiny, 0, 5 * tiny},
                                               {1, 1 + 1e-15, 1, 1}};
  for (const auto& losses : cases) {
    for (const auto& warp : warps) {
      const Eigen::VectorXd y = targets(losses, warp).values;
      REQUIRE(y.size() == static_cast<Eigen::Index>(losses.size()));
      CHECK(y.allFinite());
      const bool constant = std::all_of(losses.begin(), losses.end(), [&](double v) { return v == losses[0]; });
      if (constant) CHECK(y.isZero(0));
    }
  }
}
