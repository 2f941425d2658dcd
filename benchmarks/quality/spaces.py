"""Search spaces as the bridge takes them: a list of dimensions, each a dict.

  {"name", "type": "real", "low", "high", "log"} | {"name", "type": "int", "low", "high", "log"} | {"name", "type": "cat", "choices"}

A point is a dict from names to values.
"""
import math


def real(name, low, high, log=False):
    return {"name": name, "type": "real", "low": float(low), "high": float(high), "log": log}


def integer(name, low, high, log=False):
    return {"name": name, "type": "int", "low": int(low), "high": int(high), "log": log}


def cat(name, *choices):
    return {"name": name, "type": "cat", "choices": list(choices)}


def _axis(dimension):
    """Both ends on the axis, which is logarithmic where the dimension is; an integer owns half a step on either side."""
    margin = 0.5 if dimension["type"] == "int" else 0.0
    low, high = dimension["low"] - margin, dimension["high"] + margin
    return (math.log(low), math.log(high)) if dimension["log"] else (low, high)


def from_unit(space, u):
    """The point at `u` in the unit cube; what lies outside is pulled to its surface."""
    point = {}
    for dimension, t in zip(space, u, strict=True):
        t = min(max(float(t), 0.0), 1.0)
        if dimension["type"] == "cat":
            choices = dimension["choices"]
            point[dimension["name"]] = choices[min(int(t * len(choices)), len(choices) - 1)]
            continue
        low, high = _axis(dimension)
        value = low + t * (high - low)
        value = min(max(math.exp(value) if dimension["log"] else value, dimension["low"]), dimension["high"])
        point[dimension["name"]] = round(value) if dimension["type"] == "int" else value
    return point


def to_unit(space, point):
    """Where a point lies in the unit cube; a category at the middle of its slice."""
    u = []
    for dimension in space:
        value = point[dimension["name"]]
        if dimension["type"] == "cat":
            u.append((dimension["choices"].index(value) + 0.5) / len(dimension["choices"]))
            continue
        low, high = _axis(dimension)
        u.append(((math.log(value) if dimension["log"] else value) - low) / (high - low))
    return u


def random_point(space, rng):
    return from_unit(space, rng.random(len(space)))


def check(space, point):
    """Raises ValueError where `point` is not one of the space: an optimiser's mistake."""
    for dimension in space:
        value = point[dimension["name"]]
        if dimension["type"] == "cat":
            inside = value in dimension["choices"]
        else:
            low, high = dimension["low"], dimension["high"]
            slack = 1e-9 * max(abs(low), abs(high), high - low)
            inside = low - slack <= value <= high + slack and (dimension["type"] == "real" or int(value) == value)
        if not inside:
            raise ValueError(f"{dimension['name']} = {value!r} is outside {dimension}")
