// What the tests on hardware check with.
#pragma once

#include <cstdio>
#include <string>

#include <hposearch/version.hpp>

namespace {

using namespace hposearch;

int failures = 0;

void check(bool holds, const std::string& what) {
  if (holds) return;
  ++failures;
  std::printf("FAILED: %s\n", what.c_str());
}

}  // namespace
