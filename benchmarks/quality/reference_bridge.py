"""The smallest program that speaks the protocol of docs/bridge.md: random search. It stands in where the library is not
built, and in the tests. With `die N` it ends without a word at the N-th ask, with `hang N` it falls silent there."""
import json
import sys
import time

import numpy as np

from spaces import random_point


class Study:
    def __init__(self, fault, when):
        self.fault, self.when, self.asks, self.trials = fault, when, 0, {}

    def start(self, space, seed=0, **_):
        self.space, self.rng, self.trials = space, np.random.default_rng(seed), {}
        return {"ok": True}

    def ask(self, n=1):
        self.asks += 1
        if self.asks == self.when:
            if self.fault == "die":
                sys.exit(3)
            time.sleep(3600)
        new = range(len(self.trials), len(self.trials) + n)
        self.trials |= {id: random_point(self.space, self.rng) for id in new}
        return {"trials": [{"id": id, "params": self.trials[id]} for id in new]}

    def tell(self, trials):
        unknown = [trial["id"] for trial in trials if trial["id"] not in self.trials]
        return {"error": f"unknown trial {unknown[0]}"} if unknown else {"ok": True}


def main():
    study = Study(sys.argv[1] if len(sys.argv) > 1 else None, int(sys.argv[2]) if len(sys.argv) > 2 else 0)
    for line in sys.stdin:
        try:
            request = json.loads(line)
            answer = getattr(study, request.pop("op"))(**request)
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
