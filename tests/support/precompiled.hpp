// What nearly every test includes and what costs most to read.
#pragma once

#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <Eigen/Core>

#include <support/catch.hpp>
