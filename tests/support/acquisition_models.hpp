// Models and checks for tests of acquisitions.
#pragma once

#include <cstddef>
#include <vector>

#include <support/catch.hpp>
#include <support/encoded_spaces.hpp>

#include <hposearch/acquisition/dynamic_acquisition.hpp>
#include <hposearch/acquisition/log_expected_improvement.hpp>
#include <hposearch/numeric/random.hpp>
#include <hposearch/surrogate/gaussian_process.hpp>

namespace support {

using namespace hposearch;

// Gaussian processes with different lengthscales on the same 20 points of mixed_space(), the last `pending` of them
// without a value.
inline std::vector<GaussianProcess> models(std::size_t count, Eigen::Index pending = 0) {
  const EncodedSpace space = mixed_space();
  numeric::Random random{11};
  const EncodedPoints points = random_points(space, 20, random);
  Eigen::VectorXd targets(20 - pending);
  for (auto& y : targets) y = random.normal();
  std::vector<GaussianProcess> result;
  for (std::size_t m = 0; m < count; ++m) {
    Eigen::VectorXd parameters = Eigen::VectorXd::Constant(6, -0.5 - 0.4 * static_cast<double>(m));
    parameters[5] = -6;
    result.emplace_back(Kernel{space}, points.topRows(20 - pending), targets, parameters, 0.1, 1.3);
    for (Eigen::Index i = 20 - pending; i < 20; ++i) result.back().append(points.row(i));
    result.back().prepare();
  }
  return result;
}

// All of them with the same incumbent, the second half as heavy as the first and so on.
inline std::vector<LogExpectedImprovement::Part> parts(const std::vector<GaussianProcess>& models, double incumbent) {
  std::vector<LogExpectedImprovement::Part> result;
  for (const auto& model : models) result.push_back({&model, incumbent, -0.69 * static_cast<double>(result.size())});
  return result;
}

// That values in a batch and alone agree, and the gradient (of the numeric dimensions) with central differences.
template <class A>
void check_gradient(A& acquisition) {
  numeric::Random random{13};
  const EncodedPoints points = random_points(mixed_space(), 4, random);
  const Eigen::ArrayXd values = acquisition(points);
  EncodedPoint gradient(points.cols()), unused(points.cols());
  for (Eigen::Index i = 0; i < points.rows(); ++i) {
    CHECK(acquisition(points.row(i), gradient) == Approx(values[i]).epsilon(1e-8).margin(1e-12));
    CHECK(gradient[4] == 0);
    for (Eigen::Index j = 0; j < 4; ++j) {
      EncodedPoint up = points.row(i), down = points.row(i);
      up[j] += 1e-6;
      down[j] -= 1e-6;
      const double difference = (acquisition(up, unused) - acquisition(down, unused)) / 2e-6;
      CHECK(gradient[j] == Approx(difference).epsilon(1e-4).margin(1e-5));
    }
  }
}

}  // namespace support
