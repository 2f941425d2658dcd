"""What the benchmark calls a problem."""
from dataclasses import dataclass
from typing import Callable

import numpy as np

import spaces


@dataclass
class Problem:
    """Something to minimise.

    evaluate: a point's loss, without noise; None where the trial fails
    optimum:  the least loss; None where nobody knows it
    noise:    standard deviation of what is added to a told loss, as a part of what random points spread
    """
    name: str
    kind: str
    space: list
    evaluate: Callable
    optimum: float | None = None
    noise: float = 0.0

    def noise_deviation(self):
        """Standard deviation of the noise: `noise` times the median of random points above their least."""
        if not self.noise:
            return 0.0
        rng = np.random.default_rng(0)
        losses = [self.evaluate(spaces.random_point(self.space, rng)) for _ in range(200)]
        return self.noise * (np.median(losses) - min(losses))


def label(name, noise):
    return f"noisy-{name}" if noise else name
