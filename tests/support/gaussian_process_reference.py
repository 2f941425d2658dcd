"""Writes gaussian_process_reference.hpp: scikit-learn's Gaussian process on a small data set.

Run: python3 gaussian_process_reference.py > gaussian_process_reference.hpp   (numpy, scikit-learn)
"""
import numpy as np
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel


def row(values):
    return "{" + ", ".join(float(v).hex() for v in values) + "}"


def main():
    rng = np.random.default_rng(20240607)
    n, d, m = 24, 3, 6
    x, queries = rng.random((n, d)), rng.random((m, d))
    y = np.sin(5 * x[:, 0]) + x[:, 1] ** 2 - 0.3 * x[:, 2] + 0.05 * rng.standard_normal(n)
    lengthscales, ratio = np.array([0.3, 0.7, 2.5]), 0.01

    def model(scale, targets):
        kernel = ConstantKernel(scale) * Matern(lengthscales, nu=2.5) + WhiteKernel(ratio * scale)
        return GaussianProcessRegressor(kernel, optimizer=None, alpha=0).fit(x, targets)

    # The mean and the scale that maximise the likelihood, by their closed forms.
    a = (ConstantKernel(1.0) * Matern(lengthscales, nu=2.5))(x) + ratio * np.eye(n)
    ones = np.ones(n)
    mean = ones @ np.linalg.solve(a, y) / (ones @ np.linalg.solve(a, ones))
    scale = (y - mean) @ np.linalg.solve(a, y - mean) / n
    gp = model(scale, y - mean)
    value, gradient = gp.log_marginal_likelihood(gp.kernel_.theta, eval_gradient=True)
    # theta of scikit-learn: log scale, log lengthscales, log noise. At fixed scale, log noise moves as log ratio does.
    latent = ConstantKernel(scale) * Matern(lengthscales, nu=2.5)
    posterior = gp.predict(queries) + mean
    k = latent(queries, x)
    variance = scale - np.einsum("ij,ji->i", k, np.linalg.solve(scale * a, k.T))

    print("// Made by gaussian_process_reference.py with scikit-learn: do not edit.\n#pragma once\n\nnamespace reference {\n")
    print(f"inline constexpr int n = {n}, d = {d}, m = {m};")
    print(f"inline constexpr double points[n][d] = {{{', '.join(map(row, x))}}};")
    print(f"inline constexpr double targets[n] = {row(y)};")
    print(f"inline constexpr double queries[m][d] = {{{', '.join(map(row, queries))}}};")
    print(f"inline constexpr double lengthscales[d] = {row(lengthscales)};")
    print(f"inline constexpr double noise_ratio = {float(ratio).hex()};")
    print(f"inline constexpr double mean = {float(mean).hex()};")
    print(f"inline constexpr double scale = {float(scale).hex()};")
    print(f"inline constexpr double log_likelihood = {float(value).hex()};")
    print(f"inline constexpr double gradient[d + 1] = {row(gradient[1:])};")
    print(f"inline constexpr double posterior_mean[m] = {row(posterior)};")
    print(f"inline constexpr double posterior_variance[m] = {row(variance)};")
    print("\n}  // namespace reference")


main()
