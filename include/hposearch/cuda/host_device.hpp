/// \file
/// Marks what is compiled for the processor and for a GPU.
#pragma once

#if defined(__CUDACC__)
#define HPOSEARCH_HOST_DEVICE __host__ __device__
#else
#define HPOSEARCH_HOST_DEVICE
#endif
