/// \file
/// The library's version. CMake reads it from here, so that it is written once.
#pragma once

#define HPOSEARCH_VERSION_MAJOR 0
#define HPOSEARCH_VERSION_MINOR 1
#define HPOSEARCH_VERSION_PATCH 0

namespace hposearch::inline v0 {

/// "MAJOR.MINOR.PATCH" of the headers that this translation unit was compiled with.
inline constexpr const char* version = "0.1.0";

}  // namespace hposearch::inline v0
