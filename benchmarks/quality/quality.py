"""Plays optimisers on problems and prints how they did. Use run.sh, which makes what this needs.

  quick           the library on the core problems, beside the recorded peers: some minutes
  full            the library on every problem, with more seeds and trials, and with workers: hours
  held-out        the library against live peers on problems that nothing was tuned on
  peers NAME...   peers live, on the same problems, into build/quality; `record` keeps them
  record NAME...  puts runs made here, their packages' versions and the baselines into recorded/
  report          writes the tables and the plot of docs/quality.md
  show            prints the tables of what is there
"""
import argparse
import os
import sys

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"  # before numpy is imported: a run takes one core

import baselines
import campaign
import optimisers
import problems
import report
import traces
from campaign import Job
from paths import RECORDED
from score import Scores

HELD_OUT_SEED = 100  # the first; those below were tuned on
LIVE = ("random", "optuna-tpe", "optuna-tpe-uni")


def chosen(names, parts):
    return [name for name in names if not parts or any(part in name for part in parts)]


def sequential(names, problem_names, seeds, budget, cap):
    """Seeds come first, so that a campaign cut short has all problems."""
    return [Job(name, problem, seed, budget, cap=cap) for seed in seeds for problem in problem_names for name in names]


def with_workers(names, problem_names, seeds, budget, workers, modes, cap):
    return [Job(name, problem, seed, max(budget, 4 * w), w, mode, cap) for seed in seeds for w in workers
            for problem in problem_names for name in names for mode in modes]


def jobs_of(options, ours):
    """The jobs of a command."""
    def seeds(default, first=0):
        return range(first, first + (options.seeds or default))

    def play(names, problem_names, default_seeds, default_budget, first=0):
        return sequential(names, chosen(problem_names, options.problems), seeds(default_seeds, first),
                          options.budget or default_budget, options.cap)

    def virtual(names, problem_names, default_seeds, workers, modes):
        return with_workers(names, chosen(problem_names, options.problems), seeds(default_seeds),
                            options.budget or 120, workers, modes, options.cap)

    if options.what == "quick":
        return play(ours, problems.CORE, 3, 100) + virtual(ours, problems.CORE, 3, (8,), ("async",))
    if options.what == "full":
        return play(ours, problems.FULL, 10, 200) + virtual(ours, problems.CORE, 10, (3, 8, 32), ("async",)) + \
            virtual(ours, report.PARALLEL, 10, (3, 8, 32), ("sync",))
    if options.what == "held-out":
        return play([*ours, *(options.names or LIVE)], problems.HELD_OUT, 5, 100, HELD_OUT_SEED)
    assert options.what == "peers", options.what
    return play(options.names, problems.FULL if options.all else problems.CORE, 5, 100) + \
        (virtual(options.names, report.PARALLEL, 5, (3, 8, 32), ("sync", "async")) if options.workers else [])


def record(names):
    """Keeps what was made here, and says with which versions."""
    path = os.path.join(RECORDED, "VERSIONS.md")
    with open(path) as file:
        lines = [line for line in file.read().splitlines() if line.split("|")[1:2] not in [[f" {name} "] for name in names]]
    for name in names:
        traces.record(name)
        packages = ", ".join(f"{package} {version}" for package, version in optimisers.versions(name).items())
        lines.append(f"| {name} | {packages} |")
    with open(path, "w") as file:
        file.write("\n".join(lines) + "\n")
    baselines.record()


def show(scores, options):
    """Prints what a command is about."""
    if options.what == "held-out":
        print(report.score_tables(scores, list(problems.HELD_OUT), (25, 50, 100)))
        return
    wide = options.what == "full" or options.all
    print(report.score_tables(scores, list(problems.FULL if wide else problems.CORE)))
    print("\n" + report.against_best(scores, list(problems.CORE)))
    print("\nNR when random search is done (and makespan relative to it), on a virtual clock\n")
    print(report.workers_table(scores))
    print("\nTrials relative to one worker's, to reach what it reaches in 50 / 100\n")
    print(report.extra_trials_table(scores))
    print("\n" + report.deciding_table(scores))


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("quick", "full", "held-out", "peers", "record", "report", "show"))
    parser.add_argument("names", nargs="*", help=f"peers, of {', '.join(optimisers.PEERS)}")
    parser.add_argument("--samplers", nargs="*", default=[], help="samplers of the library, beside its default")
    parser.add_argument("--problems", nargs="*", help="only those whose name has one of these parts")
    parser.add_argument("--all", action="store_true", help="peers: on every problem; show: of every problem")
    parser.add_argument("--workers", action="store_true", help="peers: also with workers on a virtual clock")
    parser.add_argument("--seeds", type=int, help="how many")
    parser.add_argument("--budget", type=int, help="trials of a run")
    parser.add_argument("--cap", type=float, default=600, help="CPU seconds of an optimiser after which a run is cut short")
    parser.add_argument("--minutes", type=float, default=600, help="begin no run after this")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--compare", nargs="*", default=[], metavar="PATTERN",
                        help="also show files of build/quality/traces, such as 'hposearch@0123abcd'")
    return parser.parse_args()


def main():
    options = parse()
    unknown = [name for name in options.names if name not in optimisers.PEERS]
    if unknown:
        sys.exit(f"no peer is called {unknown[0]!r}; there are {', '.join(optimisers.PEERS)}")
    if options.what == "record":
        record(options.names)
        return
    ours = [optimisers.OURS] + [f"{optimisers.OURS}-{sampler}" for sampler in options.samplers]
    ours = ours if "HPOSEARCH_BRIDGE" in os.environ else []
    failed = 0
    if options.what not in ("report", "show"):
        failed = campaign.run(jobs_of(options, ours), options.processes, options.minutes)
    names = ours + [name for name in optimisers.PEERS if os.path.exists(traces.own_path(name))]
    scores = Scores(baselines.load(), traces.load(names, options.compare))
    if options.what == "report":
        report.write_document(scores)
    else:
        show(scores, options)
    if failed:
        sys.exit(f"{failed} runs failed: see errors.jsonl under build/quality")


if __name__ == "__main__":
    main()
