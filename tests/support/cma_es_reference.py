"""Writes cma_es_reference.hpp: evaluations that the `cma` package needs to reach 1e-8.

Run with cma 4.5.0: python cma_es_reference.py > cma_es_reference.hpp
"""

import warnings

import cma
import numpy as np

warnings.simplefilter("ignore")

SEEDS = 25
TARGET = 1e-8
# Points of the unit cube; the optimum lies at 0.5 + an offset that differs by dimension.
X0, SIGMA0 = 0.5, 0.3


def scaled(u):
    """The box [-5, 5] with the optimum moved off the centre and off the axes."""
    return 10 * (np.asarray(u) - 0.5) - SHIFT[: len(u)]


SHIFT = np.array([1.3, -2.1, 0.7, 2.4, -1.6, -0.4, 1.9, -2.7, 0.2, 1.1] * 2)


def sphere(u):
    return float(np.sum(scaled(u) ** 2))


def ellipsoid(u):
    d = len(u)
    return float(np.sum(10 ** (6 * np.arange(d) / (d - 1)) * scaled(u) ** 2))


def rosenbrock(u):
    z = scaled(u) * 0.4 + 1
    return float(np.sum(100 * (z[1:] - z[:-1] ** 2) ** 2 + (1 - z[:-1]) ** 2))


def evaluations(f, d, seed):
    options = {"bounds": [0, 1], "ftarget": TARGET, "seed": seed, "verbose": -9, "maxfevals": 60000}
    es = cma.CMAEvolutionStrategy(d * [X0], SIGMA0, options)
    es.optimize(f)
    return es.result.evaluations if es.best.f <= TARGET else np.inf


print(f"// Written by cma_es_reference.py with cma {cma.__version__}: do not edit.")
print("#pragma once\n")
print("namespace cma_es_reference {\n")
print(f"/// Median over {SEEDS} seeds of the evaluations to {TARGET} from {X0} with sigma {SIGMA0} in the unit cube; runs that end")
print("/// elsewhere, in Rosenbrock's local minimum, are not counted.")
print("struct Case {\n  const char* function;\n  int dimensions;\n  double evaluations;\n  int failures;\n};\n")
print("inline constexpr Case cases[]{")
for f in (sphere, ellipsoid, rosenbrock):
    for d in (5, 10, 20):
        counts = np.array([evaluations(f, d, 1 + s) for s in range(SEEDS)])
        reached = counts[np.isfinite(counts)]
        print(f'    {{"{f.__name__}", {d}, {np.median(reached):.0f}, {SEEDS - len(reached)}}},', flush=True)
print("};\n\n}  // namespace cma_es_reference")
