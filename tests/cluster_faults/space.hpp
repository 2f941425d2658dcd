// What the fault tests search, and what their worker program does with it.
#pragma once

#include <hposearch/space/categorical.hpp>
#include <hposearch/space/integer.hpp>
#include <hposearch/space/real.hpp>
#include <hposearch/space/space.hpp>

namespace faults {

namespace hpo = hposearch;

/// `what` a trial does for `ms` milliseconds; most return `x`.
///
/// wait: until it is stopped or its time is over; deaf: likewise, but it does not look at its stop token; spin:
/// likewise, at 100% of a processor; throw, exit, crash: at once.
inline const hpo::Space space{hpo::Categorical{"what", {"wait", "deaf", "spin", "throw", "exit", "crash"}},
                              hpo::Integer{"ms", 0, 1'000'000}, hpo::Real{"x", 0.0, 1.0}};
using P = decltype(space)::point_type;

[[nodiscard]] inline P trial_of(const char* what, int ms = 0, double x = 0.5) { return space.make_point(what, ms, x); }

}  // namespace faults
