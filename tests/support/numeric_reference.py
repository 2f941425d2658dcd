"""Writes tests/support/numeric_reference.hpp: values of elementary and special functions, by mpmath with 60 digits.

Run from the root of the repository, with mpmath installed.
"""
import pathlib
import random

from mpmath import erfc, exp, expm1, log, log1p, mp, mpf, npdf, pi, sqrt

mp.dps = 60
draw = random.Random(2024)


def spread(low, high, count=40):
    return [draw.uniform(low, high) for _ in range(count)]


def powers(low, high, count=40, signs=(1,)):
    return [draw.choice(signs) * 2.0**x for x in spread(low, high, count)]


def erfcx(x):
    return exp(x * x) * erfc(x)


def cdf(z):
    return erfc(-z / sqrt(2)) / 2


def quantile(p):
    """Newton's method on the logarithm of the cdf."""
    if p > 0.5:
        return -quantile(1 - p)
    z, step = -sqrt(-2 * log(p)) if p < 0.1 else mpf(0), mpf(1)
    while abs(step) > mpf(10) ** -50:
        step = (log(cdf(z)) - log(p)) * cdf(z) / npdf(z)
        z -= step
    return z


def log_h_pair(z):
    """log h(z) and its derivative: from the definition, or by a long continued fraction below -30."""
    if z < -30:
        g = -z
        for n in range(400, 1, -1):
            g = -z + n / g
        return -z * z / 2 - log(2 * pi) / 2 - log(1 - z * g), g
    h = npdf(z) + z * cdf(z)
    return log(h), cdf(z) / h


tails = [-1e3, -1e4, -1e5, -1e6, -1e8, -1e20, -1e150]
log_h_points = spread(-40, 30, 60) + spread(-10, 0, 60) + [-8.0] + [-float(10**x) for x in spread(1, 6)] + tails
functions = {
    "exp": (exp, spread(-745, 709) + spread(-1, 1) + spread(-745, -708, 10) + powers(-60, 0, 10, (1, -1))),
    "expm1": (expm1, spread(-60, 709) + spread(-1, 1) + spread(-3, 3) + powers(-1070, 0, 40, (1, -1))),
    "log": (log, powers(-1074, 1023) + spread(0.5, 2) + [1 + x for x in powers(-50, -1, 20, (1, -1))]),
    "log1p": (
        log1p,
        powers(-1070, 1023) + spread(-0.9, 2) + [x - 1 for x in powers(-52, 0)] + powers(-70, 0, 40, (1, -1)),
    ),
    "log1mexp": (
        lambda x: log(-expm1(x)) if x > -1 else log1p(-exp(x)),
        [-x for x in powers(-300, 9, 60)] + spread(-5, 0),
    ),
    "log1p_exp": (lambda x: log1p(exp(x)), spread(-740, 1000) + spread(-2, 2)),
    "erfc": (erfc, spread(-6, 26) + spread(-1, 1, 20)),
    "erfcx": (erfcx, spread(-26, 30) + spread(-1, 1, 20) + powers(5, 12, 20)),
    "pdf": (npdf, spread(-37, 37)),
    "cdf": (cdf, spread(-37, 8) + spread(-1, 1, 20)),
    "log_cdf": (lambda z: log1p(-cdf(-z)) if z > 0 else log(cdf(z)), spread(-38, 37) + spread(-2, 1, 20)),
    "quantile": (quantile, spread(0, 1) + powers(-1074, -1) + [1 - x for x in powers(-52, -1, 20)]),
    "log_h": (lambda z: log_h_pair(z)[0], log_h_points),
    "log_h_derivative": (lambda z: log_h_pair(z)[1], log_h_points),
}



def table(name, function, points):
    rows = ",\n".join(f"    {{{float(x).hex()}, {float(function(mpf(x))).hex()}}}" for x in points)
    return f"inline constexpr std::array<Sample, {len(points)}> {name}{{{{\n{rows}}}}};\n"


tables = "\n".join(table(name, *rest) for name, rest in functions.items())
text = f"""/// \\file
/// Arguments and correctly rounded values, by mpmath. Written by numeric_reference.py.
#pragma once

#include <array>

namespace numeric_reference {{

struct Sample {{
  double x, value;
}};

// clang-format off

{tables}
// clang-format on

}}  // namespace numeric_reference
"""
pathlib.Path("tests/support/numeric_reference.hpp").write_text(text)
