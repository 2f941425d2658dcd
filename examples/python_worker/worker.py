#!/usr/bin/env python3
"""A worker of an hposearch cluster, in Python, written from docs/protocol.md.

    worker.py tcp://head:8786 objective.py        evaluates its function evaluate(point, trial)

Needs cbor2 (Debian: python3-cbor2). The token is that of the head: HPOSEARCH_TOKEN, the file that HPOSEARCH_TOKEN_FILE
names, or ~/.config/hposearch/token.
"""

import argparse
import collections
import hashlib
import hmac
import importlib.util
import os
import random
import secrets
import socket
import struct
import sys
import threading
import time

import cbor2

VERSION = 1
HEADER = struct.Struct("<IBBH")  # length of the body, kind, flags, reserved
(CHALLENGE, HELLO, WELCOME, JOIN, ACCEPT, REFUSE, TASK, RESULT, ACK, REPORT, CANCEL, RECALL, PING, PONG, DRAIN,
 BYE) = range(1, 17)


class Ended(Exception):
    """The worker is to leave. Its argument is the exit status: 0 in good order, 2 if no head will ever take it."""


def read_token():
    if os.environ.get("HPOSEARCH_TOKEN"):
        return os.environ["HPOSEARCH_TOKEN"].strip().encode()
    config = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
    with open(os.environ.get("HPOSEARCH_TOKEN_FILE") or os.path.join(config, "hposearch", "token"), "rb") as file:
        return file.read().strip()


class Trial:
    """One task, as the objective sees it."""

    def __init__(self, worker, slot, task):
        self.worker, self.slot, self.task = worker, slot, task
        self.number, self.attempt = task["trial"], task["attempt"]
        self.stop = threading.Event()  # set when the trial was cancelled or is over its time limit
        self.timed_out = False
        self.began = time.monotonic_ns()

    def report(self, step, value):
        self.worker.send(REPORT, {"task": self.task["task"], "step": step, "value": float(value), "slot": self.slot})


class Worker:
    def __init__(self, evaluate, token, slots=1):
        self.evaluate, self.token, self.slots = evaluate, token, slots
        self.id = secrets.token_hex(16)
        self.queue = collections.deque()  # tasks not begun
        self.running = {}  # Trial by task
        self.results = {}  # by task, with the time of their end: until they are acknowledged
        self.draining = False
        self.socket = None  # while this worker belongs to a head
        self.lock = threading.RLock()
        self.work = threading.Condition(self.lock)
        for slot in range(slots):
            threading.Thread(target=self.serve_slot, args=(slot,), daemon=True).start()

    # -- trials -------------------------------------------------------------------------------------------------------

    def serve_slot(self, slot):
        while True:
            with self.work:
                self.work.wait_for(lambda: self.queue)
                task = self.queue.popleft()
                trial = self.running[task["task"]] = Trial(self, slot, task)
            try:
                result = {"status": "completed", "value": float(self.evaluate(task["point"], trial))}
            except Exception as error:
                result = {"status": "failed", "message": f"{type(error).__name__}: {error}"}
            with self.lock:
                if self.running.pop(task["task"], None) is None:
                    continue  # the head that wanted it is gone
                if trial.timed_out:
                    result = {"status": "failed", "message": f"exceeded its time limit of {task['timeout_ns'] / 1e9} s"}
                elif trial.stop.is_set():
                    result = {"status": "cancelled"}
                result["slot"], result["run_ns"] = slot, time.monotonic_ns() - trial.began
                self.keep(task["task"], result)

    def keep(self, task, result):
        """Results are kept until the head acknowledges them: it may have lost them, or they it."""
        self.results[task] = (time.monotonic_ns(), {"task": task, **result})
        self.transmit(task)

    def transmit(self, task):
        ended, result = self.results[task]
        self.send(RESULT, {**result, "finished_ns": time.monotonic_ns() - ended})

    def enforce_limits(self):
        with self.lock:
            for trial in self.running.values():
                limit = trial.task.get("timeout_ns")
                if limit and time.monotonic_ns() - trial.began > limit and not trial.stop.is_set():
                    trial.timed_out = True
                    trial.stop.set()

    # -- messages -----------------------------------------------------------------------------------------------------

    def send(self, kind, message, connection=None):
        body = cbor2.dumps(message)
        with self.lock:
            try:
                connection = connection or self.socket
                if connection:
                    connection.sendall(HEADER.pack(len(body), kind, 0, 0) + body)
            except OSError:
                pass  # whoever reads will see it

    def proof(self, side, head_nonce, own_nonce):
        text = b"hposearch " + side + b"\0" + head_nonce + own_nonce + self.id.encode()
        return hmac.digest(self.token, text, hashlib.sha256)

    def join(self, connection, messages):
        """Both sides prove that they have the token, then this one says what it is and what it has."""
        challenge = self.expect(messages, CHALLENGE)
        if not challenge["min_version"] <= VERSION <= challenge["max_version"]:
            self.send(REFUSE, {"code": "version", "reason": f"this worker speaks version {VERSION}"}, connection)
            print("the head speaks another version of the protocol", file=sys.stderr)
            raise Ended(2)
        nonce = secrets.token_bytes(32)
        self.send(HELLO, {"version": VERSION, "worker": self.id, "nonce": nonce,
                          "proof": self.proof(b"worker", challenge["nonce"], nonce)}, connection)
        welcome = self.expect(messages, WELCOME)
        if not hmac.compare_digest(welcome["proof"], self.proof(b"head", challenge["nonce"], nonce)):
            self.send(REFUSE, {"code": "token", "reason": "the head has another token"}, connection)
            print("the head has another token", file=sys.stderr)
            raise Ended(2)
        with self.lock:
            self.send(JOIN, {"slots": self.slots, "name": f"python-{os.getpid()}", "host": socket.gethostname(),
                             "process": os.getpid(), "running": list(self.running),
                             "queued": [task["task"] for task in self.queue], "finished": list(self.results)},
                      connection)
        accept = self.expect(messages, ACCEPT)
        with self.lock:
            self.socket = connection
            for task in list(self.results):
                self.transmit(task)
        return accept

    def expect(self, messages, wanted):
        for kind, message in messages:
            if kind == REFUSE:
                self.refused(message)
            if kind == wanted:
                return message
            raise ConnectionError(f"the head sent message {kind} instead of {wanted}" if kind else "the head is silent")
        raise ConnectionError("the head has closed the connection")

    @staticmethod
    def refused(message):
        print(f"refused by the head: {message.get('reason', message['code'])}", file=sys.stderr)
        if message["code"] in ("version", "token", "space", "replaced"):
            raise Ended(2)
        raise ConnectionError(message["code"])

    def handle(self, kind, message):
        with self.lock:
            if kind == TASK:
                if message["task"] in self.results:
                    self.transmit(message["task"])
                elif self.draining:
                    self.keep(message["task"], {"status": "released"})
                elif message["task"] not in self.running and message not in self.queue:
                    self.queue.append(message)
                    self.work.notify()
            elif kind == ACK:
                self.results.pop(message["task"], None)
            elif kind in (CANCEL, RECALL):
                if message["task"] in self.running:
                    if kind == CANCEL:
                        self.running[message["task"]].stop.set()
                elif any(task["task"] == message["task"] for task in self.queue):
                    self.queue = collections.deque(t for t in self.queue if t["task"] != message["task"])
                    self.keep(message["task"], {"status": "cancelled" if kind == CANCEL else "released"})
            elif kind == DRAIN:
                self.draining = True
                while self.queue:
                    self.keep(self.queue.popleft()["task"], {"status": "released"})
            elif kind == REFUSE:
                self.refused(message)
            elif kind == BYE:
                print(f"the head has ended: {message.get('reason', '')}", file=sys.stderr)
                raise Ended(0)
            elif kind != PONG:
                raise ConnectionError(f"the head sent message {kind}")
            if self.draining and not (self.running or self.queue or self.results):
                self.send(BYE, {"reason": "drained"})
                raise Ended(0)

    # -- connection ---------------------------------------------------------------------------------------------------

    @staticmethod
    def receive(connection):
        """Kind and message of what arrives; None and None where nothing has for a moment."""
        received = b""
        while True:
            while len(received) >= HEADER.size:
                length, kind, flags, reserved = HEADER.unpack_from(received)
                if flags or reserved or not CHALLENGE <= kind <= BYE or length > 1 << 24:
                    raise ConnectionError("that is no message")
                if len(received) < HEADER.size + length:
                    break
                yield kind, cbor2.loads(received[HEADER.size:HEADER.size + length])
                received = received[HEADER.size + length:]
            try:
                piece = connection.recv(1 << 16)
            except socket.timeout:
                yield None, None
                continue
            if not piece:
                return
            received += piece

    def belong(self, address):
        """From one connection to its end."""
        with socket.create_connection(address, timeout=5) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            messages = self.receive(connection)
            try:
                accept = self.join(connection, messages)
                heartbeat, lease = accept["heartbeat_ms"] / 1000, accept["lease_ms"] / 1000
                connection.settimeout(heartbeat / 4)
                pinged = heard = time.monotonic()
                for kind, message in messages:
                    now = time.monotonic()
                    if now - pinged > heartbeat / 2:
                        self.send(PING, {})
                        pinged = now
                    self.enforce_limits()
                    if kind is not None:
                        heard = now
                        self.handle(kind, message)
                    elif now - heard > lease:
                        raise ConnectionError("nothing was heard of the head")
            finally:
                with self.lock:
                    self.socket = None

    def run(self, address, orphan=300):
        alone_since, wait = time.monotonic(), 0.02
        while time.monotonic() - alone_since < orphan:
            began = time.monotonic()
            try:
                self.belong(address)
            except Ended as ended:
                return ended.args[0]
            except OSError:
                pass
            if time.monotonic() - began > 1:  # it belonged to a head
                alone_since, wait = time.monotonic(), 0.02
            time.sleep(random.uniform(0, wait))
            wait = min(2 * wait, 2)
        print("no head for too long", file=sys.stderr)
        return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("head", help="tcp://host:port")
    parser.add_argument("objective", help="a Python file with evaluate(point, trial) -> float")
    parser.add_argument("--slots", type=int, default=1)
    options = parser.parse_args()
    host, _, port = options.head.removeprefix("tcp://").rpartition(":")
    spec = importlib.util.spec_from_file_location("objective", options.objective)
    objective = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(objective)
    return Worker(objective.evaluate, read_token(), options.slots).run((host.strip("[]"), int(port)))


if __name__ == "__main__":
    sys.exit(main())
