"""Writes tpe_reference.hpp: densities and their ratio by Optuna's own TPE for given trials.

Run with optuna 5.0.0: python tpe_reference.py > tpe_reference.hpp
"""

import numpy as np
import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.samplers._tpe.parzen_estimator import _ParzenEstimator, _ParzenEstimatorParameters
from optuna.samplers._tpe.sampler import default_gamma, default_weights

SPACE = {
    "real": FloatDistribution(0.0, 1.0),
    "integer": IntDistribution(1, 9),
    "log_integer": IntDistribution(1, 100, log=True),
    "stepped": FloatDistribution(0.0, 2.0, step=0.25),
    "category": CategoricalDistribution(("a", "b", "c", "d")),
}
CANDIDATES = 6

# Which of several equal observations gets which bandwidth hangs on the sorting algorithm, and numpy's default one on
# the processor: take the stable one.
argsort = np.argsort
np.argsort = lambda a, axis=-1, kind=None: argsort(a, axis=axis, kind="stable")


def draw(random, n):
    return {
        "real": random.random(n),
        "integer": random.integers(1, 10, n).astype(float),
        "log_integer": np.floor(np.exp(random.uniform(np.log(1), np.log(101), n))),
        "stepped": random.integers(0, 9, n) * 0.25,
        "category": random.integers(0, 4, n).astype(float),
    }


def row(values, i):
    """The real coordinate and the cells of the others."""
    return [
        values["real"][i],
        values["integer"][i] - 1,
        values["log_integer"][i] - 1,
        values["stepped"][i] / 0.25,
        values["category"][i],
    ]


def estimator(values, ids, space):
    parameters = _ParzenEstimatorParameters(1.0, True, False, default_weights, True)
    return _ParzenEstimator({k: values[k][ids] for k in space}, space, parameters)


def case(n, seed):
    random = np.random.default_rng(seed)
    values = draw(random, n)
    losses = np.round(random.random(n), 2)  # with ties
    good = sorted(sorted(range(n), key=lambda i: losses[i])[: default_gamma(n)])
    bad = [i for i in range(n) if i not in good]
    candidates = draw(random, CANDIDATES)
    densities = []
    for space in [SPACE] + [{k: v} for k, v in SPACE.items()]:
        below = estimator(values, good, space).log_pdf({k: candidates[k] for k in space})
        above = estimator(values, bad, space).log_pdf({k: candidates[k] for k in space})
        densities.append((below, above))
    return {
        "trials": [row(values, i) + [losses[i]] for i in range(n)],
        "candidates": [row(candidates, i) for i in range(CANDIDATES)],
        "below": [list(b) for b, _ in densities],
        "above": [list(a) for _, a in densities],
    }


def braces(x):
    if isinstance(x, list):
        return "{" + ", ".join(braces(v) for v in x) + "}"
    return repr(float(x))


print(f"// Written by tpe_reference.py with Optuna {optuna.__version__}: do not edit.")
print("// clang-format off")
print("#pragma once\n\n#include <vector>\n")
print("namespace tpe_reference {\n")
print("using Table = std::vector<std::vector<double>>;\n")
print("struct Case {")
print("  Table trials;        // the real coordinate, the cells of the other dimensions, the loss")
print("  Table candidates;    // the same without a loss")
print("  Table below, above;  // log densities at the candidates: over all dimensions, then over each alone")
print("};\n")
print("inline const std::vector<Case> cases{")
for n, seed in [(1, 1), (2, 2), (14, 3), (70, 4), (300, 5)]:
    print("    {" + ",\n     ".join(braces(v) for v in case(n, seed).values()) + "},")
print("};\n\n}  // namespace tpe_reference")
