"""Trivial tasks through Ray on three worker processes."""

import logging
import os
import sys
import time

from row import print_row


def main(processes=3, tasks=3000):
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    import ray

    ray.init(num_cpus=processes, include_dashboard=False, logging_level=logging.ERROR, log_to_driver=False)

    @ray.remote(num_cpus=1)
    def evaluate(x, y, z, pool):
        return x + y + z

    ray.get([evaluate.remote(0.5, 2, 3, "max") for _ in range(50 * processes)])
    for outstanding in (1, 8):
        trips, begin, sent, asked = [], time.perf_counter(), {}, 0
        while asked < tasks or sent:
            while asked < tasks and len(sent) < outstanding * processes:
                sent[evaluate.remote(asked / 7, 2, 3, "max")] = time.perf_counter()
                asked += 1
            done, _ = ray.wait(list(sent), num_returns=1)
            for reference in done:
                ray.get(reference)
                trips.append(time.perf_counter() - sent.pop(reference))
        print_row("Ray tasks", outstanding, len(trips) / (time.perf_counter() - begin), trips)
    ray.shutdown()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
