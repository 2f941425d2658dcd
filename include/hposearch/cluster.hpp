/// \file
/// Trials on other machines: this program as the head of a cluster, and as its workers. Optional component `cluster`.
#pragma once

#ifdef __CUDACC__
#error "hposearch: network headers do not go through nvcc; include them in a .cpp file and keep only the kernels in .cu"
#endif

#include <hposearch/cluster/executor.hpp>
#include <hposearch/cluster/scheduler.hpp>
#include <hposearch/cluster/serve.hpp>
#include <hposearch/cluster/worker.hpp>
