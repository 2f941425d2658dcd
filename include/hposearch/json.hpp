/// \file
/// Spaces and points as JSON. An optional part: needs nlohmann-json, and the CMake component `json`.
#pragma once

#include <hposearch/json/space.hpp>
