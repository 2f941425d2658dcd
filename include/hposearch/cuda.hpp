/// \file
/// The door of the component `cuda`: errors, devices, memory and streams by the CUDA runtime.
#pragma once

#include <hposearch/cuda/buffer.hpp>
#include <hposearch/cuda/devices.hpp>
#include <hposearch/cuda/error.hpp>
#include <hposearch/cuda/streams.hpp>
