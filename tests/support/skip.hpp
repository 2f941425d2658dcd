// Says that a test case cannot be run here. ctest counts it as skipped.
#pragma once

#include <iostream>
#include <string_view>

namespace support {

/// To be followed by the test case's end.
inline void skip(std::string_view why) { std::cout << "skipped on this machine: " << why << std::endl; }

}  // namespace support
