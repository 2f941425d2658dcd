"""What random search reaches on a problem: the yardstick of every score."""
import json
import os

import numpy as np

import spaces
from paths import BASELINES, RECORDED_BASELINES
from traces import digits

BUDGETS = (25, 50, 100, 200)


def baseline(problem):
    """{"kind", "optimum", "median": of random points, "least", "best": {budget: median over random searches}}"""
    rng = np.random.default_rng(20260101)
    n = 600 if problem.kind == "hpo" else 20000
    losses = [problem.evaluate(spaces.random_point(problem.space, rng)) for _ in range(n)]
    losses = np.array([np.inf if loss is None else loss for loss in losses])
    noise, best = problem.noise_deviation(), {}
    for budget in BUDGETS:
        search = rng.integers(0, n, (2000, budget))
        told = losses[search] + noise * rng.standard_normal(search.shape)
        best[str(budget)] = digits(np.median(losses[search[np.arange(2000), told.argmin(1)]]))
    return {"kind": problem.kind, "optimum": digits(problem.optimum, 17), "median": digits(np.median(losses)),
            "least": digits(losses.min()), "best": best}


def _read(path):
    if not os.path.exists(path):
        return {}
    with open(path) as file:
        return json.load(file)


def load():
    """{problem: baseline} of those known."""
    return _read(RECORDED_BASELINES) | _read(BASELINES)


def _write(path, known):
    """All or nothing, so that a program that is stopped here leaves what was there."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + ".new", "w") as file:
        json.dump(known, file, indent=1)
        file.write("\n")
    os.replace(path + ".new", path)


def keep(name, values):
    _write(BASELINES, _read(BASELINES) | {name: values})


def record():
    """Puts the baselines made here beside the recorded ones."""
    _write(RECORDED_BASELINES, dict(sorted(load().items())))
