"""serve.py NAME: a peer behind the protocol of docs/bridge.md, for those that need an environment of their own."""
import contextlib
import json
import sys

from peers import PEERS


def answer(state, request, name):
    if request["op"] == "start":
        state["peer"] = PEERS[name](request["space"], request["seed"], request["budget"])
        return {"ok": True}
    if request["op"] == "ask":
        return {"trials": [{"id": id, "params": point} for id, point in state["peer"].ask(request.get("n", 1))]}
    if request["op"] == "tell":
        state["peer"].tell([(trial["id"], trial["value"]) for trial in request["trials"]])
        return {"ok": True}
    return {"error": f"unknown op {request['op']!r}"}


def main():
    state = {}
    for line in sys.stdin:
        try:
            with contextlib.redirect_stdout(sys.stderr):  # what a peer prints must not come between the answers
                reply = answer(state, json.loads(line), sys.argv[1])
        except Exception as error:  # whatever a peer throws is its answer
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    main()
