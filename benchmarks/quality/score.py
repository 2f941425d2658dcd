"""Numbers from traces.

For a run, y(b) is the loss, without noise, of the trial that looked best among the first b. Two scores, 0 is the optimum:
  NR(b) = (y(b) - optimum) / (median over random points - optimum), cut to [0, 1]
  RS(b) = (y(b) - optimum) / (median over random searches of their y(b) - optimum), cut to [0, 3]
Means over problems of means over seeds; intervals hold 95% of bootstrap samples of the seeds within each problem. Where
nobody knows the optimum (real training) it is the least loss anyone has seen, so those scores may move when peers are added.
"""
from dataclasses import dataclass

import numpy as np

from optimisers import is_ours

KINDS = {"synthetic": "closed form", "bbob": "bbob", "mixint": "bbob-mixint", "hpo": "real training", "seed": "notebook",
         "noisy": "noisy"}


def loss_at(run, b):
    """y(b) of a run; infinite before its first success."""
    loss = np.inf
    for told, value, *_ in run["leader"]:
        if told > b:
            break
        loss = value
    return loss


def losses(run, trials):
    """y(1) ... y(trials)"""
    curve = np.full(trials, np.inf)
    for told, value, *_ in run["leader"]:
        curve[told - 1:] = value
    return curve


@dataclass
class Row:
    """What a table says of an optimiser."""
    name: str
    mean: float
    low: float
    high: float
    rank: float
    seeds: tuple  # fewest and most over the problems
    by_kind: dict


class Scores:
    """Scores of `traces` ({optimiser: {key: run}}) on problems of known baselines."""

    def __init__(self, baselines, traces):
        self.baselines, self.traces = baselines, traces
        self.optimum = {name: self._optimum(name) for name in baselines}

    def _optimum(self, problem):
        base = self.baselines[problem]
        seen = [run["leader"][-1][1] for runs in self.traces.values() for k, run in runs.items()
                if k[0] == problem and run["leader"]]
        least = min(seen + [base["least"]])
        if base["optimum"] is None:
            return least
        assert least >= base["optimum"] - 1e-6 * max(1, abs(base["optimum"])), f"{problem}: {least} is below the optimum"
        return base["optimum"]

    def runs(self, name, problem, trials=0, workers=1, mode="async"):
        """Runs over seeds that are at least so long."""
        return [run for (p, _, w, m), run in self.traces.get(name, {}).items()
                if (p, w, m) == (problem, workers, mode) and run["trials"] >= trials]

    def _reference(self, problem, score, b):
        base = self.baselines[problem]
        return (base["median"] if score == "NR" else base["best"][str(b)]) - self.optimum[problem]

    def of(self, score, name, problem, b):
        """One score per seed."""
        regret = np.array([loss_at(run, b) for run in self.runs(name, problem, b)]) - self.optimum[problem]
        return np.clip(regret / self._reference(problem, score, b), 0, 1 if score == "NR" else 3)

    def curve(self, name, problems):
        """Mean NR by trial, as far as the optimiser went on each of the problems; empty where one is missing."""
        curves = []
        for problem in problems:
            runs = self.runs(name, problem, 1)
            trials = max((run["trials"] for run in runs), default=0)
            regret = np.array([losses(run, trials) for run in runs if run["trials"] == trials]) - self.optimum[problem]
            if not trials:
                return np.array([])
            curves.append(np.clip(regret / self._reference(problem, "NR", trials), 0, 1).mean(0))
        return np.mean([curve[:min(map(len, curves))] for curve in curves], 0)

    def table(self, score, b, problems, samples=1000):
        """Rows by mean, of the optimisers that have all of the problems that any peer (or else any) has at budget b."""
        problems = [p for p in problems if p in self.baselines]
        values = {(name, p): self.of(score, name, p, b) for name in self.traces for p in problems}
        peers = [name for name in self.traces if not is_ours(name)]
        played = {who: [p for p in problems if any(len(values[name, p]) for name in names)]
                  for who, names in (("peers", peers), ("any", self.traces))}
        problems = played["peers"] or played["any"]
        names = [name for name in self.traces if problems and all(len(values[name, p]) for p in problems)]
        means = {name: np.array([values[name, p].mean() for p in problems]) for name in names}
        rng, rows = np.random.default_rng(0), []
        for name in names:
            ranks = [_rank(means[name][j], [means[other][j] for other in names]) for j in range(len(problems))]
            drawn = np.mean([rng.choice(values[name, p], (samples, len(values[name, p]))).mean(1) for p in problems], 0)
            counts = [len(values[name, p]) for p in problems]
            kinds = [self.baselines[p]["kind"] for p in problems]
            by_kind = {kind: float(means[name][[k == kind for k in kinds]].mean()) for kind in KINDS if kind in kinds}
            rows.append(Row(name, float(means[name].mean()), *map(float, np.quantile(drawn, (.025, .975))),
                            float(np.mean(ranks)), (min(counts), max(counts)), by_kind))
        return sorted(rows, key=lambda row: row.mean), problems

    def workers_row(self, name, problems, workers, mode):
        """(NR when random search with the same workers is done, makespan relative to random search's), or None"""
        regrets, spans = [], []
        for problem in problems:
            runs = [run for run in self.runs(name, problem, 0, workers, mode) if "makespan" in run]
            random = [run["makespan"] for run in self.runs("random", problem, 0, workers) if "makespan" in run]
            if not runs or not random:
                return None
            end = np.median(random)
            for run in runs:
                before = [value for _, value, time in run["leader"] if time <= end]
                loss = before[-1] if before else np.inf
                regrets.append(np.clip((loss - self.optimum[problem]) / self._reference(problem, "NR", 0), 0, 1))
                spans.append(run["makespan"] / end)
        return float(np.mean(regrets)), float(np.mean(spans))

    def extra_trials(self, name, problems, workers, b):
        """How many times the trials of one worker it takes `workers` workers to reach what one reaches in b, median over
        the problems; None where runs are missing."""
        ratios = []
        for problem in problems:
            one, many = self.runs(name, problem, b), self.runs(name, problem, b, workers)
            if not one or not many:
                return None
            trials = min(run["trials"] for run in many)
            alone = np.median([losses(run, b) for run in one], 0)
            together = np.median([losses(run, trials) for run in many], 0)
            target = alone[b - 1]
            reached = np.flatnonzero(together <= target)
            ratios.append((reached[0] + 1) / (np.flatnonzero(alone <= target)[0] + 1) if len(reached) else np.inf)
        return float(np.median(ratios))

    def deciding(self, name):
        """Mean CPU seconds per trial of the runs with one worker, by budget."""
        spent = {}
        for run in self.traces[name].values():
            if run["workers"] == 1:
                spent.setdefault(run["budget"], []).append(run["cpu_s"] / run["trials"])
        return {budget: float(np.mean(values)) for budget, values in sorted(spent.items())}


def _rank(value, among):
    among = np.array(among)
    return (among < value).sum() + ((among == value).sum() + 1) / 2


