"""A program that speaks the protocol of docs/bridge.md, seen from Python."""
import json
import os
import select
import shlex
import subprocess
import time


class BridgeError(RuntimeError):
    """The program died, fell silent, or answered with an error."""


class Bridge:
    """Starts `command` and drives it. `ask` and `tell` are those of peers.Optimiser."""
    period = 1

    def __init__(self, command, space, seed, budget, sampler="default", patience=600):
        """patience: seconds to wait for an answer before the program counts as hung."""
        self.command, self.patience, self._rest = command, patience, b""
        self.process = subprocess.Popen(shlex.split(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            self._call(op="start", space=space, seed=seed, sampler=sampler, budget=budget)
        except BridgeError:
            self.close()
            raise

    def ask(self, n=1):
        return [(trial["id"], trial["params"]) for trial in self._call(op="ask", n=n)["trials"]]

    def tell(self, results):
        failed = {"value": None, "state": "failed"}
        self._call(op="tell", trials=[{"id": id} | (failed if value is None else {"value": float(value)})
                                      for id, value in results])

    def cpu_seconds(self):
        """CPU of the program so far, all its threads: the clock that clock_getcpuclockid(3) names."""
        return time.clock_gettime(~self.process.pid << 3 | 2)

    def peak_mib(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))

    def close(self):
        """Ends the program: by the end of its input, or by force if that does not do."""
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    def _call(self, **request):
        try:
            self.process.stdin.write(json.dumps(request).encode() + b"\n")
            self.process.stdin.flush()
            answer = json.loads(self._line())
        except (BrokenPipeError, EOFError):
            raise BridgeError(f"{self.command!r} ended with code {self.process.wait()} at {request['op']!r}") from None
        except TimeoutError:
            self.process.kill()
            raise BridgeError(f"{self.command!r} gave no answer to {request['op']!r} in {self.patience} s") from None
        if "error" in answer:
            raise BridgeError(f"{self.command!r} answered {request['op']!r} with {answer['error']!r}")
        return answer

    def _line(self):
        end = time.monotonic() + self.patience
        while b"\n" not in self._rest:
            if not select.select([self.process.stdout], [], [], max(0.0, end - time.monotonic()))[0]:
                raise TimeoutError
            more = os.read(self.process.stdout.fileno(), 1 << 16)
            if not more:
                raise EOFError
            self._rest += more
        line, _, self._rest = self._rest.partition(b"\n")
        return line
