"""Functions with a formula, whose optimum is moved to a random place of a randomly scaled space."""
import math

import numpy as np

from problem import Problem, label
from spaces import cat, integer, real, to_unit


def branin(z):
    x, y = z
    valley = (y - 5.1 / (4 * math.pi**2) * x**2 + 5 / math.pi * x - 6) ** 2
    return valley + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10


HARTMANN_WEIGHTS = [1, 1.2, 3, 3.2]
HARTMANN_A = np.array([[10, 3, 17, 3.5, 1.7, 8], [.05, 10, 17, .1, 8, 14], [3, 3.5, 1.7, 10, 17, 8],
                       [17, 8, .05, 10, .1, 14]])
HARTMANN_P = 1e-4 * np.array([[1312, 1696, 5569, 124, 8283, 5886], [2329, 4135, 8307, 3736, 1004, 9991],
                              [2348, 1451, 3522, 2883, 3047, 6650], [4047, 8828, 8732, 5743, 1091, 381]])


def hartmann6(z):
    return -float(np.dot(HARTMANN_WEIGHTS, np.exp(-(HARTMANN_A * (z - HARTMANN_P) ** 2).sum(1))))


def rosenbrock(z):
    return float(sum(100 * (b - a * a) ** 2 + (1 - a) ** 2 for a, b in zip(z[:-1], z[1:])))


def levy(z):
    w = 1 + (np.asarray(z) - 1) / 4
    middle = sum((w[:-1] - 1) ** 2 * (1 + 10 * np.sin(math.pi * w[:-1] + 1) ** 2))
    last = (w[-1] - 1) ** 2 * (1 + math.sin(2 * math.pi * w[-1]) ** 2)
    return float(math.sin(math.pi * w[0]) ** 2 + middle + last)


def ackley(z):
    z = np.asarray(z)
    bowl, waves = math.sqrt(np.mean(z * z)), np.mean(np.cos(2 * math.pi * z))
    return float(-20 * math.exp(-0.2 * bowl) - math.exp(waves) + 20 + math.e)


def griewank(z):
    z = np.asarray(z)
    return float(1 + (z * z).sum() / 4000 - np.prod(np.cos(z / np.sqrt(np.arange(1, len(z) + 1)))))


def styblinski_tang(z):
    z = np.asarray(z)
    return float(0.5 * np.sum(z**4 - 16 * z**2 + 5 * z) / len(z))


# name: function, its minimiser in d dimensions, width of the box that is searched, minimum
FUNCTIONS = {
    "branin": (branin, lambda d: [math.pi, 2.275], 15, 0.39788735772973816),
    "hartmann6": (hartmann6, lambda d: [.20169, .150011, .476874, .275332, .311652, .6573], 1, -3.322368011415515),
    "rosenbrock": (rosenbrock, lambda d: [1] * d, 4, 0.0),
    "levy": (levy, lambda d: [1] * d, 20, 0.0),
    "ackley": (ackley, lambda d: [0] * d, 20, 0.0),
    "griewank": (griewank, lambda d: [0] * d, 60, 0.0),
    "styblinski": (styblinski_tang, lambda d: [-2.903534027771177] * d, 10, -39.16616570377142),
}


def _rotation(rng, d):
    q, r = np.linalg.qr(rng.standard_normal((d, d)))
    return q * np.sign(np.diag(r))


def _seeded(function, *numbers):
    return np.random.default_rng([*numbers, sum(map(ord, function))])


def all_real(function, d, instance, kind="synthetic", noise=0.0):
    """Only reals, every third on a log scale. The optimum is uniform in the middle 70% of the cube, and the axes are
    rotated: neither the centre nor the coordinates are special."""
    f, minimiser, width, minimum = FUNCTIONS[function]
    rng = _seeded(function, instance, d)
    u_optimum, rotation = rng.uniform(0.15, 0.85, d), _rotation(rng, d)
    space = []
    for i in range(d):
        if i % 3 == 1:
            space.append(real(f"x{i}", 10.0 ** -rng.integers(1, 7), 10.0 ** rng.integers(0, 3), True))
        else:
            centre, half = rng.uniform(-5, 5), rng.uniform(1, 5)
            space.append(real(f"x{i}", centre - half, centre + half))
    z_optimum = np.array(minimiser(d), float)

    def evaluate(point):
        return f(z_optimum + width * (rotation @ (np.array(to_unit(space, point)) - u_optimum)))
    return Problem(label(f"{function}-d{d}-i{instance}", noise), kind, space, evaluate, minimum, noise)


def mixed(function, instance, reals=3, integers=2, choices=4, kind="synthetic", noise=0.0):
    """Reals, integers 0 to 10 and one category. A wrong category moves the optimum and adds a penalty; the optimum is
    a point of the lattice."""
    f, minimiser, width, minimum = FUNCTIONS[function]
    d = reals + integers
    rng = _seeded(function, instance, d, choices)
    space = [real(f"x{i}", -1, 1) if i % 2 else real(f"x{i}", 1e-4, 1, True) for i in range(reals)]
    space += [integer(f"k{i}", 0, 10) for i in range(integers)]
    space += [cat("c", *[f"c{j}" for j in range(choices)])]
    u_optimum = np.concatenate([rng.uniform(0.15, 0.85, reals), (rng.integers(2, 9, integers) + 0.5) / 11])
    rotation, best = _rotation(rng, d), int(rng.integers(choices))
    shift = rng.normal(0, 0.15 * width, (choices, d))
    penalty = rng.uniform(0.02, 0.2, choices) * (f(np.array(minimiser(d)) + 0.3 * width) - minimum)
    shift[best], penalty[best] = 0, 0
    z_optimum = np.array(minimiser(d), float)

    def evaluate(point):
        c = int(point["c"][1:])
        u = np.array(to_unit(space, point)[:d])
        return f(z_optimum + shift[c] + width * (rotation @ (u - u_optimum))) + float(penalty[c])
    return Problem(label(f"{function}-mixed-d{d + 1}-i{instance}", noise), kind, space, evaluate, minimum, noise)
