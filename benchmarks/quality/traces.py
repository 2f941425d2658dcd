"""Traces of runs as JSON lines, one file per optimiser: those made here under build/quality/traces, those kept under
recorded/, both in one form.

A run is {"problem", "seed", "workers", "mode", "trials", "leader", "cpu_s", ...}. `leader` holds every change of the best
trial as [how many trials had been told, its loss without noise, virtual time]: best is what the optimiser was told, noise
included; the time is missing where the clock was not kept. "mode" is "async" (each worker gets a new point when it is
done) or "sync" (all wait for the slowest).
"""
import glob
import json
import os

from optimisers import build_id, is_ours
from paths import RECORDED, TRACES


def digits(x, n=8):
    return None if x is None else float(f"{x:.{n}g}")


class Leader:
    """Follows the best trial of a run."""

    def __init__(self):
        self.told, self.changes, self._best = 0, [], None

    def tell(self, told_loss, true_loss, time=None):
        """told_loss: None for a failure"""
        self.told += 1
        if told_loss is None or (self._best is not None and told_loss >= self._best):
            return
        self._best = told_loss
        self.changes.append([self.told, digits(true_loss)] + ([] if time is None else [digits(time, 5)]))


def key(run):
    return run["problem"], run["seed"], run["workers"], run["mode"]


def own_path(name):
    """Where runs of `name` made here lie. A new build of the library starts a new file."""
    return os.path.join(TRACES, f"{name}@{build_id()}.jsonl" if is_ours(name) else f"{name}.jsonl")


def recorded_path(name):
    return os.path.join(RECORDED, f"{name}.jsonl")


def read(path):
    if not os.path.exists(path):
        return []
    with open(path) as file:
        return [json.loads(line) for line in file if line.endswith("}\n")]  # the last line may have been cut short


def append(path, run):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "a") as file:
        file.write(json.dumps(run, separators=(",", ":")) + "\n")


def longest(runs):
    """{key: run} of runs, the longest where there are several."""
    best = {}
    for run in runs:
        if run["trials"] > best.get(key(run), {"trials": -1})["trials"]:
            best[key(run)] = run
    return best


def load(names=(), others=()):
    """{optimiser: {key: run}} of all recorded peers, and of what was made here by `names` and by the files of TRACES that
    match the patterns `others`."""
    files = {}
    for path in sorted(glob.glob(os.path.join(RECORDED, "*.jsonl"))):
        files.setdefault(os.path.basename(path)[:-6], []).append(path)
    for name in names:
        files.setdefault(name, []).append(own_path(name))
    for pattern in others:
        for path in sorted(glob.glob(os.path.join(TRACES, pattern + ".jsonl"))):
            files.setdefault(os.path.basename(path)[:-6], []).append(path)
    loaded = {name: longest(run for path in paths for run in read(path)) for name, paths in files.items()}
    return {name: runs for name, runs in loaded.items() if runs}


def record(name):
    """Puts the runs of `name` made here into recorded/, sorted."""
    runs = longest(read(recorded_path(name)) + read(own_path(name)))
    with open(recorded_path(name), "w") as file:
        for run in sorted(runs.values(), key=key):
            file.write(json.dumps(run, separators=(",", ":")) + "\n")
