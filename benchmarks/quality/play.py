"""One run of an optimiser on a problem, with workers on a virtual clock: nothing sleeps, and one worker is the ordinary
loop of ask, evaluate and tell."""
import hashlib
import json
import math

import numpy as np

import optimisers
from spaces import check, to_unit
from traces import Leader, digits


def run_time(problem, point, seed):
    """What an evaluation takes on the virtual clock: lognormal with median 1, by a factor of e up and down across the
    cube's diagonal, and by a factor drawn for the point (deviation 0.6)."""
    text = json.dumps([seed, point], sort_keys=True)
    rng = np.random.default_rng(int(hashlib.sha1(text.encode()).hexdigest()[:12], 16))
    place = np.array(to_unit(problem.space, point)).mean()
    return math.exp(2 * (place - 0.5) + 0.6 * rng.standard_normal())


class Run:
    """The state of one run."""

    def __init__(self, name, problem, seed, budget, workers, mode):
        self.problem, self.seed, self.budget, self.workers, self.mode = problem, seed, budget, workers, mode
        self.noise = problem.noise_deviation()
        self.rng = np.random.default_rng([seed, 4242])
        self.optimiser = optimisers.make(name, problem.space, seed, budget, workers)
        self.clock, self.cpu, self.asked, self.running, self.leader = 0.0, 0.0, 0, [], Leader()

    def _timed(self, call, *arguments):
        before = self.optimiser.cpu_seconds()
        result = call(*arguments)
        self.cpu += self.optimiser.cpu_seconds() - before
        return result

    def start_trials(self):
        """Gives a point to every idle worker; in sync mode only once all are idle."""
        if self.mode == "sync" and self.running:
            return
        n = min(self.workers - len(self.running), self.budget - self.asked)
        if n < 1:
            return
        for id, point in self._timed(self.optimiser.ask, n):
            check(self.problem.space, point)
            end = self.clock + run_time(self.problem, point, self.seed)
            self.running.append((end, id, self.problem.evaluate(point)))
        self.asked += n

    def finish_trials(self):
        """Lets the clock run to the end of the next trial (sync: of all) and tells it."""
        self.running.sort(key=lambda trial: trial[:2])
        count = len(self.running) if self.mode == "sync" else 1
        finished, self.running = self.running[:count], self.running[count:]
        told = []
        for end, id, loss in finished:
            noisy = loss if loss is None or not self.noise else loss + self.noise * self.rng.standard_normal()
            told.append((id, noisy))
            self.leader.tell(noisy, loss, end)
        self.clock = finished[-1][0]
        self._timed(self.optimiser.tell, told)

    def play(self, cap):
        while (self.asked < self.budget or self.running) and self.cpu < cap:
            self.start_trials()
            self.finish_trials()


def play(name, problem, seed, budget, workers=1, mode="async", cap=math.inf):
    """The trace of a run (see traces.py). cap: CPU seconds of the optimiser after which the run is cut short"""
    run = Run(name, problem, seed, budget, workers, mode)
    try:
        run.play(cap)
    finally:
        run.optimiser.close()
    return {"problem": problem.name, "seed": seed, "workers": workers, "mode": mode, "trials": run.leader.told,
            "leader": run.leader.changes, "makespan": digits(run.clock, 5), "cpu_s": digits(run.cpu, 4)}
