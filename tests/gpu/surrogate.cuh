// The surrogate on a GPU beside the processor's.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <hposearch/acquisition/log_expected_improvement.hpp>
#include <hposearch/cuda/gaussian_process.hpp>
#include <hposearch/cuda/host_algebra.hpp>
#include <hposearch/numeric/random.hpp>
#include <hposearch/sampler/by_name.hpp>
#include <hposearch/surrogate/evidence.hpp>
#include <hposearch/surrogate/fit.hpp>
#include <hposearch/surrogate/gaussian_process.hpp>
#include <hposearch/surrogate/kernel.hpp>
#include <hposearch/text.hpp>

#include "check.cuh"

namespace {

/// A mixed space with n observations, and candidates.
struct Problem {
  EncodedSpace space = mixed_space();
  Kernel kernel{space};
  Eigen::MatrixXd points;
  EncodedPoints candidates;
  Eigen::VectorXd targets, parameters{4};

  explicit Problem(Eigen::Index n) {
    numeric::Random random{7};
    points = draw(n, random);
    candidates = draw(1000, random);
    targets = (points.array() - 0.3).square().rowwise().sum();
    parameters << std::log(0.5), std::log(0.8), std::log(0.7), std::log(1e-3);
  }

  [[nodiscard]] Eigen::MatrixXd draw(Eigen::Index count, numeric::Random& random) const {
    Eigen::MatrixXd all(count, 3);
    for (Eigen::Index i = 0; i < count; ++i)
      all.row(i) << random.uniform(), random.uniform(), space[2].centre(static_cast<std::size_t>(random.below(3)));
    return all;
  }

 private:
  [[nodiscard]] static EncodedSpace mixed_space() {
    EncodedDimension real{}, category{};
    real.kind = DimensionKind::real;
    category.kind = DimensionKind::categorical;
    category.cells = 3;
    return EncodedSpace{{real, real, category}};
  }
};

/// Within 1e-6 of what is expected, or of `least` where that is smaller.
void check_near(double found, double expected, double least, const std::string& what) {
  check(std::abs(found - expected) <= 1e-6 * std::max(std::abs(expected), least),
        what + ": " + to_text(found) + ", on the processor " + to_text(expected));
}

void the_posterior_is_the_processors() {
  const Problem problem{300};
  const auto& [space, kernel, points, candidates, targets, parameters] = problem;
  GaussianProcess model{kernel, points, targets, parameters, 3.0};
  cuda::Posterior found{std::make_shared<cuda::DeviceAlgebra>(), 4, kernel, points, targets, parameters, 3.0};
  for (int appended = 0; appended < 3; ++appended) {
    const Prediction expected = model.predict(candidates), on_gpu = found.predict(candidates);
    for (Eigen::Index i = 0; i < candidates.rows(); ++i) {
      check_near(on_gpu.mean[i], expected.mean[i], 1e-2, "mean");
      check_near(on_gpu.variance[i], expected.variance[i], 1e-3, "variance");
    }
    model.prepare();
    found.prepare();
    LogExpectedImprovement improvement{{{&model, 0.1, 0.0}}};
    LogExpectedImprovementOf<cuda::Posterior> improvement_on_gpu{{{&found, 0.1, 0.0}}};
    EncodedPoint gradient(3), gradient_on_gpu(3);
    for (Eigen::Index i = 0; i < 20; ++i) {
      const double value = improvement(candidates.row(i), gradient);
      check_near(improvement_on_gpu(candidates.row(i), gradient_on_gpu), value, 1.0, "log expected improvement");
      for (Eigen::Index j = 0; j < 3; ++j) check_near(gradient_on_gpu[j], gradient[j], 1.0, "its gradient");
    }
    model.append(candidates.row(appended));
    found.append(candidates.row(appended));
  }
}

void the_evidence_and_the_fit_are_the_processors() {
  const Problem problem{300};
  const auto& [space, kernel, points, candidates, targets, parameters] = problem;
  const Prior prior{space, {}};
  const cuda::OnDevice<cuda::DeviceAlgebra> place;
  auto found = place.evidence(kernel, points, targets, prior.scale_weight());
  Evidence expected{kernel, points, targets, prior.scale_weight()};
  Eigen::VectorXd gradient, gradient_on_gpu;
  const double value = expected(parameters, gradient);
  check_near(found(parameters, gradient_on_gpu), value, 1.0, "evidence");
  for (Eigen::Index j = 0; j < gradient.size(); ++j) check_near(gradient_on_gpu[j], gradient[j], 1.0, "its gradient");

  numeric::Random one{2}, other{2};
  const Eigen::VectorXd fitted = fit_parameters(kernel, points, targets, prior, {}, {}, true, one);
  const Eigen::VectorXd fitted_on_gpu =
      fit_parameters(ParameterDensity{std::move(found), prior}, prior, {}, {}, true, other);
  const double reached = ParameterDensity<>{kernel, points, targets, prior}(fitted_on_gpu);
  check_near(reached, ParameterDensity<>{kernel, points, targets, prior}(fitted), 1.0, "density of fitted parameters");
}

void a_batch_is_each_of_its_studies() {
  std::vector<cuda::BatchedStudy> studies;
  std::vector<cuda::BatchedSample> samples;
  for (const Eigen::Index n : {20, 300, 75}) {
    const Problem problem{n};
    studies.push_back({problem.kernel, problem.points, problem.targets, 3.0});
    for (int k = 0; k < 5; ++k) samples.push_back({studies.size() - 1, problem.parameters.array() - 0.1 * k});
  }
  cuda::BatchedFit fit{std::make_shared<cuda::DeviceAlgebra>(), studies};
  const auto found = fit(samples);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const auto& [kernel, points, targets, weight] = studies[samples[i].study];
    Evidence expected{kernel, points, targets, weight};
    check_near(found[i].log_evidence, expected(samples[i].parameters), 1.0, "evidence of a batch");
    check_near(found[i].scale, expected.scale(), 1e-3, "scale of a batch");
  }
}

void sums_have_the_order_of_lanes() {
  // The same bits as on the processor, since no product is fused with these sums.
  numeric::Random random{3};
  std::vector<double> values(12'345);
  for (double& value : values) value = random.uniform() - 0.5;
  const auto sums = [&](auto&& algebra) {
    auto from = algebra.template allocate<double>(values.size());
    auto to = algebra.template allocate<double>(5);
    algebra.upload(std::span<const double>{values}, from);
    algebra.template sums<1>(5, cuda::Fold{from.data(), 5, values.size() / 5}, to);
    std::vector<double> result(5);
    algebra.download(to, std::span{result});
    return result;
  };
  check(sums(cuda::DeviceAlgebra{}) == sums(cuda::HostAlgebra{}), "sums to the last bit");
}

void the_sampler_proposes_what_it_does_on_the_processor() {
  const Problem problem{40};
  History history{3};
  for (Eigen::Index i = 0; i < 40; ++i) history.complete(history.create(problem.points.row(i)), problem.targets[i]);
  cuda::GaussianProcessOptions options;
  options.device_from = 0;
  options.most_on_device = 160;
  options.model.maximiser.candidates.global = 60;
  options.model.maximiser.candidates.around = 10;
  options.model.elites = 2;
  const SuggestRequest request{problem.space, history, 5, 2, {}};
  const EncodedPoints found = cuda::GaussianProcessSampler{options}.suggest(request);
  const EncodedPoints expected = GaussianProcessSampler{options.model}.suggest(request);
  check((found - expected).cwiseAbs().maxCoeff() < 1e-3, "the points");
  check(make_sampler("gp-cuda").suggest(request).rows() == 2, "known by name");
}

}  // namespace
