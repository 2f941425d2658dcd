"""The peers' CPU time of an ask and the tell of its result on the notebook's space, beside the library's.

  latency.py --ours FILE [--peers NAME...] [--sizes N...] [--ask N]      FILE: what benchmarks/latency wrote with --csv

Use latency.sh, which measures both in one go. Each size in a process of its own: n random trials are told at once, a first
cycle is thrown away, and the next ones are averaged.
"""
import argparse
import csv
import importlib.util
import json
import os
import subprocess
import sys

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import numpy as np

import optimisers
from notebook import notebook
from spaces import random_point

CYCLES = 4
NEEDS = {"skopt": ("skopt",), "optuna-tpe": ("optuna",), "optuna-tpe-uni": ("optuna",), "optuna-gp": ("optuna", "torch"),
         "optuna-cmaes": ("optuna", "cmaes"), "ax": ("ax",), "smac": ("smac",), "nevergrad": ("nevergrad",), "cma": ("cma",)}


def measure(name, n, ask):
    """CPU milliseconds of a cycle."""
    problem = notebook()
    peer = optimisers.make(name, problem.space, 1, max(n + 20, 50), workers=ask)
    rng = np.random.default_rng(n)
    points = [random_point(problem.space, rng) for _ in range(n)]
    try:
        peer.observe([(point, problem.evaluate(point)) for point in points])
    except NotImplementedError:  # then it has to ask for them itself
        for _ in range(n):
            peer.tell([(id, problem.evaluate(point)) for id, point in peer.ask(1)])
    spent = []
    for _ in range(max(CYCLES, peer.period) + 1):
        start = peer.cpu_seconds()
        trials = peer.ask(ask)
        between = peer.cpu_seconds()
        results = [(id, problem.evaluate(point)) for id, point in trials]
        told = peer.cpu_seconds()
        peer.tell(results)
        spent.append(peer.cpu_seconds() - told + between - start)
    peer.close()
    return 1e3 * float(np.mean(spent[1:]))


def measure_apart(name, n, ask, most):
    """The same in a process of its own; None where it fails or takes more than `most` seconds."""
    try:
        command = [sys.executable, __file__, "one", name, str(n), str(ask)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=most)
        return json.loads(done.stdout.splitlines()[-1])
    except (subprocess.TimeoutExpired, IndexError, ValueError):
        return None


def read_ours(path):
    """{sampler: {n: CPU milliseconds}}"""
    ours = {}
    with open(path) as file:
        for sampler, n, _, mean, _ in csv.reader(file):
            ours.setdefault(sampler, {})[int(n)] = float(mean)
    return ours


def installed(name):
    return all(importlib.util.find_spec(module) for module in NEEDS.get(name, ("missing",)))


def print_row(label, cells):
    print(f"{label:26}" + "".join(f"{cell:>15}" for cell in cells), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ours", required=True)
    parser.add_argument("--peers", nargs="*", default=["optuna-tpe", "optuna-tpe-uni", "optuna-gp", "skopt", "ax"])
    parser.add_argument("--sizes", nargs="*", type=int, default=[10, 50, 100, 200, 500, 1000])
    parser.add_argument("--ask", type=int, default=1)
    parser.add_argument("--most", type=float, default=120, help="seconds for one size, after which larger ones are left out")
    options = parser.parse_args()
    ours = read_ours(options.ours)
    print(f"CPU ms of ask({options.ask}) and the tell of it, after n trials; in brackets, how many times the default sampler's\n")
    print_row("n", options.sizes)
    for sampler, means in ours.items():
        print_row(f"hposearch {sampler}", [f"{means[n]:.3g}" if n in means else "" for n in options.sizes])
    for name in options.peers:
        if not installed(name):
            print_row(name, ["not installed"])
            continue
        cells = []
        for n in options.sizes:
            mean = measure_apart(name, n, options.ask, options.most)
            if mean is None:
                break
            default = ours.get("default", {}).get(n)
            cells.append(f"{mean:.3g}" + (f" ({mean / default:.2g})" if default else ""))
        print_row(name, cells)


if __name__ == "__main__":
    if sys.argv[1:2] == ["one"]:
        print(json.dumps(measure(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))))
    else:
        main()
