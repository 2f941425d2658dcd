"""What the peers share: the table's line, a free port, and an end for what was started."""

import contextlib
import os
import socket
import sys


def percentile(values, share):
    ordered = sorted(values)
    return ordered[round(share * (len(ordered) - 1))]


def print_row(name, outstanding, per_second, trips):
    """`trips` in seconds; printed as microseconds, as the C++ programs do."""
    us = [1e6 * trip for trip in trips]
    print(f"{name:<28} {outstanding:>11} {per_second:>12.0f} {percentile(us, 0.5):>14.1f} {percentile(us, 0.99):>12.1f}",
          flush=True)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def program(name):
    """A program of this interpreter's own environment."""
    return os.path.join(os.path.dirname(sys.executable), name)


@contextlib.contextmanager
def closing(processes):
    try:
        yield
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            try:
                process.wait(10)
            except Exception:
                process.kill()
