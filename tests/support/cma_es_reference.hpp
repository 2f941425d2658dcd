// Written by cma_es_reference.py with cma 4.5.0: do not edit.
#pragma once

namespace cma_es_reference {

/// Median over 25 seeds of the evaluations to 1e-08 from 0.5 with sigma 0.3 in the unit cube; runs that end
/// elsewhere, in Rosenbrock's local minimum, are not counted.
struct Case {
  const char* function;
  int dimensions;
  double evaluations;
  int failures;
};

inline constexpr Case cases[]{
    {"sphere", 5, 720, 0},
    {"sphere", 10, 1500, 0},
    {"sphere", 20, 2952, 0},
    {"ellipsoid", 5, 1472, 0},
    {"ellipsoid", 10, 4040, 0},
    {"ellipsoid", 20, 13020, 0},
    {"rosenbrock", 5, 1816, 0},
    {"rosenbrock", 10, 5130, 0},
    {"rosenbrock", 20, 17280, 0},
};

}  // namespace cma_es_reference
