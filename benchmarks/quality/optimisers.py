"""Optimisers by name.

  hposearch (the default sampler), hposearch-tpe, ... : the library, through its command-line tool
  any of peers.PEERS
"""
import hashlib
import os
import shlex
import subprocess
import sys

from bridge import Bridge
from paths import HEBO_PYTHON, HERE
from peers import PEERS

OURS = "hposearch"


def is_ours(name):
    return name == OURS or name.startswith(OURS + "-")


def command():
    """What starts the library's bridge."""
    return os.environ["HPOSEARCH_BRIDGE"]


def build_id():
    """Eight letters that change with the program behind the bridge."""
    with open(shlex.split(command())[0], "rb") as program:
        return hashlib.sha1(program.read() + command().encode()).hexdigest()[:8]


def make(name, space, seed, budget, workers=1):
    if is_ours(name):
        return Bridge(command(), space, seed, budget, sampler=name[len(OURS) + 1:] or "default")
    if name == "hebo":
        return Bridge(f"{HEBO_PYTHON} {HERE}/serve.py hebo", space, seed, budget)
    return PEERS[name](space, seed, budget, workers)


def versions(name):
    """{package: version} of what a peer runs on."""
    python = HEBO_PYTHON if name == "hebo" else sys.executable
    script = "import importlib.metadata as m, platform, sys; print(platform.python_version(), *map(m.version, sys.argv[1:]))"
    packages = PEERS[name].packages
    out = subprocess.run([python, "-c", script, *packages], capture_output=True, text=True, check=True).stdout.split()
    return dict(zip(("python", *packages), out, strict=True))
