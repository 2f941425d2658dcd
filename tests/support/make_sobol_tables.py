"""Writes include/hposearch/numeric/sobol_directions.hpp and tests/support/sobol_reference.hpp.

Run from the root of the repository, with SciPy installed.
The direction numbers are read from the copy of new-joe-kuo-6.21201 that SciPy installs.
"""
import pathlib
import textwrap

import numpy as np
import scipy.stats
from scipy.stats import qmc

DEGREE = 13  # every primitive polynomial to this degree: 1,111 dimensions, and all numbers fit 16 bits

with np.load(pathlib.Path(scipy.stats.__file__).parent / "_sobol_direction_numbers.npz") as data:
    polynomials, starts = data["poly"], data["vinit"]
dimensions = int(np.argmax(polynomials >= 2 ** (DEGREE + 1)))
degrees = [int(p).bit_length() - 1 for p in polynomials[1:dimensions]]
numbers = [int(m) for row, degree in zip(starts[1:dimensions], degrees) for m in row[:degree]]



def listing(values, opening="", closing=""):
    """The values in lines of 120 columns (clang-format would align them in columns, which takes half as much again)."""
    text = opening + ", ".join(str(int(v)) for v in values) + closing
    return textwrap.fill(text, 118, initial_indent="    ", subsequent_indent="    ")


header = f"""/// \\file
/// Direction numbers of the Sobol sequence in {dimensions:,} dimensions. Written by tests/support/make_sobol_tables.py.
///
/// They are the file new-joe-kuo-6.21201 (D(6)) of S. Joe and F. Y. Kuo, "Constructing Sobol sequences with better
/// two-dimensional projections", SIAM Journal on Scientific Computing 30 (2008), 2635-2654, published at
/// https://web.maths.unsw.edu.au/~fkuo/sobol/ under the BSD licence:
///
/// Copyright (c) 2008, Frances Y. Kuo and Stephen Joe. All rights reserved.
///
/// Redistribution and use in source and binary forms, with or without modification, are permitted provided that the
/// following conditions are met:
/// - Redistributions of source code must retain the above copyright notice, this list of conditions and the following
///   disclaimer.
/// - Redistributions in binary form must reproduce the above copyright notice, this list of conditions and the
///   following disclaimer in the documentation and/or other materials provided with the distribution.
/// - Neither the names of the copyright holders nor the names of the University of New South Wales and the University
///   of Waikato and its contributors may be used to endorse or promote products derived from this software without
///   specific prior written permission.
///
/// THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS "AS IS" AND ANY EXPRESS OR IMPLIED WARRANTIES, INCLUDING, BUT
/// NOT LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE DISCLAIMED. IN
/// NO EVENT SHALL THE COPYRIGHT HOLDERS BE LIABLE FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR
/// CONSEQUENTIAL DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR SERVICES; LOSS OF USE,
/// DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN CONTRACT,
/// STRICT LIABILITY, OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE OF THIS SOFTWARE,
/// EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.
#pragma once

#include <cstdint>

namespace hposearch::inline v0::numeric::detail {{

// clang-format off

/// Primitive polynomials over GF(2), a bit per coefficient, for every dimension but the first.
inline constexpr std::uint16_t sobol_polynomials[] = {{
{listing(polynomials[1:dimensions])}}};

/// Initial direction numbers m_1, m_2, ... of each polynomial in turn, as many as its degree.
inline constexpr std::uint16_t sobol_initial_numbers[] = {{
{listing(numbers)}}};

// clang-format on

}}  // namespace hposearch::inline v0::numeric::detail
"""
pathlib.Path("include/hposearch/numeric/sobol_directions.hpp").write_text(header)


def points(columns, indices):
    """Coordinates of the points with these indices as integers, in units of 2^-32."""
    sequence = qmc.Sobol(columns, scramble=False, bits=32)
    rows = []
    for index in indices:
        sequence.reset()
        if index > 0:
            sequence.fast_forward(index)
        rows.append((sequence.random(1)[0] * 2.0**32).astype(np.uint32))
    return rows


def table(name, rows):
    kind = f"std::array<std::array<std::uint32_t, {len(rows[0])}>, {len(rows)}>"
    text = ",\n".join(listing(row, "{{", "}}") for row in rows)
    return f"inline constexpr {kind} {name}{{{{\n{text}}}}};\n"


def mix(x):
    """The output function of SplitMix64."""
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB % 2**64
    return x ^ (x >> 31)


def scramble(x, seed):
    """Vegdahl's hash of the reversed bits."""
    x = int(f"{x:032b}"[::-1], 2)
    x ^= x * 0x3D20ADEA % 2**32
    x = (x + seed) % 2**32
    x = x * (seed >> 16 | 1) % 2**32
    x ^= x * 0x05526C56 % 2**32
    x ^= x * 0x53A22864 % 2**32
    return int(f"{x:032b}"[::-1], 2)


def scrambled(seed, point):
    return [scramble(int(x), mix((j + 1) * 0x9E3779B97F4A7C15 + seed & 2**64 - 1) >> 32) for j, x in enumerate(point)]


# Gray code of 43690 is all ones: every one of the first 16 direction numbers takes part.
few, many = list(range(17)) + [1000, 65535], [43690, 54321]
reference = f"""/// \\file
/// Points of scipy.stats.qmc.Sobol(scramble=False, bits=32), in units of 2^-32. Written by make_sobol_tables.py.
#pragma once

#include <array>
#include <cstdint>

namespace sobol_reference {{

// clang-format off

inline constexpr std::array<std::uint32_t, {len(few)}> few_indices{{
{listing(few)}}};
{table("few_dimensions", points(5, few))}
inline constexpr std::array<std::uint32_t, {len(many)}> many_indices{{
{listing(many)}}};
{table("many_dimensions", points(dimensions, many))}
/// Those of few_dimensions scrambled with seed 42, before half a unit is added.
{table("few_scrambled", [scrambled(42, row) for row in points(5, few)])}
// clang-format on

}}  // namespace sobol_reference
"""
pathlib.Path("tests/support/sobol_reference.hpp").write_text(reference)
