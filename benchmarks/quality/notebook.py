"""A closed form in the place of the small network of the digits example, on the same search space."""
import math

import numpy as np

from problem import Problem, label
from spaces import cat, integer, real

SPACE = [real("learning_rate", 1e-6, 1e1, True), real("keep_prob", 0.1, 1.0, True), integer("channel", 3, 7),
         cat("pool", "max", "avg")]


def notebook(variant=0, noise=0.0, crash=False):
    """A curved valley in the learning rate, whose place depends on pool and channel; a plateau at ln 10 where training
    diverges or does not move; a dropout that trades against width; small ripples. With `crash`, wide networks fail at
    large learning rates."""
    rng = np.random.default_rng([77, variant])
    lr0, slope, k0, c0 = rng.uniform(-3.4, -2.4), rng.uniform(0.1, 0.25), rng.uniform(-0.45, -0.2), rng.uniform(4.6, 6.4)
    gain, phase = rng.uniform(0.02, 0.06), rng.uniform(0, 6)
    top = math.log(10)

    def evaluate(point):
        lr, k = math.log10(point["learning_rate"]), math.log10(point["keep_prob"])
        c, avg = point["channel"], point["pool"] == "avg"
        if crash and lr > 0 and c >= 5:
            return None
        t = lr - (lr0 - slope * (c - 3) + (0.35 if avg else 0.0))
        valley = (0.09 if t > 0 else 0.05) * t * t * (1 + 0.4 * (t > 0) * max(t, 0))
        dropout = 0.35 * (k - k0 - 0.05 * (c - 5)) ** 2 * (1 + 0.5 * avg)
        width = gain * (0.1 * (c - c0) ** 2 + (0.25 if avg else 0.0))
        base = 0.035 + width + valley + dropout + 0.15 * max(t, 0) * max(-k, 0)
        ripple = 0.004 * math.sin(5 * lr + phase) * math.cos(7 * k + c)
        return top * math.tanh(base / top) + ripple * (1 - math.tanh(base / 0.3))

    name = f"seed-cnn{'-crash' if crash else ''}-v{variant}"
    return Problem(label(name, noise), "noisy" if noise else "seed", SPACE, evaluate, _optimum(evaluate), noise)


def _optimum(evaluate):
    """Best of local searches from the best points of a grid, for each channel and pool."""
    from scipy.optimize import minimize
    best = math.inf
    for channel in range(3, 8):
        for pool in ("max", "avg"):
            def loss(x):
                value = evaluate({"learning_rate": 10 ** min(max(x[0], -6), 1), "keep_prob": 10 ** min(max(x[1], -1), 0),
                                  "channel": channel, "pool": pool})
                return value or 9.0
            grid = sorted((loss((a, b)), a, b) for a in np.linspace(-6, 1, 71) for b in np.linspace(-1, 0, 21))
            for start in grid[:3]:
                options = {"xatol": 1e-7, "fatol": 1e-10}
                best = min(best, minimize(loss, start[1:], method="Nelder-Mead", options=options).fun)
    return best
