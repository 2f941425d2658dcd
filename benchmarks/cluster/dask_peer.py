"""Trivial tasks through Dask distributed, as the notebook runs it: a scheduler and three worker processes."""

import subprocess
import sys
import time

from row import closing, free_port, print_row, program


def evaluate(x, y, z, pool):
    return x + y + z


def main(processes=3, tasks=600):
    port = free_port()
    address = f"tcp://127.0.0.1:{port}"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    dask = program("dask")
    commands = [[dask, "scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"]]
    commands += [[dask, "worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard"]] * processes
    with closing([subprocess.Popen(command, **quiet) for command in commands]):
        from distributed import Client, as_completed

        with Client(address, timeout=60) as client:
            client.wait_for_workers(processes, timeout=60)
            client.submit(evaluate, 0.5, 0, 1, "max").result()
            for outstanding in (1, 8):
                trips, begin, sent, asked = [], time.perf_counter(), {}, 0

                def ask():
                    nonlocal asked
                    future = client.submit(evaluate, asked + outstanding / 10, 2, 3, "max", pure=False)
                    sent[future.key] = time.perf_counter()
                    asked += 1
                    return future

                running = as_completed([ask() for _ in range(outstanding * processes)])
                for future in running:
                    future.result()
                    trips.append(time.perf_counter() - sent.pop(future.key))
                    if asked < tasks:
                        running.add(ask())
                print_row("Dask distributed", outstanding, len(trips) / (time.perf_counter() - begin), trips)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
