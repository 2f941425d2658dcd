// Is the surrogate faster on a GPU than on the processor, is it the same, and how much of the GPU does it use? Writes
// Markdown. The processor is asked up to 4,000 points, and predicts at 1,000 of the 100,000 candidates.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <Eigen/Core>

#include <hposearch/cuda/gaussian_process.hpp>
#include <hposearch/executor/gpu/find.hpp>
#include <hposearch/numeric/random.hpp>
#include <hposearch/surrogate/evidence.hpp>
#include <hposearch/surrogate/fit.hpp>
#include <hposearch/surrogate/gaussian_process.hpp>

#include "measure.cuh"

namespace {

constexpr int dimensions = 10;
constexpr Eigen::Index most_on_processor = 4000, candidates = 100'000, predicted_on_processor = 1000;

Eigen::MatrixXd random_points(Eigen::Index count, std::uint64_t seed) {
  hpo::numeric::Random random{seed};
  Eigen::MatrixXd points(count, dimensions);
  for (Eigen::Index i = 0; i < count; ++i)
    for (Eigen::Index j = 0; j < dimensions; ++j) points(i, j) = random.uniform();
  return points;
}

struct Problem {
  hpo::EncodedSpace space{std::vector<hpo::EncodedDimension>(dimensions)};
  hpo::Kernel kernel{space};
  hpo::Prior prior{space, {}};
  Eigen::MatrixXd points;
  Eigen::VectorXd targets, parameters;

  explicit Problem(Eigen::Index n) : points(random_points(n, 1)), targets(n) {
    hpo::numeric::Random random{3};
    for (Eigen::Index i = 0; i < n; ++i) {
      targets[i] = 0.01 * random.normal();
      for (Eigen::Index j = 0; j < dimensions; ++j) targets[i] += (points(i, j) - 0.3) * (points(i, j) - 0.3);
    }
    parameters = Eigen::VectorXd::Constant(dimensions + 1, std::log(0.7));
    parameters[dimensions] = std::log(1e-3);
  }
};

/// The largest difference, relative to the value or to a thousandth of the values' spread.
double difference(const Eigen::ArrayXd& a, const Eigen::ArrayXd& b) {
  const double least = 1e-3 * (b.maxCoeff() - b.minCoeff());
  double largest = 0;
  for (Eigen::Index i = 0; i < b.size(); ++i)
    largest = std::max(largest, std::abs(a[i] - b[i]) / std::max(std::abs(b[i]), least));
  return largest;
}

using Algebra = hpo::cuda::DeviceAlgebra;

void line(const std::vector<std::string>& cells) {
  for (const std::string& cell : cells) std::printf("| %s ", cell.c_str());
  std::printf("|\n");
}
void head(const std::vector<std::string>& cells) {
  std::printf("\n");
  line(cells);
  for (std::size_t i = 0; i < cells.size(); ++i) std::printf("|---");
  std::printf("|\n");
}

/// The evidence with its gradient, and a whole fit. \returns whether the device was faster at the fit, if known
std::optional<bool> fit_row(const std::shared_ptr<Algebra>& algebra, const Peak& peak, Eigen::Index n) {
  const Problem problem{n};
  const auto size = static_cast<double>(n);
  hpo::cuda::Evidence evidence{algebra, problem.kernel, problem.points, problem.targets, 3.0};
  Eigen::VectorXd gradient, expected_gradient;
  double value = 0, expected = 0;
  const double once = seconds(3, [&] { value = evidence(problem.parameters, gradient); });
  const auto fit = [&](auto&& density) {
    hpo::numeric::Random random{2};
    static_cast<void>(hpo::fit_parameters(std::move(density), problem.prior, {}, {}, true, random));
  };
  const double fitted = seconds(1, [&] { fit(hpo::ParameterDensity{std::move(evidence), problem.prior}); });
  double on_processor = -1, fitted_on_processor = -1, differs = -1;
  if (n <= most_on_processor) {
    hpo::Evidence model{problem.kernel, problem.points, problem.targets, 3.0};
    on_processor = seconds(1, [&] { expected = model(problem.parameters, expected_gradient); });
    fitted_on_processor = seconds(1, [&] { fit(hpo::ParameterDensity{std::move(model), problem.prior}); });
    differs = std::max(std::abs(value - expected) / std::abs(expected),
                       difference(gradient.array(), expected_gradient.array()));
  }
  const double flops = size * size * size / once;
  line({hpo::to_text(n), figure(once), figure(flops * 1e-12), percent(flops / peak.flops), figure(on_processor),
        figure(fitted), figure(fitted_on_processor), figure(differs, 2)});
  return n <= most_on_processor ? std::optional{fitted < fitted_on_processor} : std::nullopt;
}

void predict_row(const std::shared_ptr<Algebra>& algebra, const Peak& peak, Eigen::Index n) {
  const Problem problem{n};
  const auto& [space, kernel, prior, points, targets, parameters] = problem;
  const hpo::EncodedPoints where = random_points(candidates, 2);
  const hpo::cuda::Posterior posterior{algebra, 0, kernel, points, targets, parameters, 3.0};
  hpo::Prediction found;
  const double taken = seconds(3, [&] { found = posterior.predict(where); });
  double on_processor = -1, differs = -1;
  if (n <= most_on_processor) {
    const hpo::GaussianProcess model{kernel, points, targets, parameters, 3.0};
    hpo::Prediction expected;
    on_processor = seconds(1, [&] { expected = model.predict(where.topRows(predicted_on_processor)); }) *
                   (static_cast<double>(candidates) / predicted_on_processor);
    differs = std::max(difference(found.mean.head(predicted_on_processor), expected.mean),
                       difference(found.variance.head(predicted_on_processor), expected.variance));
  }
  const double size = static_cast<double>(n), flops = size * size * candidates / taken;
  line({hpo::to_text(n), figure(taken), figure(flops * 1e-12), percent(flops / peak.flops), figure(on_processor),
        figure(differs, 2)});
}

/// How fast the correlations are written and folded, which the bandwidth bounds.
void kernel_row(const std::shared_ptr<Algebra>& algebra, const Peak& peak, std::size_t n) {
  const Problem problem{static_cast<Eigen::Index>(n)};
  auto points = algebra->allocate<double>(n * dimensions), rates = algebra->allocate<double>(dimensions);
  auto matrix = algebra->allocate<double>(n * n), sums = algebra->allocate<double>(n);
  algebra->upload(hpo::cuda::values_of(problem.points), points);
  const Eigen::RowVectorXd none = Eigen::RowVectorXd::Zero(dimensions);
  algebra->upload(hpo::cuda::values_of(none), rates);
  const hpo::cuda::PointsView view{points.data(), n, rates.data(), dimensions};
  const double bytes = static_cast<double>(n * n * sizeof(double));
  const double written = seconds(4, [&] {
    algebra->for_each_pair(n, n, hpo::cuda::CrossCorrelation{view, points.data(), n, matrix.data(), n});
    algebra->synchronise();
  });
  const double folded = seconds(4, [&] {
    algebra->sums<1>(n, hpo::cuda::SquaredColumns{matrix.data(), n, n}, sums);
    algebra->synchronise();
  });
  line({hpo::to_text(n), figure(written), percent(bytes / written / peak.bandwidth), figure(folded),
        percent(bytes / folded / peak.bandwidth)});
}

void batch_row(const std::shared_ptr<Algebra>& algebra, const Peak& peak, Eigen::Index n) {
  constexpr std::size_t count = 64;
  const Problem problem{n};
  hpo::cuda::BatchedFit fit{algebra, {{problem.kernel, problem.points, problem.targets, 3.0}}};
  std::vector<hpo::cuda::BatchedSample> samples;
  for (std::size_t i = 0; i < count; ++i)
    samples.push_back({0, problem.parameters.array() - 0.02 * static_cast<double>(i)});
  const double batched = seconds(3, [&] { static_cast<void>(fit(samples)); });
  hpo::cuda::Evidence evidence{algebra, problem.kernel, problem.points, problem.targets, 3.0};
  const double in_turn = seconds(3, [&] {
    for (const auto& sample : samples) static_cast<void>(evidence(sample.parameters));
  });
  hpo::Evidence model{problem.kernel, problem.points, problem.targets, 3.0};
  const double on_processor = seconds(1, [&] {
    for (const auto& sample : samples) static_cast<void>(model(sample.parameters));
  });
  const double size = static_cast<double>(n), flops = size * size * size / 3 * count / batched;
  line({hpo::to_text(n), figure(batched), percent(flops / peak.flops), figure(in_turn), figure(on_processor)});
}

}  // namespace

int main() {
  try {
    const auto devices = hpo::find_devices().list();
    std::printf("## %s\n", hpo::to_text(devices.front()).c_str());
  } catch (const hpo::NoDevice& error) {
    std::printf("skipped: %s\n", error.what());
    return 0;
  }
  try {
    const auto algebra = std::make_shared<Algebra>();
    const Peak peak = measure_peak(*algebra);
    std::printf(
        "\nA product of matrices of doubles: %s TFLOP/s. A copy: %s GB/s. Shares are of these. Seconds; %d\n"
        "dimensions; in the columns of the processor one core.\n",
        figure(peak.flops * 1e-12).c_str(), figure(peak.bandwidth * 1e-9).c_str(), dimensions);
    std::optional<Eigen::Index> faster_from;
    head({"n", "evidence and gradient", "TFLOP/s", "share", "processor", "fit", "processor", "difference"});
    for (const Eigen::Index n : {250, 500, 1000, 2000, 4000, 10'000, 20'000}) {
      const auto faster = fit_row(algebra, peak, n);
      if (faster == true && !faster_from) faster_from = n;
      if (faster == false) faster_from.reset();
    }
    std::printf("\n%s\n", faster_from ? ("A fit is faster here from " + hpo::to_text(*faster_from) +
                                         " points on: for AutoOptions::accelerated_from.")
                                            .c_str()
                                      : "No fit was faster here than on the processor.");
    head({"n", "predict at 100,000", "TFLOP/s", "share", "processor", "difference"});
    for (const Eigen::Index n : {1000, 2000, 4000, 10'000, 20'000}) predict_row(algebra, peak, n);
    head({"n", "correlations written", "share of bandwidth", "columns summed", "share of bandwidth"});
    for (const std::size_t n : {1000, 4000, 20'000}) kernel_row(algebra, peak, n);
    head({"n", "64 samples batched", "share", "in turn", "processor"});
    for (const Eigen::Index n : {50, 100, 300, 1000}) batch_row(algebra, peak, n);
  } catch (const hpo::Error& error) {
    std::printf("%s\n", error.what());
    return 1;
  }
}
