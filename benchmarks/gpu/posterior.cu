// Is the surrogate's posterior faster on a GPU, and is it the same? Fits n points and predicts at 100,000 candidates.
// The processor is asked up to 4,000 points, at 1,000 candidates.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <string>

#include <Eigen/Core>

#include <hposearch/cuda/posterior.hpp>
#include <hposearch/executor/gpu/find.hpp>
#include <hposearch/numeric/random.hpp>
#include <hposearch/surrogate/gaussian_process.hpp>

namespace hpo = hposearch;

namespace {

constexpr int dimensions = 10;

Eigen::MatrixXd random_points(Eigen::Index count, std::uint64_t seed) {
  hpo::numeric::Random random{seed};
  return Eigen::MatrixXd::NullaryExpr(count, dimensions, [&] { return random.uniform(); });
}

template <class Call>
double seconds(const Call& call) {
  const auto begin = std::chrono::steady_clock::now();
  call();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// The largest difference, relative to the larger of the values' spread and the value.
double difference(const Eigen::ArrayXd& a, const Eigen::ArrayXd& b) {
  return ((a - b).abs() / b.abs().max(1e-3 * (b.maxCoeff() - b.minCoeff()))).maxCoeff();
}

struct Problem {
  Eigen::MatrixXd points, candidates;
  Eigen::VectorXd targets, parameters;
  hpo::Kernel kernel;
};

Problem make_problem(Eigen::Index n) {
  hpo::EncodedDimension axis;
  axis.kind = hpo::DimensionKind::real;
  std::vector<hpo::EncodedDimension> axes;
  for (int j = 0; j < dimensions; ++j) {
    axis.name = "x" + std::to_string(j);
    axes.push_back(axis);
  }
  Problem problem{random_points(n, 1), random_points(100'000, 2), {}, {}, hpo::Kernel{hpo::EncodedSpace{axes}}};
  problem.targets = (problem.points.array() - 0.3).square().rowwise().sum();
  problem.parameters = Eigen::VectorXd::Constant(dimensions + 1, std::log(0.7));
  problem.parameters[dimensions] = std::log(1e-4);
  return problem;
}

void row(Eigen::Index n) {
  const Problem problem = make_problem(n);
  const auto& [points, candidates, targets, parameters, kernel] = problem;
  hpo::Prediction on_gpu;
  double fit = 0, predict = 0;
  for (int repetition = 0; repetition < 2; ++repetition) {  // the first one starts the libraries
    std::unique_ptr<hpo::cuda::Posterior> posterior;
    fit = seconds([&] {
      posterior = std::make_unique<hpo::cuda::Posterior>(kernel, points, targets, parameters, 1.0, 2.0);
      hpo::cuda::check(cudaDeviceSynchronize());
    });
    predict = seconds([&] { on_gpu = posterior->predict(candidates); });
  }
  const double size = static_cast<double>(n), m = static_cast<double>(candidates.rows());
  std::printf("%6ld %10.4f %8.0f %10.4f %8.0f", static_cast<long>(n), fit, size * size * size / 3 / fit * 1e-9, predict,
              size * size * m / predict * 1e-9);
  if (n <= 4000) {
    std::unique_ptr<hpo::GaussianProcess> model;
    const double cpu_fit =
        seconds([&] { model = std::make_unique<hpo::GaussianProcess>(kernel, points, targets, parameters, 1.0, 2.0); });
    hpo::Prediction on_cpu;
    const double cpu_predict = seconds([&] { on_cpu = model->predict(candidates.topRows(1000)); });
    std::printf(" %10.4f %10.2f %10.1e %10.1e", cpu_fit, 100 * cpu_predict,
                difference(on_gpu.mean.head(1000), on_cpu.mean),
                difference(on_gpu.variance.head(1000), on_cpu.variance));
  }
  std::printf("\n");
}

}  // namespace

int main() {
  try {
    const auto devices = hpo::find_devices().list();
    std::printf("%s\n", hpo::to_text(devices.front()).c_str());
  } catch (const hpo::NoDevice& error) {
    std::printf("skipped: %s\n", error.what());
    return 0;
  }
  std::printf("%6s %10s %8s %10s %8s %10s %10s %10s %10s\n", "n", "fit s", "GFLOP/s", "predict s", "GFLOP/s",
              "CPU fit s", "CPU pred s", "mean diff", "var diff");
  try {
    for (const Eigen::Index n : {1000, 2000, 4000, 10'000, 20'000}) row(n);
  } catch (const hpo::Error& error) {
    std::printf("%s\n", error.what());
    return 1;
  }
}
