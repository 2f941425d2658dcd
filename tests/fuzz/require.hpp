// A check that holds in every build: what the fuzzer is to find is an abort.
#pragma once

#include <cstdlib>

inline void require(bool holds) {
  if (!holds) std::abort();
}
