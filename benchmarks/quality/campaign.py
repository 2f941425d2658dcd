"""Plays many runs in a few processes. What is already there is not played again, so a campaign that was stopped goes on
where it was; a process that dies takes only its own run with it."""
import multiprocessing
import os
import time
import traceback
from dataclasses import asdict, dataclass
from multiprocessing.connection import wait

import baselines
import optimisers
import problems
import traces
from paths import ERRORS
from play import play

SPAWN = multiprocessing.get_context("spawn")  # a fork would hand every child the threads of what was imported


@dataclass(frozen=True)
class Job:
    """A run, or with optimiser None the baseline of the problem."""
    optimiser: str | None
    problem: str
    seed: int = 0
    budget: int = 0
    workers: int = 1
    mode: str = "async"
    cap: float = 300

    def key(self):
        return self.problem, self.seed, self.workers, self.mode

    def __str__(self):
        if self.optimiser is None:
            return f"baseline of {self.problem}"
        with_workers = f", {self.workers} workers {self.mode}" if self.workers > 1 else ""
        return f"{self.optimiser} on {self.problem}, seed {self.seed}{with_workers}"


def missing(jobs):
    """Those of the jobs whose result is not there yet, and first the baselines of their problems."""
    jobs = list(jobs)
    have = {}
    for name in {job.optimiser for job in jobs}:
        runs = traces.read(traces.own_path(name)) + ([] if optimisers.is_ours(name) else traces.read(traces.recorded_path(name)))
        # A run that was cut short by its cap would be again.
        have[name] = {k: max(run["trials"], run.get("budget", 0)) for k, run in traces.longest(runs).items()}
    known = baselines.load()
    bases = [Job(None, name) for name in dict.fromkeys(job.problem for job in jobs) if name not in known]
    return bases + [job for job in jobs if have[job.optimiser].get(job.key(), 0) < job.budget]


def _received(pipe):
    """The next job; None where there are no more, or nobody to give them."""
    try:
        return pipe.recv()
    except EOFError:
        return None


def _work(pipe):
    """A process: takes jobs until there are none, and answers with a result or the text of an error."""
    os.nice(10)
    built = {}
    while (job := _received(pipe)) is not None:
        try:
            if job.problem not in built:
                built[job.problem] = problems.build(job.problem)
            problem = built[job.problem]
            if job.optimiser is None:
                pipe.send((baselines.baseline(problem), None))
            else:
                run = play(job.optimiser, problem, job.seed, job.budget, job.workers, job.mode, job.cap)
                pipe.send((run | {"budget": job.budget}, None))
        except Exception as error:
            pipe.send((None, f"{type(error).__name__}: {error}\n{traceback.format_exc(limit=-2)}"))


class _Worker:
    def __init__(self):
        self.pipe, child = SPAWN.Pipe()
        self.process = SPAWN.Process(target=_work, args=(child,), daemon=True)
        self.process.start()
        child.close()
        self.job = None

    def give(self, job):
        self.job = job
        self.pipe.send(job)

    def result(self):
        """(result, error); a process that has died has an error."""
        try:
            return self.pipe.recv()
        except (EOFError, ConnectionResetError):
            self.process.join()
            return None, f"the process ended with code {self.process.exitcode}"


def _keep(job, result, error):
    if error:
        print(f"FAILED {job}: {error.splitlines()[0]}", flush=True)
        traces.append(ERRORS, asdict(job) | {"error": error[:2000]})
    elif job.optimiser is None:
        baselines.keep(job.problem, result)
    else:
        traces.append(traces.own_path(job.optimiser), result)


def run(jobs, processes=2, minutes=600):
    """Plays what is missing of `jobs`; no new run is begun after `minutes`. Returns the number of failed runs."""
    todo = missing(jobs)
    total, end, failed, done = len(todo), time.monotonic() + 60 * minutes, 0, 0
    print(f"{total} runs to play", flush=True)
    todo.reverse()
    idle, busy = [], {}
    while todo or busy:
        late = time.monotonic() > end
        while todo and not late and len(busy) < processes:
            worker = idle.pop() if idle else _Worker()
            worker.give(todo.pop())
            busy[worker.pipe] = worker
        if not busy:
            print(f"out of time: {len(todo)} runs are left", flush=True)
            break
        for pipe in wait(list(busy)):
            worker = busy.pop(pipe)
            result, error = worker.result()
            _keep(worker.job, result, error)
            failed += error is not None
            done += 1
            if worker.process.is_alive():
                idle.append(worker)
            if done % 20 == 0:
                print(f"{done} of {total}", flush=True)
    for worker in idle:
        worker.pipe.send(None)
        worker.process.join()
    return failed
