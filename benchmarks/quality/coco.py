"""COCO's bbob and bbob-mixint functions, from its package (coco-experiment)."""
import os
import tempfile

import numpy as np

from problem import Problem, label
from spaces import integer, real


def _optimum(problem):
    """The package tells where the optimum is only through a file in the working directory."""
    before = os.getcwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            problem._best_parameter("print")
            return float(problem(np.loadtxt("._bbob_problem_best_parameter.txt")))
        finally:
            os.chdir(before)


def coco(suite, function, d, instance, noise=0.0):
    import cocoex
    chosen = f"dimensions:{d} function_indices:{function} instance_indices:{instance}"
    problem = cocoex.Suite(suite, "", chosen)[0]
    integers = problem.number_of_integer_variables
    space = [integer(f"k{i}", low, high) if i < integers else real(f"x{i}", low, high)
             for i, (low, high) in enumerate(zip(problem.lower_bounds, problem.upper_bounds))]
    names = [dimension["name"] for dimension in space]

    def evaluate(point):
        return float(problem([point[name] for name in names]))
    kind = "noisy" if noise else "mixint" if integers else "bbob"
    return Problem(label(f"{suite}-f{function}-d{d}-i{instance}", noise), kind, space, evaluate, _optimum(problem), noise)
